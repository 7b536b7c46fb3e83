// Photos in credentials, drawn by sharp.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { issuerSandbox, TRUST, ISSUER as URI } from './support/issuer.ts';

const { path, run, ok, fails, write, read, absentSigner } = issuerSandbox();

/** Soft shapes, as a face has them. */
async function picture(hue: number): Promise<Uint8Array> {
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="600" height="800">
    <rect width="600" height="800" fill="hsl(${hue} 30% 60%)"/><ellipse cx="300" cy="380" rx="190" ry="250" fill="#d0a080"/>
    <circle cx="230" cy="330" r="25"/><circle cx="370" cy="330" r="25"/><path d="M230 500q70 60 140 0" stroke="#822" stroke-width="14" fill="none"/></svg>`;
  return sharp(Buffer.from(drawing)).jpeg({ quality: 92 }).toBuffer();
}

write('ana.jpg', await picture(200));
write('no.jpg', 'not a picture');

const PERSON = '{"id":"3918592438","fullName":"Ana Example"}';
const ENCODE = ['claim169', 'encode', PERSON, '--key', 'issuer', '--issuer', URI, '--photo', 'ana.jpg'];

interface Face {
  readonly data: string;
  readonly format: number;
  readonly subFormat: number;
}

function identityOf(text: string): { readonly id: string; readonly face?: readonly Face[] } {
  return JSON.parse(ok(['claim169', 'decode', '-', ...TRUST, '--json'], { input: text })).identity;
}

async function drawnIn(text: string) {
  const [face, ...others] = identityOf(text).face ?? [];
  assert.ok(face !== undefined && others.length === 0);
  const bytes = Buffer.from(face.data, 'base64');
  const { channels } = await sharp(bytes).stats();
  const means = channels.map(({ mean }) => mean);
  const colours = Math.max(...means) - Math.min(...means);
  return { ...(await sharp(bytes).metadata()), bytes: bytes.length, subFormat: face.subFormat, colours };
}

test('--photo is drawn as large as --fit-qr has room for', async () => {
  const shown: number[] = [];
  for (const version of [18, 30]) {
    const { text, qrVersion } = JSON.parse(ok([...ENCODE, '--fit-qr', String(version), '--json']));
    assert.ok(qrVersion <= version && qrVersion >= version - 4, `${qrVersion}`);
    const drawn = await drawnIn(text);
    assert.deepEqual([drawn.format, drawn.subFormat], ['webp', 4]);
    shown.push(drawn.bytes);
  }
  assert.ok((shown[0] ?? 0) < (shown[1] ?? 0));
});

test('without a size the code is one that telephones read', () => {
  const { qrVersion } = JSON.parse(ok([...ENCODE, '--json']));
  assert.ok(qrVersion <= 25 && qrVersion > 18, `${qrVersion}`);
});

test('--fit-bytes, --photo-format and --photo-grey say how it is drawn', async () => {
  const text = ok([...ENCODE, '--fit-bytes', '700', '--photo-format', 'jpeg', '--photo-grey']);
  const drawn = await drawnIn(text);
  assert.deepEqual([drawn.format, drawn.subFormat], ['jpeg', 1]);
  assert.ok(drawn.bytes <= 700);
  assert.ok(drawn.colours < 1 && (await drawnIn(ok(ENCODE))).colours > 5);
});

test('--dry-run says how large it will be, and no key signs', () => {
  const dry = ['claim169', 'encode', PERSON, '--issuer', URI, ...absentSigner(), '--dry-run'];
  const size = JSON.parse(ok([...dry, '--photo', 'ana.jpg', '--fit-qr', '22', '--json']));
  assert.ok(size.qrVersion <= 22);
  assert.equal(size.coseBytes, size.claimsBytes + size.signatureBytes + size.envelopeBytes);
  assert.ok(size.photoBytes > 300 && size.photoBytes < size.claimsBytes);
  const rows = ok(dry).split('\n').slice(0, -1);
  assert.deepEqual(
    rows.map((row) => row.split(/ {2,}/)[0]),
    ['QR version', 'characters', 'COSE', 'claims', 'signature'],
  );
  const { text } = JSON.parse(ok([...ENCODE, '--fit-qr', '22', '--json']));
  assert.ok(Math.abs(text.length - size.characters) < 20);
});

test('pictures of the kinds that cameras and readers have are drawn, and JPEG 2000 is told apart', async () => {
  const drawing = sharp(await picture(120));
  for (const kind of ['png', 'webp', 'avif', 'tiff'] as const) {
    write(`ana.${kind}`, await drawing.clone().toFormat(kind).toBuffer());
    const dry = [...ENCODE.slice(0, -1), `ana.${kind}`, '--fit-bytes', '400', '--dry-run', '--json'];
    const { photoBytes } = JSON.parse(ok(dry));
    assert.ok(photoBytes > 200 && photoBytes <= 400, `${kind}: ${photoBytes}`);
  }
  const avif = await drawnIn(ok([...ENCODE, '--photo-format', 'avif']));
  assert.deepEqual([avif.format, avif.compression, avif.subFormat], ['heif', 'av1', 3]);
  const told = 'sharp as it is installed reads no JPEG 2000: convert the picture to PNG or JPEG';
  for (const begins of ['0000000c6a5020200d0a870a', 'ff4fff51']) {
    write('ana.jp2', Buffer.from(`${begins}00000000`, 'hex'));
    fails([...ENCODE.slice(0, -1), 'ana.jp2'], 65, `${told} (MALFORMED field=photo)`);
  }
});

test('a picture that is none is 65, one that finds no room and one that is not there 64', () => {
  const with_ = (...more: readonly string[]) => [...ENCODE.slice(0, -1), ...more];
  fails(with_('no.jpg'), 65, 'not a picture that can be read (MALFORMED field=photo)');
  fails(with_('ana.jpg', '--fit-qr', '3'), 64, 'no photo fits (ARGUMENT_INVALID field=photo)');
  fails(with_('gone.jpg'), 64, 'no such file (ARGUMENT_INVALID path=gone.jpg)');
});

test('sizes that are none, and options for a photo that is not there, are 64', () => {
  for (const [more, line] of [
    [['--fit-qr', '41'], '--fit-qr is a number from 1 to 40 (ARGUMENT_INVALID field=fit-qr)'],
    [['--fit-bytes', '1k'], '--fit-bytes is a number from 1 to 3000 (ARGUMENT_INVALID field=fit-bytes)'],
    [
      ['--photo-format', 'gif'],
      '--photo-format is one of webp, jpeg, avif (ARGUMENT_INVALID field=photo-format)',
    ],
  ] as const)
    fails([...ENCODE, ...more], 64, line);
  const plain = ENCODE.slice(0, -2);
  fails([...plain, '--fit-qr', '20'], 64, '--fit-qr is for --photo (ARGUMENT_INVALID field=fit-qr)');
  const issue = ['claim169', 'issue', '--in', 'people.csv', '--issuer', URI, '--dry-run'];
  fails([...issue, '--photos', '.'], 64, '--photos is for --photo-column (ARGUMENT_INVALID field=photos)');
});

test('without the image library it is 69, and says how to install it', () => {
  write(
    'absent.mjs',
    `import { registerHooks } from 'node:module';
     registerHooks({ resolve(name, context, next) {
       if (name === 'sharp') throw Object.assign(new Error('none'), { code: 'ERR_MODULE_NOT_FOUND' });
       return next(name, context);
     } });`,
  );
  const env = { NODE_OPTIONS: `--import ${pathToFileURL(path('absent.mjs'))}` };
  fails(
    ENCODE,
    69,
    'photos take the image library sharp: npm install sharp, with --global where hardkey was installed so (UNSUPPORTED field=photo)',
    { env },
  );
  // Nobody else needs it.
  ok(ENCODE.slice(0, -2), { env });
});

mkdirSync(path('pictures'));
write('pictures/ana.jpg', await picture(20));
write('pictures/ben.jpg', await picture(140));

const ROWS = `id,picture,fullName
1,ana.jpg,Ana
2,ben.jpg,Ben
3,,Without
4,gone.jpg,Gone
5,../ana.jpg,Outside
6,../no.jpg,Outside
7,no.jpg,None
`;
const issueFrom = (input: string, out: string, ...more: readonly string[]) => [
  'claim169',
  'issue',
  '--in',
  input,
  '--key',
  'issuer',
  '--issuer',
  URI,
  '--photo-column',
  'picture',
  '--photos',
  'pictures',
  '--fit-qr',
  '20',
  '--out',
  out,
  '--concurrency',
  '1',
  ...more,
];
const REFUSED = [
  /no such file \(ARGUMENT_INVALID line=5 field=photo path=.*pictures\/gone\.jpg\)/,
  /the photo is not in the folder of photos \(ARGUMENT_INVALID line=6 field=photo\)/,
  /the photo is not in the folder of photos \(ARGUMENT_INVALID line=7 field=photo\)/,
  /not a picture that can be read \(MALFORMED line=8 field=photo\)/,
];

function textsOf(name: string): readonly string[] {
  const lines = read(name).toString().split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line).text);
}

test('a column of CSV names the photo of each record, and a bad one is a bad record', async () => {
  write('pictures/no.jpg', 'not a picture');
  write('people.csv', ROWS);
  const { status, stderr } = run(issueFrom('people.csv', 'csv.ndjson'));
  assert.equal(status, 65);
  const lines = stderr.split('\n').slice(0, -1);
  assert.equal(lines.length, REFUSED.length);
  for (const [at, expected] of REFUSED.entries()) assert.match(lines[at] ?? '', expected);
  const [ana = '', ben = '', without = ''] = textsOf('csv.ndjson');
  assert.notEqual(identityOf(ana).face?.[0]?.data, identityOf(ben).face?.[0]?.data);
  assert.deepEqual(identityOf(without), { id: '3', fullName: 'Without' });
  assert.equal((await drawnIn(ana)).format, 'webp');
});

test('so does a field of NDJSON, in threads too', () => {
  const people = ['ana.jpg', 'ben.jpg', null, undefined, 5].map((name, at) =>
    JSON.stringify({ id: String(at + 1), picture: name }),
  );
  write('people.ndjson', people.join('\n'));
  const { status, stderr } = run(
    issueFrom('people.ndjson', 'threads.ndjson').map((one) => (one === '1' ? '2' : one)),
  );
  assert.deepEqual(
    [status, stderr],
    [65, 'hardkey: the name of a file is text (ARGUMENT_INVALID line=5 field=photo)\n'],
  );
  const faces = textsOf('threads.ndjson').map((text) => identityOf(text).face?.length ?? 0);
  assert.deepEqual(faces, [1, 1, 0, 0]);
});

test('--dry-run draws the photos too', () => {
  const args = issueFrom('people.csv', 'unused').filter((one) => !['--out', 'unused'].includes(one));
  const { status, stdout, stderr } = run([...args, '--dry-run', '--json']);
  assert.equal(status, 65);
  assert.equal(stderr.split('\n').length - 1, REFUSED.length);
  const said = JSON.parse(stdout);
  assert.deepEqual([said.good, said.failed], [3, 4]);
  assert.ok(said.largest.qrVersion <= 20);
});

test('the folder of photos is that of the input where none is named', () => {
  write('pictures/people.csv', 'picture,id\nana.jpg,1\n');
  const args = issueFrom('pictures/people.csv', 'beside.ndjson').filter(
    (one) => !['--photos', 'pictures'].includes(one),
  );
  ok(args);
  assert.equal(identityOf(textsOf('beside.ndjson')[0] ?? '').face?.length, 1);
});

test('a column that there is not, and other sizes in a run that was begun, are 64', () => {
  const other = issueFrom('people.csv', 'other.ndjson').map((one) => (one === 'picture' ? 'photo' : one));
  fails(other, 64, 'no such column (ARGUMENT_INVALID field=photo-column)');
  const changed = issueFrom('people.csv', 'csv.ndjson', '--resume');
  for (const [from, to, name] of [
    ['20', '21', 'fit-qr'],
    ['pictures', '.', 'photos'],
  ] as const) {
    const line = `the run was begun with another --${name} (ARGUMENT_INVALID field=${name})`;
    fails(
      changed.map((one) => (one === from ? to : one)),
      64,
      line,
    );
  }
  rmSync(path('csv.ndjson'));
});
