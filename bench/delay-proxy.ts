/**
 * Stands before a server on this machine and lets everything that is sent to it arrive 5 ms later, as a
 * network would. A program of its own, so that it takes no time of those who are measured.
 *
 * `node bench/delay-proxy.ts PORT` prints the port that it listens at, and ends with its standard input.
 *
 * @module
 */
import { type AddressInfo, connect, createServer } from 'node:net';

const DELAY_MS = 5;

const target = Number(process.argv[2]);
const server = createServer({ noDelay: true }, (socket) => {
  const onward = connect({ port: target, host: '127.0.0.1', noDelay: true });
  socket.on('data', (bytes) => setTimeout(() => onward.write(bytes), DELAY_MS));
  onward.on('data', (bytes) => socket.write(bytes));
  socket.on('close', () => onward.destroy());
  onward.on('close', () => socket.destroy());
  for (const one of [socket, onward]) one.on('error', () => one.destroy());
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.stdin.resume().on('end', () => process.exit());
