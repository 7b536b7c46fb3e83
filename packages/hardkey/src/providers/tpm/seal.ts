/**
 * Data that only this TPM opens, in a text of its own.
 *
 * @module
 */
import { Secret } from '../../core/secret.ts';
import { Failure } from '../../errors.ts';
import { unseal as unsealCommand } from '../../protocols/tpm/commands/objects.ts';
import { permanent } from '../../protocols/tpm/identifiers.ts';
import { decodeKeyFile, encodeKeyFile } from '../../protocols/tpm/key-file.ts';
import { sealTemplate } from '../../protocols/tpm/templates.ts';
import type { Context } from './context.ts';
import { objectIn } from './found-key.ts';
import { makeObject } from './make-key.ts';
import { executeOn } from './object.ts';
import type { Tpm } from './tpm.ts';

/** Part 2 §11.1.13, MAX_SYM_DATA. */
const DATA_MOST = 128;

/** Seals data, bound to the registers of the configuration. The text is a TSS2 file. */
export async function sealData(
  context: Context,
  tpm: Tpm,
  data: Uint8Array,
  value: Uint8Array,
): Promise<string> {
  if (data.length === 0 || data.length > DATA_MOST) {
    throw new Failure('ARGUMENT_INVALID', `1 to ${DATA_MOST} bytes can be sealed`, { field: 'data' });
  }
  const hasValue = value.length > 0;
  const made = await makeObject(context, tpm, { value, data }, (policy) => sealTemplate(hasValue, policy));
  const { publicArea, privateArea } = made.source;
  return encodeKeyFile({
    kind: 'sealed',
    emptyAuth: !hasValue,
    policy: made.policy,
    rsaParent: false,
    parent: permanent.owner,
    publicArea,
    privateArea,
  });
}

/** Opens what was sealed. Throws `DENIED` for a wrong value, or registers that are not what they were. */
export async function unsealData(
  context: Context,
  tpm: Tpm,
  text: string,
  value: Uint8Array,
): Promise<Secret> {
  const file = decodeKeyFile(text);
  if (file.kind !== 'sealed') {
    throw new Failure('ARGUMENT_INVALID', 'a key, and no sealed data', { field: 'tpm.keyFile' });
  }
  const object = { ...(await objectIn(context, tpm, file)), value };
  const { response } = await executeOn(tpm, unsealCommand, {}, [object]);
  const secret = new Secret(response.outData);
  response.outData.fill(0);
  return secret;
}
