/**
 * `hardkey cert …`.
 *
 * @module
 */
import type { GroupRow } from './command.ts';
import { ALGORITHM, ALLOW_SOFTWARE, FINGERPRINT, JSON_FAILURES, KEY, OUT, STORE } from './options.ts';

/** Certificates for keys, wherever they are. */
export const CERT_COMMANDS: GroupRow = {
  name: 'cert',
  summary: 'ask for certificates',
  commands: [
    {
      name: 'csr',
      summary: 'write a request for a certificate, signed by the key',
      arguments: [],
      options: [
        KEY,
        { name: 'subject', value: 'NAME', help: "name that is asked for, as 'CN=Issuer,O=Example,C=CH'" },
        FINGERPRINT,
        ALGORITHM,
        ALLOW_SOFTWARE,
        OUT,
        ...STORE,
        JSON_FAILURES,
      ],
      examples: [
        "cert csr --key issuer --subject 'CN=Issuer,O=Example' --out issuer.csr",
        "cert csr --key tpm:handle=0x81000100 --subject 'CN=Gate 7' > gate.csr",
      ],
      load: () => import('../commands/cert/csr.ts'),
    },
  ],
};
