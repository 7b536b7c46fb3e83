// Every bit of the compressed bytes and every character of the text: a change is refused, or there is
// the same COSE inside. Which changes say nothing is a matter of the stream alone, so the texts are
// constants: by the Ed25519 key of RFC 8032 §7.1 TEST 1.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust, type FailureCode, isFailure } from 'hardkey';
import { decode } from 'hardkey/formats/claim169';
import { encodeBase45 } from '../../../../src/encoding/base45.ts';
import * as node from '../../../../src/formats/claim169/compression/node.ts';
import * as web from '../../../../src/formats/claim169/compression/web.ts';
import { AT, compressedOf, withBit } from '../support.ts';

const LIMIT = 65_536;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

const CODECS = {
  zlib: {
    text:
      'NCFOXNOG2MAH:%J.GO2341A6Y967 6-I60IQQ+Q%UDSZG G2XPM$NIXLGIM5$3WWUSHTQSH45*Q-*O1NGPVAIT8-%2WS59RJWQ4/%5WW9P' +
      'YEXX64LP:S9GUAA%GKQEO33HKB-43O334S8J*O2T92VBH9O/LPRL3O:1*%F6GHJEU2VM.DV22GG818+2OTVSNKYPO6B6K6RTZB2QBI/P32' +
      'SF4FKHJF.UG EM6RJK0U.A-7KYWD+$AF+1XTCDB8',
    // What fills the last byte of the deflated data (RFC 1951 §3.1), before the check sum.
    bits: [1307, 1308, 1309, 1310, 1311],
    characters: 3,
  },
  brotli: {
    text:
      'IA4LB0RRQ7$AP60OO0FA7J.CGPCN.C4DCRICVW6I%68CK5J8E80A9DIWENPEJ/5+ED$QE5$C.%5$9FQ$DTVDOD0:.6CF35T3X9I2KL-70 ' +
      'B94W56P00C8OCC9Z8BECP9EYYCX7DNA7+Q6-Q6O57768RVBIFCKBS*$K6IR-SO2 SUZ1FWV*7SPOFH NLH0BH1$Q6BUE4BF%PJNRNE+G9L' +
      'JRKN%RPV$3%8W4P2UWRG-KF27TRIZKDI+1',
    // The size of the window (RFC 7932 §9.1), where a larger one does as well.
    bits: [4, 5, 6],
    characters: 1,
  },
} as const;

const trust = await createTrust('ed25519:d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');

/** The code of the failure, or undefined where the text is accepted. */
async function refusal(text: string): Promise<FailureCode | undefined> {
  try {
    await decode(text, { trust, at: AT });
    return undefined;
  } catch (error) {
    if (isFailure(error)) return error.code;
    throw error;
  }
}

for (const codec of ['zlib', 'brotli'] as const) {
  const { text, bits, characters } = CODECS[codec];
  const bytes = compressedOf(text);
  const cose = await node.decompress(codec, bytes, LIMIT);

  /** Whether a changed text is accepted, which only the same content may be. */
  async function accepted(changed: string): Promise<boolean> {
    if ((await refusal(changed)) !== undefined) return false;
    const found = compressedOf(changed);
    for (const { decompress } of [node, web]) {
      assert.deepEqual(Uint8Array.from(await decompress(codec, found, LIMIT)), Uint8Array.from(cose));
    }
    return true;
  }

  test(`of ${bytes.length * 8} bits of a ${codec} stream ${bits.length} say nothing, and every other change is refused`, async () => {
    assert.equal(await refusal(text), undefined);
    const unseen: number[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      if (await accepted(encodeBase45(withBit(bytes, bit)))) unseen.push(bit);
    }
    assert.deepEqual(unseen, bits);
  });

  test(`of ${text.length * 44} changes of one character of a ${codec} text ${characters} say nothing, and every other is refused`, async () => {
    let unseen = 0;
    for (let at = 0; at < text.length; at++) {
      for (const other of ALPHABET) {
        if (other === text[at]) continue;
        if (await accepted(text.slice(0, at) + other + text.slice(at + 1))) unseen++;
      }
    }
    assert.equal(unseen, characters);
  });

  test(`both runtimes say of every changed bit of a ${codec} stream the same`, async () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = withBit(bytes, bit);
      const [ours, theirs] = await Promise.all([content(web), content(node)].map((read) => read(changed)));
      assert.deepEqual(ours, theirs, `bit ${bit}`);
    }
  });

  test(`a lower-case or a foreign character in a ${codec} text is MALFORMED`, async () => {
    for (let at = 0; at < text.length; at++) {
      for (const other of ['a', '\n', 'é', '\u{1F600}']) {
        assert.equal(await refusal(text.slice(0, at) + other + text.slice(at + 1)), 'MALFORMED');
      }
    }
  });

  /** What one runtime makes of a stream; undefined where it refuses. */
  function content({ decompress }: typeof node | typeof web) {
    return async (stream: Uint8Array): Promise<Uint8Array | undefined> => {
      try {
        return Uint8Array.from(await decompress(codec, stream, LIMIT));
      } catch (error) {
        assert.ok(isFailure(error, 'MALFORMED'), String(error));
        return undefined;
      }
    };
  }
}
