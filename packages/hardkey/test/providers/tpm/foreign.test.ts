// Keys of ours in the hands of tpm2-tools and of OpenSSL with tpm2-openssl, and keys of theirs in ours.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  type Algorithm,
  ecdsaToDer,
  type KeySpec,
  type PublicKey,
  parseKeyRef,
  type SignatureAlgorithm,
  verify,
} from 'hardkey';
import { type TpmConfig, tpm } from 'hardkey/providers/tpm';
import { component } from '../../../../../scripts/components/index.ts';
import { DerReader, derTag } from '../../../src/encoding/der.ts';
import { decodePem } from '../../../src/encoding/pem.ts';
import { failsWith } from '../../support/failures.ts';
import { type Swtpm, swtpmFor, tpm2 } from '../../support/swtpm.ts';
import { secretOf, specOf } from './support.ts';

const openssl = component('openssl');
const missing = ['swtpm', 'tpm2-tools', 'openssl'].map((name) => component(name as 'swtpm').missing);
const skip = missing.find((reason) => reason !== undefined) ?? false;
const MESSAGE = Buffer.from('what both sides sign');

/** One TPM for us and for others, of whom only one is connected at a time. */
interface Bench {
  readonly swtpm: Swtpm;
  readonly path: (name: string) => string;
  /** Runs a program in the folder; its output when it ends well. */
  readonly run: (command: string, ...args: readonly string[]) => string;
  /** Signs with a key, and lets the TPM go. */
  readonly sign: (ref: string, name: SignatureAlgorithm, config?: TpmConfig) => Promise<Signed>;
  readonly create: (ref: string, spec: KeySpec) => Promise<PublicKey>;
}

interface Signed {
  readonly signature: Uint8Array;
  readonly publicKey: PublicKey;
}

async function benchFor(t: TestContext): Promise<Bench> {
  const swtpm = await swtpmFor(t, { transport: 'tcp' });
  const path = (name: string): string => join(swtpm.state, name);
  writeFileSync(path('message'), MESSAGE);
  const full = (ref: string) => parseKeyRef(ref.replace('file=', `file=${swtpm.state}/`));
  return {
    swtpm,
    path,
    run(command, ...args) {
      const { status, stdout, stderr } = spawnSync(command, args, {
        cwd: swtpm.state,
        env: { ...process.env, ...swtpm.env },
        encoding: 'utf8',
        timeout: 60_000,
      });
      assert.equal(status, 0, `${command} ${args.join(' ')}: ${stderr}`);
      // Without a resource manager, what a tool loads stays.
      if (command.includes('tpm2_'))
        spawnSync(tpm2('flushcontext'), ['-t'], { env: { ...process.env, ...swtpm.env } });
      return stdout;
    },
    async sign(ref, name, config) {
      const provider = tpm({ device: swtpm.device, ...config });
      try {
        const key = await provider.open(full(ref));
        const { publicKey, sign } = key.use(name);
        const signature = await sign(MESSAGE);
        await verify(publicKey, name, MESSAGE, signature);
        return { signature, publicKey };
      } finally {
        await provider.close();
      }
    },
    async create(ref, spec) {
      const provider = tpm({ device: swtpm.device });
      try {
        const key = await provider.create?.(full(ref), spec);
        assert.ok(key?.publicKey !== undefined);
        return key.publicKey;
      } finally {
        await provider.close();
      }
    },
  };
}

/** How OpenSSL is told of an algorithm. */
const OPENSSL: Readonly<Partial<Record<Algorithm, readonly string[]>>> = {
  ES256: ['-sha256'],
  ES384: ['-sha384'],
  RS256: ['-sha256'],
  PS384: ['-sha384', '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest'],
};
const WITH_TPM = ['-provider', 'tpm2', '-provider', 'default', '-propquery', '?provider=tpm2'];

