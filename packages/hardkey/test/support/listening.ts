// Whether a server has come up: the file of a socket is there before anybody listens at it.
import { connect, type NetConnectOpts } from 'node:net';

/** Whether a connection is taken. */
export function listens(place: NetConnectOpts): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(place);
    socket.once('connect', () => socket.end(() => resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
