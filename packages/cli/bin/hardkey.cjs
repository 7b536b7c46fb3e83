#!/usr/bin/env node
// CommonJS in old syntax, so that a Node too old for the command still runs it as far as the sentence
// that says what to do, and so that `--version` answers without loading the command.
'use strict';

var FLOOR = [22, 18];
var UNAVAILABLE_HERE = 69;
var DEFECT = 70;

function start() {
  var have = process.versions.node.split('.').map(Number);
  if (have[0] < FLOOR[0] || (have[0] === FLOOR[0] && have[1] < FLOOR[1]))
    return stop(UNAVAILABLE_HERE, tooOld());
  var only = process.argv.length === 3 ? process.argv[2] : '';
  if (only === '--version' || only === '-V') return version();
  var entry = require('path').join(__dirname, '../dist/main.js');
  if (!require('fs').existsSync(entry))
    return stop(UNAVAILABLE_HERE, 'is not built: run `npm run build` in the repository and try again');
  require('./find-modules.cjs').findModules(entry);
  import('../dist/main.js')
    .then(function (command) {
      return command.main(process.argv.slice(2));
    })
    .then(
      function (status) {
        process.exitCode = status;
      },
      function (error) {
        stop(DEFECT, 'stopped on a defect of its own: ' + (error && error.message));
      },
    );
}

function version() {
  process.stdout.write(require('../package.json').version + '\n');
}

function tooOld() {
  return (
    'needs Node.js ' +
    FLOOR.join('.') +
    ' or newer and found ' +
    process.versions.node +
    ' at ' +
    process.execPath +
    ': install a newer one, or put it first on PATH ' +
    '(in a clone of the repository, `npx hardkey` uses the one that `npm ci` installed)'
  );
}

function stop(status, message) {
  process.stderr.write('hardkey ' + message + '\n');
  process.exitCode = status;
}

start();
