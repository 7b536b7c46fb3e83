// Our statements and credentials in the hands of tpm2-tools and OpenSSL, and credentials of theirs in ours.
import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ecdsaToDer, parseKeyRef } from 'hardkey';
import { type TpmProvider, tpm } from 'hardkey/providers/tpm';
import { component } from '../../../../../scripts/components/index.ts';
import { concat } from '../../../src/encoding/bytes.ts';
import { encodeHex } from '../../../src/encoding/hex.ts';
import { decodeTpm, encodeTpm, sized, struct } from '../../../src/protocols/tpm/codec.ts';
import { makeCredential } from '../../../src/protocols/tpm/credential.ts';
import { decodeRequest, encodeChallenge } from '../../../src/protocols/tpm/enrolment.ts';
import { decodeEvidence } from '../../../src/protocols/tpm/evidence.ts';
import { objectName } from '../../../src/protocols/tpm/name.ts';
import { publicArea, sizedPublicArea } from '../../../src/protocols/tpm/public-area.ts';
import { signatureBytes } from '../../../src/protocols/tpm/public-key.ts';
import { signature as signatureCodec } from '../../../src/protocols/tpm/structures.ts';
import { nodeCrypto } from '../../../src/providers/tpm/crypto.ts';
import { swtpmFor, tpm2 } from '../../support/swtpm.ts';

const openssl = component('openssl');
const skip = component('swtpm').missing ?? component('tpm2-tools').missing ?? openssl.missing ?? false;
const nonce = Buffer.from('what nobody could know');

/** One TPM for us and for others, of whom only one is connected at a time. */
interface Bench {
  readonly path: (name: string) => string;
  readonly spawn: (command: string, ...args: readonly string[]) => SpawnSyncReturns<string>;
  /** Runs a program of tpm2-tools that has to end well. */
  readonly tool: (name: string, ...args: readonly string[]) => string;
  readonly using: <T>(act: (provider: TpmProvider) => Promise<T>) => Promise<T>;
}

async function benchFor(t: TestContext): Promise<Bench> {
  const swtpm = await swtpmFor(t, { transport: 'tcp' });
  const options = { cwd: swtpm.state, env: { ...process.env, ...swtpm.env }, encoding: 'utf8' } as const;
  const spawn = (command: string, ...args: readonly string[]): SpawnSyncReturns<string> =>
    spawnSync(command, args, options);
  return {
    path: (name) => join(swtpm.state, name),
    spawn,
    tool(name, ...args) {
      const { status, stdout, stderr } = spawn(tpm2(name), ...args);
      assert.equal(status, 0, `${name} ${args.join(' ')}: ${stderr}`);
      return stdout;
    },
    async using(act) {
      const provider = tpm({ device: swtpm.device });
      try {
        return await act(provider);
      } finally {
        await provider.close();
      }
    },
  };
}

test('tpm2_checkquote accepts our quote, for its nonce only', { skip }, async (t) => {
  const { path, spawn, using } = await benchFor(t);
  const { evidence, root } = await using(async (provider) => ({
    evidence: decodeEvidence(await provider.quote({ nonce, pcrs: 'sha256:0,7' })),
    root: await provider.attestationKey(),
  }));
  writeFileSync(path('root.pem'), root.toPem());
  writeFileSync(path('message'), evidence.attest);
  writeFileSync(path('signature'), evidence.signature);
  const check = (qualification: Uint8Array): number | null =>
    spawn(
      tpm2('checkquote'),
      ...['-u', 'root.pem', '-m', 'message', '-s', 'signature', '-g', 'sha256'],
      ...['-q', encodeHex(qualification)],
    ).status;
  assert.equal(check(nonce), 0);
  assert.notEqual(check(Buffer.from('another nonce')), 0);
});

