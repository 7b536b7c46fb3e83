// Half of the time that the command takes to load goes into finding its two hundred modules: Node.js looks
// for each at every folder on its path, and for the kind of it in each package.json. But they say themselves
// where they are. What is loaded is the same, file for file, and only sooner.
'use strict';

const { readFileSync } = require('node:fs');
const { registerHooks } = require('node:module');
const { fileURLToPath, pathToFileURL } = require('node:url');

/** Options of Node.js that load something before the command, which may want to see how modules are found. */
const LOADS = /(^|\s)(-r|--(require|import|loader|experimental-loader))\b/;

/** Finds the modules of hardkey at once, from `entry` on, until the first package of somebody else. */
exports.findModules = (entry) => {
  if (LOADS.test([...process.execArgv, process.env.NODE_OPTIONS].join(' '))) return;
  const ours = new Set([pathToFileURL(entry).href]);
  const named = new Map();
  const found = (url) => {
    ours.add(url);
    return { url, format: 'module', shortCircuit: true };
  };
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (!ours.has(context.parentURL)) return next(specifier, context);
      if (specifier.startsWith('node:')) return { url: specifier, format: 'builtin', shortCircuit: true };
      if (/^\.\.?\/.*\.js$/.test(specifier)) return found(new URL(specifier, context.parentURL).href);
      if (!/^(hardkey(\/|$)|#)/.test(specifier)) {
        hooks.deregister();
        return next(specifier, context);
      }
      // These mean the same in each of our modules.
      if (!named.has(specifier)) named.set(specifier, next(specifier, context).url);
      return found(named.get(specifier));
    },
    load(url, context, next) {
      if (!ours.has(url)) return next(url, context);
      return { source: readFileSync(fileURLToPath(url), 'utf8'), format: 'module', shortCircuit: true };
    },
  });
};