for (const algorithm of ['ES256', 'ES384', 'RS256', 'PS384'] as const) {
  test(`OpenSSL accepts our ${algorithm}, and signs with our key file`, { skip }, async (t) => {
    const { create, sign, run, path } = await benchFor(t);
    const publicKey = await create('tpm:file=ours.pem', specOf(algorithm));
    writeFileSync(path('ours.pub'), publicKey.toPem());
    const { signature } = await sign('tpm:file=ours.pem', algorithm);
    writeFileSync(path('signature'), algorithm.startsWith('E') ? ecdsaToDer(signature) : signature);
    const digest = OPENSSL[algorithm] ?? [];
    const check = ['dgst', ...digest, '-verify', 'ours.pub', '-signature', 'signature', 'message'];
    assert.equal(run(openssl.path, ...check), 'Verified OK\n');
    run(openssl.path, 'dgst', ...WITH_TPM, ...digest, '-sign', 'ours.pem', '-out', 'signature', 'message');
    assert.equal(run(openssl.path, ...check), 'Verified OK\n');
  });
}

test('tpm2-tools accept our signatures, and sign with our keys at handles and from files', {
  skip,
}, async (t) => {
  const { create, sign, run, path, swtpm } = await benchFor(t);
  const atHandle = await create('tpm:handle=0x81000100', { algorithm: 'ES256' });
  const inFile = await create('tpm:file=ours.pem', { algorithm: 'ES256' });
  writeFileSync(path('handle.pub'), atHandle.toPem());
  writeFileSync(path('file.pub'), inFile.toPem());
  const { signature } = await sign('tpm:handle=0x81000100', 'ES256');
  writeFileSync(path('signature'), ecdsaToDer(signature));
  const load = ['-C', 'n', '-G', 'ecc', '-u', 'handle.pub', '-c', 'external.ctx'];
  const verifyOurs = [
    '-c',
    'external.ctx',
    '-g',
    'sha256',
    '-f',
    'ecdsa',
    '-m',
    'message',
    '-s',
    'signature',
  ];
  run(tpm2('loadexternal'), ...load);
  run(tpm2('verifysignature'), ...verifyOurs);
  writeFileSync(path('message'), 'another message');
  const env = { ...process.env, ...swtpm.env };
  assert.notEqual(spawnSync(tpm2('verifysignature'), verifyOurs, { cwd: swtpm.state, env }).status, 0);
  spawnSync(tpm2('flushcontext'), ['-t'], { env });

  const signing = ['-g', 'sha256', '-f', 'plain', '-o', 'signature', 'message'];
  run(tpm2('sign'), '-c', '0x81000100', ...signing);
  const check = (name: string): string =>
    run(openssl.path, 'dgst', '-sha256', '-verify', name, '-signature', 'signature', 'message');
  assert.equal(check('handle.pub'), 'Verified OK\n');
  // tpm2_load of 5.4 takes the two parts of a key file, and not the file.
  const [pub, priv] = partsOf(readFileSync(path('ours.pem'), 'latin1'));
  writeFileSync(path('ours.u'), pub);
  writeFileSync(path('ours.r'), priv);
  run(tpm2('createprimary'), '-C', 'o', '-G', 'ecc256', '-c', 'parent.ctx', '-a', STORAGE);
  run(tpm2('load'), '-C', 'parent.ctx', '-u', 'ours.u', '-r', 'ours.r', '-c', 'ours.ctx');
  run(tpm2('sign'), '-c', 'ours.ctx', ...signing);
  assert.equal(check('file.pub'), 'Verified OK\n');
});

const STORAGE = 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|decrypt';

/** TPM2B_PUBLIC and TPM2B_PRIVATE, which are the last two elements. */
function partsOf(text: string): readonly [Uint8Array, Uint8Array] {
  const [block] = decodePem(text);
  const body = new DerReader(block?.bytes ?? new Uint8Array()).enter();
  const found: Uint8Array[] = [];
  while (!body.done) {
    const { tag } = body;
    const contents = body.read(tag);
    if (tag === derTag.octetString) found.push(contents);
  }
  const [pub = new Uint8Array(), priv = new Uint8Array()] = found;
  return [pub, priv];
}