test('OpenSSL finds our statement of a key signed by the key that attests', { skip }, async (t) => {
  const { path, spawn, using } = await benchFor(t);
  const { evidence, root } = await using(async (provider) => {
    const key = await provider.create?.(parseKeyRef('tpm:handle=0x81000100'), { algorithm: 'ES256' });
    const bytes = (await key?.attest?.({ nonce })) ?? new Uint8Array();
    return { evidence: decodeEvidence(bytes), root: await provider.attestationKey() };
  });
  const made = decodeTpm(signatureCodec, evidence.signature, 'signature');
  writeFileSync(path('root.pem'), root.toPem());
  writeFileSync(path('message'), evidence.attest);
  writeFileSync(path('signature'), ecdsaToDer(signatureBytes(made, 64)));
  const args = ['dgst', '-sha256', '-verify', 'root.pem', '-signature', 'signature', 'message'];
  assert.equal(spawn(openssl.path, ...args).stdout, 'Verified OK\n');
});

/** What tpm2_makecredential writes: a magic number and a version, then both parts. */
const HEAD = Uint8Array.of(0xba, 0xdc, 0xc0, 0xde, 0, 0, 0, 1);
const parts = struct<{ readonly credentialBlob: Uint8Array; readonly secret: Uint8Array }>({
  credentialBlob: sized(1024),
  secret: sized(1024),
});

test('our TPM answers a challenge of tpm2_makecredential', { skip }, async (t) => {
  const { path, tool, using } = await benchFor(t);
  const request = decodeRequest(await using((provider) => provider.enrolmentRequest()));
  const attesting = decodeTpm(publicArea, request.attestationKey, 'attestationKey');
  const name = objectName(attesting, nodeCrypto.hash);
  writeFileSync(path('secret'), 'what only this TPM reads');
  writeFileSync(
    path('ek.pub'),
    encodeTpm(sizedPublicArea, decodeTpm(publicArea, request.endorsementKey, 'endorsementKey')),
  );
  const args = ['-T', 'none', '-u', 'ek.pub', '-n', encodeHex(name), '-s', 'secret', '-o', 'challenge'];
  tool('makecredential', ...args);
  const written = readFileSync(path('challenge'));
  assert.deepEqual(written.subarray(0, HEAD.length), Buffer.from(HEAD));
  const challenge = encodeChallenge(decodeTpm(parts, written.subarray(HEAD.length), 'challenge'));
  const answer = await using((provider) => provider.answerChallenge(challenge));
  assert.equal(Buffer.from(answer).toString(), 'what only this TPM reads');
});

for (const kind of ['ecc', 'rsa']) {
  test(`tpm2_activatecredential reads our challenge to its ${kind} endorsement key`, { skip }, async (t) => {
    const { path, tool } = await benchFor(t);
    const areaOf = (file: string) => decodeTpm(sizedPublicArea, readFileSync(path(file)), file);
    tool('createek', '-G', kind, '-c', 'ek.ctx', '-u', 'ek.pub');
    tool('flushcontext', '-t');
    tool(
      'createak',
      '-C',
      'ek.ctx',
      '-c',
      'ak.ctx',
      '-G',
      'ecc',
      '-g',
      'sha256',
      '-s',
      'ecdsa',
      '-u',
      'ak.pub',
    );
    tool('flushcontext', '-t');
    const name = objectName(areaOf('ak.pub'), nodeCrypto.hash);
    const secret = Buffer.from('what only this TPM reads');
    const credential = makeCredential(nodeCrypto, areaOf('ek.pub'), name, secret);
    assert.ok(credential !== undefined);
    writeFileSync(path('challenge'), concat(HEAD, encodeTpm(parts, credential)));
    tool('startauthsession', '--policy-session', '-S', 'session');
    tool('policysecret', '-S', 'session', '-c', 'e');
    const keys = ['-c', 'ak.ctx', '-C', 'ek.ctx', '-P', 'session:session'];
    tool('activatecredential', ...keys, '-i', 'challenge', '-o', 'answer');
    assert.deepEqual(readFileSync(path('answer')), secret);
  });
}
