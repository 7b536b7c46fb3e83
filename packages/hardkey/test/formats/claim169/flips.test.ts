// What a changed bit does to a credential. Every accepted change is one that no reader can see.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure, type Trust } from 'hardkey';
import { decode, encode } from 'hardkey/formats/claim169';
import { encodeBase45 } from '../../../src/encoding/base45.ts';
import { decompress } from '../../../src/formats/claim169/compression/node.ts';
import { AT, compressedOf, coseOf, issuerFor, META, textOf, withBit } from './support.ts';

const IDENTITY = { id: 'ID-1', fullName: 'Ada Example', dateOfBirth: '19840418' };
/** How many changes of one bit may leave the content as it was, in one text. */
const UNSEEN = { zlib: 12, brotli: 8 } as const;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

/** The code of the failure, or undefined where the text is accepted. */
async function refusal(text: string, trust: Trust): Promise<string | undefined> {
  try {
    await decode(text, { trust, at: AT });
    return undefined;
  } catch (error) {
    assert.ok(isFailure(error), String(error));
    return error.code;
  }
}

for (const algorithm of ['Ed25519', 'ES256', 'PS256'] as const) {
  test(`no bit of a COSE_Sign1 by ${algorithm} may change`, async (t) => {
    const { signer, trust } = await issuerFor(t, algorithm);
    const { text } = await encode(IDENTITY, META, { signer, compression: 'zlib' });
    const cose = await coseOf(text);
    assert.equal(await refusal(textOf(cose), trust), undefined);
    const codes = new Set<string | undefined>();
    for (let bit = 0; bit < cose.length * 8; bit++)
      codes.add(await refusal(textOf(withBit(cose, bit)), trust));
    // A changed alg is one that is not known, or none of this key.
    const expected = new Set(['MALFORMED', 'UNSUPPORTED', 'VERIFICATION_FAILED']);
    assert.deepEqual(codes, expected);
  });
}

for (const compression of ['zlib', 'brotli'] as const) {
  /** Tries one changed text; whether it was accepted, which only the same content may be. */
  async function accepted(changed: string, cose: Uint8Array, trust: Trust): Promise<boolean> {
    if ((await refusal(changed, trust)) !== undefined) return false;
    assert.deepEqual(await decompress(compression, compressedOf(changed), 65_536), cose);
    return true;
  }

  test(`a changed bit of the ${compression} bytes is refused, or says the same`, async (t) => {
    const { signer, trust } = await issuerFor(t, 'ES256');
    const { text } = await encode(IDENTITY, META, { signer, compression });
    const bytes = compressedOf(text);
    const cose = await decompress(compression, bytes, 65_536);
    let unseen = 0;
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      if (await accepted(encodeBase45(withBit(bytes, bit)), cose, trust)) unseen++;
    }
    t.diagnostic(`${unseen} of ${bytes.length * 8} bits unseen`);
    assert.ok(unseen <= UNSEEN[compression], `${unseen}`);
  });

  test(`another character in a ${compression} text is refused, or says the same`, async (t) => {
    const { signer, trust } = await issuerFor(t, 'ES256');
    const { text } = await encode(IDENTITY, META, { signer, compression });
    const cose = await decompress(compression, compressedOf(text), 65_536);
    let unseen = 0;
    for (let at = 0; at < text.length; at++) {
      for (const other of ALPHABET) {
        if (other === text[at]) continue;
        if (await accepted(text.slice(0, at) + other + text.slice(at + 1), cose, trust)) unseen++;
      }
    }
    t.diagnostic(`${unseen} of ${text.length * 44} characters unseen`);
    assert.ok(unseen <= UNSEEN[compression], `${unseen}`);
  });

  test(`a lower-case or a foreign character in a ${compression} text is MALFORMED`, async (t) => {
    const { signer, trust } = await issuerFor(t);
    const { text } = await encode(IDENTITY, META, { signer, compression });
    for (let at = 0; at < text.length; at++) {
      for (const other of ['a', '\n', 'é']) {
        const changed = text.slice(0, at) + other + text.slice(at + 1);
        assert.equal(await refusal(changed, trust), 'MALFORMED');
      }
    }
  });
}
