import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseKeyRef, Secret } from 'hardkey';
import { type TpmConfig, type TpmProvider, tpm } from 'hardkey/providers/tpm';
import { component } from '../../../../../scripts/components/index.ts';
import { decodeKeyFile } from '../../../src/protocols/tpm/key-file.ts';
import { failsWith } from '../../support/failures.ts';
import { type Swtpm, swtpmFor, tpm2 } from '../../support/swtpm.ts';
import { secretOf } from './support.ts';

const skip = component('swtpm').missing ?? component('tpm2-tools').missing ?? false;
const secret = (text: string): Secret => new Secret(new TextEncoder().encode(text));
const text = (opened: Secret): string => opened.use((bytes) => Buffer.from(bytes).toString());

/** Uses a provider, and lets the TPM go. */
async function using<T>(
  swtpm: Swtpm,
  config: Omit<TpmConfig, 'device'>,
  act: (provider: TpmProvider) => Promise<T>,
): Promise<T> {
  const provider = tpm({ device: swtpm.device, ...config });
  try {
    return await act(provider);
  } finally {
    await provider.close();
  }
}

function tool(swtpm: Swtpm, ...command: readonly string[]): string {
  const [name = '', ...args] = command;
  const { status, stdout, stderr } = spawnSync(tpm2(name), args, {
    cwd: swtpm.state,
    env: { ...process.env, ...swtpm.env },
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** Gives a register another value, for good until the TPM is reset. */
function extend(swtpm: Swtpm, register: number): void {
  tool(swtpm, 'pcrextend', `${register}:sha256=${'ab'.repeat(32)}`);
}

const tcp = (t: TestContext): Promise<Swtpm> => swtpmFor(t, { transport: 'tcp' });

test('what was sealed opens in the same TPM, and in no other', { skip }, async (t) => {
  const [here, there] = [await tcp(t), await tcp(t)];
  const sealed = await using(here, {}, (provider) => provider.seal(secret('to be kept')));
  assert.equal(decodeKeyFile(sealed).kind, 'sealed');
  assert.equal(text(await using(here, {}, (provider) => provider.unseal(sealed))), 'to be kept');
  await assert.rejects(
    using(there, {}, (provider) => provider.unseal(sealed)),
    failsWith('DENIED', { operation: 'TPM2_Load' }),
  );
});

test('a value opens what was sealed with it, and a wrong one is DENIED', { skip }, async (t) => {
  const swtpm = await tcp(t);
  await using(swtpm, {}, async (provider) => {
    const sealed = await provider.seal(secret('to be kept'), { auth: secret('1234') });
    assert.equal(text(await provider.unseal(sealed, { auth: secret('1234') })), 'to be kept');
    await assert.rejects(provider.unseal(sealed, { auth: secret('4321') }), failsWith('DENIED'));
    await assert.rejects(provider.unseal(sealed), failsWith('DENIED'));
  });
});

test('1 to 128 bytes are sealed', { skip }, async (t) => {
  const swtpm = await tcp(t);
  await using(swtpm, {}, async (provider) => {
    for (const length of [1, 128]) {
      const sealed = await provider.seal(new Secret(new Uint8Array(length).fill(7)));
      assert.equal((await provider.unseal(sealed)).length, length);
    }
    for (const length of [0, 129]) {
      await assert.rejects(
        provider.seal(new Secret(new Uint8Array(length))),
        failsWith('ARGUMENT_INVALID', { field: 'data' }),
      );
    }
  });
});

test('what is bound to registers is DENIED when they have other values', { skip }, async (t) => {
  const swtpm = await tcp(t);
  const config = { pcrs: 'sha256:7,16,23' };
  const file = parseKeyRef(`tpm:file=${join(swtpm.state, 'bound.pem')}`);
  const handle = parseKeyRef('tpm:handle=0x81000100');
  const message = new Uint8Array(3);
  const auth = { auth: secretOf('1234') };
  const sealed = await using(swtpm, config, async (provider) => {
    await provider.create?.(file, { algorithm: 'ES256' });
    return provider.seal(secret('to be kept'), { auth: secret('1234') });
  });
  await using(swtpm, { ...config, ...auth }, async (provider) => {
    await provider.create?.(handle, { algorithm: 'ES256' });
  });
  const use = async (): Promise<string> => {
    // The file says what it is bound to; of a handle, whoever uses it has to say it.
    await using(swtpm, {}, async (provider) => (await provider.open(file)).use('ES256').sign(message));
    await using(swtpm, { ...config, ...auth }, async (provider) =>
      (await provider.open(handle)).use('ES256').sign(message),
    );
    return text(await using(swtpm, {}, (provider) => provider.unseal(sealed, { auth: secret('1234') })));
  };
  assert.equal(await use(), 'to be kept');
  await assert.rejects(
    using(swtpm, { ...config, auth: secretOf('4321') }, async (provider) =>
      (await provider.open(handle)).use('ES256').sign(message),
    ),
    failsWith('DENIED', { operation: 'TPM2_Sign' }),
  );
  await assert.rejects(
    using(swtpm, auth, async (provider) => (await provider.open(handle)).use('ES256').sign(message)),
    failsWith('DENIED'),
  );
  extend(swtpm, 8);
  assert.equal(await use(), 'to be kept');
  extend(swtpm, 23);
  await assert.rejects(
    using(swtpm, {}, async (provider) => (await provider.open(file)).use('ES256').sign(message)),
    failsWith('DENIED'),
  );
  await assert.rejects(
    using(swtpm, { ...config, ...auth }, async (provider) =>
      (await provider.open(handle)).use('ES256').sign(message),
    ),
    failsWith('DENIED'),
  );
  await assert.rejects(
    using(swtpm, {}, (provider) => provider.unseal(sealed, { auth: secret('1234') })),
    failsWith('DENIED'),
  );
});

test('tpm2-tools read our policy as theirs', { skip }, async (t) => {
  const swtpm = await tcp(t);
  const sealed = await using(swtpm, { pcrs: 'sha256:0,7' }, (provider) =>
    provider.seal(secret('to be kept')),
  );
  const { authPolicy } = decodeKeyFile(sealed).publicArea;
  tool(swtpm, 'createpolicy', '--policy-pcr', '-l', 'sha256:0,7', '-L', 'policy');
  assert.deepEqual(Buffer.from(authPolicy), await readFile(join(swtpm.state, 'policy')));
});

test('a key is no sealed data, and sealed data is no key', { skip }, async (t) => {
  const swtpm = await tcp(t);
  const path = join(swtpm.state, 'key.pem');
  await using(swtpm, {}, async (provider) => {
    await provider.create?.(parseKeyRef(`tpm:file=${path}`), { algorithm: 'ES256' });
    await assert.rejects(
      provider.unseal(await readFile(path, 'utf8')),
      failsWith('ARGUMENT_INVALID', { field: 'tpm.keyFile' }),
    );
    await writeFile(path, await provider.seal(secret('to be kept')));
    await assert.rejects(provider.open(parseKeyRef(`tpm:file=${path}`)), failsWith('UNSUPPORTED'));
    await assert.rejects(provider.unseal('no PEM'), failsWith('MALFORMED'));
  });
});