test('keys that OpenSSL made are ours to use', { skip }, async (t) => {
  const { sign, run } = await benchFor(t);
  run(openssl.path, 'genpkey', ...WITH_TPM, '-algorithm', 'EC', '-pkeyopt', 'group:P-384', '-out', 'ec.pem');
  run(openssl.path, 'genpkey', ...WITH_TPM, '-algorithm', 'RSA', '-pkeyopt', 'bits:2048', '-out', 'rsa.pem');
  await sign('tpm:file=ec.pem', 'ES384');
  await sign('tpm:file=rsa.pem', 'RS256');
  await sign('tpm:file=rsa.pem', 'PS512');
});

test('keys that tpm2-tools made are ours to use, under whatever primary key', { skip }, async (t) => {
  const { sign, run } = await benchFor(t);
  for (const primary of [
    ['-G', 'ecc256', '-a', STORAGE],
    // Without noDA, as is the default of the tool; and an RSA key.
    ['-G', 'ecc256'],
    ['-G', 'rsa2048', '-a', STORAGE],
  ]) {
    run(tpm2('createprimary'), '-C', 'o', ...primary, '-c', 'parent.ctx');
    run(tpm2('create'), '-C', 'parent.ctx', '-G', 'ecc256:ecdsa-sha256', '-u', 'key.u', '-r', 'key.r');
    run(tpm2('encodeobject'), '-C', 'parent.ctx', '-u', 'key.u', '-r', 'key.r', '-o', 'key.pem');
    await sign('tpm:file=key.pem', 'ES256');
  }
  run(tpm2('load'), '-C', 'parent.ctx', '-u', 'key.u', '-r', 'key.r', '-c', 'key.ctx');
  run(tpm2('evictcontrol'), '-C', 'o', '-c', 'key.ctx', '0x81000300');
  await sign('tpm:handle=0x81000300', 'ES256');
});

test('a key of tpm2-tools under a parent that stays in the TPM, with a value', { skip }, async (t) => {
  const { sign, run } = await benchFor(t);
  run(tpm2('createprimary'), '-C', 'o', '-G', 'ecc256', '-a', STORAGE, '-c', 'parent.ctx');
  run(tpm2('evictcontrol'), '-C', 'o', '-c', 'parent.ctx', '0x81000001');
  run(tpm2('create'), '-C', '0x81000001', '-G', 'rsa2048', '-p', 'secret', '-u', 'key.u', '-r', 'key.r');
  // Of 5.4, which says the opposite of what is so of keys that have a value.
  for (const said of [['-p'], []]) {
    run(tpm2('encodeobject'), '-C', '0x81000001', '-u', 'key.u', '-r', 'key.r', ...said, '-o', 'key.pem');
    await sign('tpm:file=key.pem', 'PS256', { auth: secretOf('secret') });
  }
  await assert.rejects(
    sign('tpm:file=key.pem', 'PS256', { auth: secretOf('wrong') }),
    failsWith('DENIED', { operation: 'TPM2_Sign' }),
  );
  const isNotGuessed = (): Promise<void> =>
    assert.rejects(sign('tpm:file=key.pem', 'PS256'), failsWith('ARGUMENT_INVALID', { field: 'tpm.auth' }));
  // One wrong value counts now, so that an empty one is not tried; nor is it where the first one would lock.
  await isNotGuessed();
  run(tpm2('dictionarylockout'), '--clear-lockout');
  run(tpm2('dictionarylockout'), '--setup-parameters', '--max-tries', '1');
  await isNotGuessed();
});

test('OpenSSL makes a request with our key that it accepts itself', { skip }, async (t) => {
  const { create, run } = await benchFor(t);
  await create('tpm:file=ours.pem', { algorithm: 'ES256' });
  run(openssl.path, 'req', ...WITH_TPM, '-new', '-key', 'ours.pem', '-subj', '/CN=ours', '-out', 'ours.csr');
  run(openssl.path, 'req', '-in', 'ours.csr', '-verify', '-noout');
});

test('a key file of another TPM is DENIED', { skip }, async (t) => {
  const [here, there] = [await benchFor(t), await benchFor(t)];
  await there.create('tpm:file=ours.pem', { algorithm: 'ES256' });
  writeFileSync(here.path('ours.pem'), readFileSync(there.path('ours.pem')));
  await assert.rejects(
    here.sign('tpm:file=ours.pem', 'ES256'),
    failsWith('DENIED', { operation: 'TPM2_Load' }),
  );
});
