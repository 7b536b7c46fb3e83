#!/usr/bin/env node
// CommonJS in old syntax, so that a Node too old for the emulators still runs it as far as the sentence that
// says what to do.
'use strict';

var FLOOR = [22, 18];

function start() {
  var have = process.versions.node.split('.').map(Number);
  if (have[0] < FLOOR[0] || (have[0] === FLOOR[0] && have[1] < FLOOR[1]))
    return stop('needs Node.js ' + FLOOR.join('.') + ' or newer and found ' + process.versions.node);
  if (!require('fs').existsSync(require('path').join(__dirname, '../dist/main.js')))
    return stop('is not built: run `npm run build` in the repository and try again');
  import('../dist/main.js')
    .then(function (command) {
      return command.main(process.argv.slice(2));
    })
    .then(
      function (status) {
        process.exitCode = status;
      },
      function (error) {
        stop('stopped on a defect of its own: ' + (error && error.message));
      },
    );
}

function stop(message) {
  process.stderr.write('hardkey-emulator ' + message + '\n');
  process.exitCode = 69;
}

start();
