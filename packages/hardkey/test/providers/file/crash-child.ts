// Does one operation on a store, is killed at a step of it, and tells its parent what was acknowledged.
import { writeSync } from 'node:fs';
import { observeSteps } from '../../../src/providers/file/steps.ts';
import { type Order, perform, providerOf } from './operations.ts';

const order = JSON.parse(process.argv[2] ?? '') as Order;
// The provider alone: hundreds of these processes start in one test.
const keys = providerOf(order);
let taken = 0;
observeSteps((step) => {
  if (taken++ === order.at) {
    writeSync(1, `killed ${step}\n`);
    process.kill(process.pid, 'SIGKILL');
  }
  return step !== order.leaveOut;
});
await perform(keys, order.operation);
writeSync(1, 'acknowledged\n');
