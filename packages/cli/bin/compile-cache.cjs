// Keeps what V8 compiles, so that the next call need not. Whoever writes into that folder writes what the
// command runs, so it is used only where nobody else can: ours alone, and below folders that nobody but us and
// root can change.
'use strict';

const { existsSync, lstatSync, mkdirSync, realpathSync } = require('node:fs');
const { enableCompileCache } = require('node:module');
const { homedir } = require('node:os');
const { dirname, isAbsolute, join } = require('node:path');

/**
 * Uses the folder from the second call on: a machine on which there is one call only has nothing of it. The
 * variables of Node.js, NODE_COMPILE_CACHE and NODE_DISABLE_COMPILE_CACHE, mean what they always do.
 */
exports.keepCompiled = () => {
  if (process.env.NODE_COMPILE_CACHE || process.env.NODE_DISABLE_COMPILE_CACHE || !process.geteuid) return;
  const { HOME: home = homedir(), XDG_CACHE_HOME: own = '' } = process.env;
  const caches = isAbsolute(own) ? own : join(home, '.cache');
  const folder = join(caches, 'hardkey', 'compiled');
  try {
    // What was there before is used. A folder that is new is named, and that is all.
    const isNew = [caches, dirname(folder), folder].map(made).at(-1);
    if (!isNew && isOursAlone(realpathSync(folder))) enableCompileCache(folder);
  } catch {
    // A home that is read only, or is none: everything is compiled anew.
  }
};

/** Makes a folder, and says whether it is new. Not those above it: in /proc, Node.js would try that for ever. */
function made(folder) {
  if (existsSync(folder)) return false;
  mkdirSync(folder, { mode: 0o700 });
  return true;
}

function isOursAlone(folder) {
  const { mode, uid } = lstatSync(folder);
  return uid === process.geteuid() && (mode & 0o077) === 0 && isSafe(dirname(folder));
}

/** Whether nobody but us and root can put another folder in the place of one below. */
function isSafe(folder) {
  const { mode, uid } = lstatSync(folder);
  // In a folder with the sticky bit, such as /tmp, everybody moves his own files only.
  const isShared = (mode & 0o022) !== 0 && (mode & 0o1000) === 0;
  if (isShared || (uid !== 0 && uid !== process.geteuid())) return false;
  return folder === dirname(folder) || isSafe(dirname(folder));
}
