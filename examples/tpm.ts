// What a TPM does beside signing: the certificate of its endorsement key is read, the TPM is enrolled by it, a
// secret is sealed, and what its registers hold is proved. Both sides are here; MAKER is a file with the
// certificates of the TPM's maker, PEM.
//
//   TPM_DEVICE=/dev/tpmrm0 MAKER=maker.pem node examples/tpm.ts
import { randomBytes, timingSafeEqual, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Secret } from 'hardkey';
import { verifyQuote } from 'hardkey/formats/attestation';
import { createChallenge, tpm } from 'hardkey/providers/tpm';

const { TPM_DEVICE: device = '/dev/tpmrm0', MAKER: maker = 'maker.pem' } = process.env;
const machine = tpm({ device });

// 1. The certificates that the maker left in the TPM, DER.
for (const certificate of await machine.endorsementCertificates()) {
  console.log('endorsed by:', new X509Certificate(certificate).issuer);
}

// 2. Enrolment. Whoever is to believe this TPM gets its request, and makes a challenge that no other TPM can
// answer. When the answer is right, the key that attests is known to be in it: pin it.
const request = await machine.enrolmentRequest();
const { challenge, secret, attestationKey } = await createChallenge(request, {
  roots: readFileSync(maker, 'utf8'),
});
const answer = await machine.answerChallenge(challenge);
console.log('enrolled:', timingSafeEqual(answer, secret));

// 3. A secret that this TPM opens again, and no other. The text is a TSS2 file: keep it where you like.
const sealed = await machine.seal(new Secret(new TextEncoder().encode('a passphrase')));
using opened = await machine.unseal(sealed);
console.log(
  'unsealed:',
  opened.use((bytes) => new TextDecoder().decode(bytes)),
);

// 4. What registers hold, for a nonce that the verifier chose. Verified anywhere, without the TPM.
const nonce = Uint8Array.from(randomBytes(16));
const evidence = await machine.quote({ nonce, pcrs: 'sha256:0,7' });
const { registers } = await verifyQuote(evidence, { nonce, roots: attestationKey.toPem() });
for (const { bank, index, value } of registers) console.log(bank, index, Buffer.from(value).toString('hex'));

await machine.close();
