// A process of its own that is handed every bomb: it says what became of each, and how much memory it took.
import { createKeys, createTrust, isFailure } from 'hardkey';
import { decode, inspect } from 'hardkey/formats/claim169';
import { memory } from 'hardkey/providers/memory';
import { decompress } from '../../../../src/formats/claim169/compression/web.ts';
import { authority } from '../../../support/certificates.ts';
import { AT, compressedOf } from '../support.ts';
import { bombs } from './bombs.ts';

const keys = createKeys([memory()]);
const signer = (await keys.create('memory:signer', { algorithm: 'Ed25519' })).use('Ed25519');
const wrapper = (await keys.create('memory:wrapper', { algorithm: 'A256KW' })).use('A256KW');
const aead = (await keys.create('memory:aead', { algorithm: 'A256GCM' })).use('A256GCM');
const trust = await createTrust([signer.publicKey, authority({ subject: 'root' }).der]);
const texts: (readonly [string, string])[] = [];
for (const { name, make } of bombs) texts.push([name, await make({ signer, wrapper, aead })]);

/** A code and a field, or that nothing was refused. */
async function outcome(run: () => unknown): Promise<string> {
  try {
    await run();
    return 'decoded';
  } catch (error) {
    if (!isFailure(error)) throw error;
    return `${error.code} ${error.details.field ?? ''}`.trim();
  }
}

const before = process.resourceUsage().maxRSS;
const found: Record<string, readonly string[]> = {};
for (const [name, text] of texts) {
  const options = { trust, at: AT, decryptWith: [wrapper, aead], time: 'report' } as const;
  found[name] = [
    await outcome(() => decode(text, options)),
    await outcome(() => inspect(text)),
    // What a browser unpacks with, where there is anything to unpack.
    text.length > 16_384
      ? ''
      : await outcome(() =>
          decompress(name.includes('Brotli') ? 'brotli' : 'zlib', compressedOf(text), 65_536),
        ),
  ];
}
const grown = process.resourceUsage().maxRSS - before;
process.stdout.write(JSON.stringify({ found, grown: grown * 1024 }));
