/**
 * How large credentials are: the smallest that is legal, against zlib alone and against the Python package
 * `claim169`. `bench/qr-sizes.ts`. The key is fixed and Ed25519 is deterministic, so the table is always
 * the same. Fails where the smallest is larger than zlib. Bytes after compression / characters / QR version.
 *
 * @module
 */
import { createKeys, Secret } from 'hardkey';
import { encode, inspect } from 'hardkey/formats/claim169';
import { memory } from 'hardkey/providers/memory';
import { ask, skip } from '../packages/hardkey/test/formats/claim169/peer/ask.ts';
import { toNames } from '../packages/hardkey/test/formats/claim169/peer/names.ts';
import { type Scenario, scenarios } from './qr-scenarios.ts';

// RFC 8032 §7.1, TEST 1.
const SECRET = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const PUBLIC = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
const META = {
  issuer: 'https://id.example.org',
  subject: '3918592438',
  expiresAt: 4_000_000_000,
  issuedAt: 1_800_000_000,
};

const keys = createKeys([memory()]);
const base64url = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url');
const jwk = { kty: 'OKP', crv: 'Ed25519', d: base64url(SECRET), x: base64url(PUBLIC) };
const material = new Secret(new TextEncoder().encode(JSON.stringify(jwk)));
const key = await keys.import('memory:sizes', { material });
const signer = key.use('Ed25519');

const all = await scenarios();
const python = typeof skip === 'string' ? undefined : textsOf(all);
const rows = await Promise.all(all.map(rowOf));
print(['', 'COSE bytes', 'zlib', 'Python', 'smallest', 'saved', 'by'], rows);
const [smaller, larger] = [rows.filter(({ less }) => less > 0), rows.filter(({ less }) => less < 0)];
const same = rows.length - smaller.length - larger.length;
console.log(`\nsmaller than zlib in ${smaller.length}, zlib itself in ${same}, larger in ${larger.length}`);
if (typeof skip === 'string') console.log(`without the Python package: ${skip}`);
process.exitCode = larger.length === 0 ? 0 : 1;

interface Sizes {
  readonly cells: readonly string[];
  /** Characters that are saved. */
  readonly less: number;
}

async function rowOf({ name, identity }: Scenario, index: number): Promise<Sizes> {
  // Without the id of the key, which the package does not write.
  const options = { signer, keyId: null } as const;
  const zlib = await encode(identity, META, { ...options, compression: 'zlib' });
  const smallest = await encode(identity, META, options);
  const { coseBytes } = await inspect(smallest.text);
  const less = zlib.text.length - smallest.text.length;
  const theirs = python?.[index];
  return {
    less,
    cells: [
      name,
      String(coseBytes),
      await sizeOf(zlib.text),
      theirs === undefined ? '' : await sizeOf(theirs),
      await sizeOf(smallest.text),
      `${((100 * less) / zlib.text.length).toFixed(1)} %`,
      smallest.compression,
    ],
  };
}

/** Bytes after compression, characters and QR version. */
async function sizeOf(text: string): Promise<string> {
  const { compressedBytes, characters, qrVersion } = await inspect(text);
  return `${compressedBytes} / ${characters} / ${qrVersion}`;
}

/** The texts of the Python package, where it can write all that there is. */
function textsOf(all: readonly Scenario[]): readonly (string | undefined)[] {
  const questions = all.map(({ identity }) => ({
    op: 'encode' as const,
    claim: toNames(identity),
    meta: toNames(META),
    key: SECRET,
    algorithm: 'EdDSA',
  }));
  return ask(questions).map(({ text }) => text);
}

function print(head: readonly string[], rows: readonly Sizes[]): void {
  for (const cells of [head, head.map(() => '---'), ...rows.map((row) => row.cells)])
    console.log(`| ${cells.join(' | ')} |`);
}
