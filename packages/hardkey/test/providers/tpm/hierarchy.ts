// TPM2_HierarchyChangeAuth (Part 3 §24.8), which the provider has no use for.

import { once } from 'node:events';
import { connect } from 'node:net';
import { authorize } from '../../../src/protocols/tpm/authorization.ts';
import { encodeTpm, struct } from '../../../src/protocols/tpm/codec.ts';
import { command, encodeCommand } from '../../../src/protocols/tpm/command.ts';
import { permanent } from '../../../src/protocols/tpm/identifiers.ts';
import { handleName } from '../../../src/protocols/tpm/name.ts';
import { digest } from '../../../src/protocols/tpm/structures.ts';
import { nodeCrypto } from '../../../src/providers/tpm/crypto.ts';
import type { Swtpm } from '../../support/swtpm.ts';

const changeAuth = command<{ readonly newAuth: Uint8Array }, object>({
  name: 'TPM2_HierarchyChangeAuth',
  code: 0x129,
  handles: ['authHandle'],
  auths: 1,
  request: struct<{ readonly newAuth: Uint8Array }>({ newAuth: digest }),
});

/** Gives a hierarchy that has no authorization value this one. */
export async function setHierarchyAuth(
  { device }: Swtpm,
  hierarchy: 'owner' | 'endorsement',
  value: string,
): Promise<void> {
  const handle = permanent[hierarchy];
  const parameters = encodeTpm(changeAuth.request, { newAuth: new TextEncoder().encode(value) });
  const { area } = authorize(nodeCrypto, changeAuth, [handleName(handle)], parameters, [
    { value: new Uint8Array() },
  ]);
  const socket = connect(device.slice('unix:'.length));
  await once(socket, 'connect');
  socket.write(encodeCommand(changeAuth.code, [handle], area, parameters));
  const [response] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  if (response.readUInt32BE(6) !== 0) throw new Error(`TPM_RC 0x${response.readUInt32BE(6).toString(16)}`);
}
