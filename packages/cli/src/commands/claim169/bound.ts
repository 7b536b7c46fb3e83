/**
 * What a credential is bound to: its status, and the key of its bearer.
 *
 * @module
 */
import { keyIdText } from 'hardkey';
import type { Decoded } from 'hardkey/formats/claim169';
import type { Field } from '../../render.ts';

type Bound = Pick<Decoded, 'confirmation' | 'credentialStatus'>;

/** As JSON: what is there. */
export function boundJson({ confirmation, credentialStatus }: Bound): Readonly<Record<string, unknown>> {
  const { publicKey, keyId } = confirmation ?? {};
  const holder = {
    ...(publicKey && { fingerprint: publicKey.fingerprint }),
    ...(keyId && { keyId: keyIdText(keyId) }),
  };
  const { statusList } = credentialStatus ?? {};
  return {
    ...(confirmation && { confirmation: holder }),
    ...(credentialStatus && { credentialStatus: { ...(statusList && { statusList }) } }),
  };
}

/** One line for each that is there. */
export function boundFields({ confirmation, credentialStatus }: Bound): readonly Field[] {
  const { publicKey, keyId } = confirmation ?? {};
  const { statusList } = credentialStatus ?? {};
  return [
    ['holder', publicKey?.fingerprint ?? (keyId && keyIdText(keyId))],
    ['status list', statusList && `${statusList.index} of ${statusList.uri}`],
  ];
}
