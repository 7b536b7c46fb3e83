import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrust, isFailure } from 'hardkey';
import { openSshsig, parseAllowedSigners, signSshsig, trustedSigners } from 'hardkey/formats/sshsig';
import { failsWith } from '../../support/failures.ts';
import { ssh, sshFolder } from '../../support/ssh.ts';
import { allowedLine, keygenAccepts, type Question, signerOf, utf8 } from './support.ts';

const CONTENT = utf8('content');
const folder = sshFolder();
const signer = await signerOf('ES256');
const other = await signerOf('Ed25519');
const signature = await signSshsig(CONTENT, { signer, namespace: 'file' });
const key = allowedLine(signer).split(' ').slice(1).join(' ');

/** Whether we accept what ssh-keygen is asked. */
async function accepts({
  allowed,
  identity = 'me@example.org',
  namespace,
  time,
}: Question): Promise<boolean> {
  const signers = await parseAllowedSigners(allowed);
  const trust = await createTrust(trustedSigners(signers, { namespace, identity }));
  const [, ...parts] = /^(....)(..)(..)(..)(..)(..)Z$/.exec(time ?? '') ?? [];
  const [year = 0, month = 0, ...rest] = parts.map(Number);
  const at = time === undefined ? {} : { at: new Date(Date.UTC(year, month - 1, ...rest)) };
  try {
    await openSshsig(signature, { content: CONTENT, trust, namespaces: [namespace], ...at });
    return true;
  } catch (error) {
    if (isFailure(error, 'VERIFICATION_FAILED')) return false;
    throw error;
  }
}

type Row = readonly [title: string, good: boolean, question: Partial<Question>];

const ROWS: readonly Row[] = [
  ['a plain line', true, {}],
  ['another identity', false, { identity: 'you@example.org' }],
  ['a pattern with a star', true, { allowed: `*@example.org ${key}` }],
  ['a pattern with a question mark', true, { allowed: `m?@example.org ${key}` }],
  ['a pattern that is too short', false, { allowed: `me@example ${key}` }],
  ['a pattern with stars that come back', true, { allowed: `*m*e@*.o*g ${key}` }],
  ['a pattern that excludes', false, { allowed: `!me@*,*@example.org ${key}` }],
  ['one of several principals', true, { allowed: `you@example.org,me@example.org ${key}` }],
  ['an empty pattern among the principals', true, { allowed: `,,me@example.org ${key}` }],
  ['an empty pattern among the namespaces', true, { allowed: `* namespaces="git,,file" ${key}` }],
  ['a quoted principal', true, { allowed: `"me@example.org" ${key}` }],
  ['a namespace that is allowed', true, { allowed: `* namespaces="git,file" ${key}` }],
  ['a namespace that is not', false, { allowed: `* namespaces="git,files" ${key}` }],
  ['a namespace by pattern', true, { allowed: `* namespaces="f*" ${key}` }],
  ['a namespace that is excluded', false, { allowed: `* namespaces="!file,*" ${key}` }],
  ['a namespace that was not signed for', false, { namespace: 'git' }],
  ['a line for an authority', false, { allowed: `* cert-authority ${key}` }],
  ['a line for another key', false, { allowed: allowedLine(other) }],
  ['the second line', true, { allowed: `# who\n\n${allowedLine(other)}\n${allowedLine(signer)}\n` }],
  ['before its time', false, { allowed: `* valid-after="20300101Z" ${key}`, time: '20291231235959Z' }],
  [
    'at the beginning of its time',
    true,
    { allowed: `* valid-after="20300101Z" ${key}`, time: '20300101000000Z' },
  ],
  [
    'at the end of its time',
    true,
    { allowed: `* valid-before="203001011200Z" ${key}`, time: '20300101120000Z' },
  ],
  ['after its time', false, { allowed: `* valid-before="20300101120000Z" ${key}`, time: '20300101120001Z' }],
  [
    'within its time and namespace',
    true,
    {
      allowed: `* valid-after="20200101Z",valid-before="20300101Z",namespaces="file" ${key}`,
      time: '20250101000000Z',
    },
  ],
];

for (const [title, good, change] of ROWS) {
  const question: Question = {
    content: CONTENT,
    signature,
    allowed: allowedLine(signer),
    namespace: 'file',
    ...change,
  };
  test(`${title} is ${good ? 'accepted' : 'refused'}`, async () => {
    assert.equal(await accepts(question), good);
  });
  test(`${title}: ssh-keygen has the same verdict`, { skip: ssh.missing ?? false }, () => {
    assert.equal(keygenAccepts(folder, question), good);
  });
}

test('without an identity anybody in the file counts', async () => {
  const signers = await parseAllowedSigners(`${allowedLine(signer)}\n${allowedLine(other)}`);
  assert.equal(trustedSigners(signers, { namespace: 'file' }).length, 2);
});

test('kinds of keys that are not known are passed over', async () => {
  const sk = `me sk-ssh-ed25519@openssh.com ${Buffer.from('\0\0\0\x1ask-ssh-ed25519@openssh.comx').toString('base64')}`;
  assert.equal((await parseAllowedSigners(`${sk}\n${allowedLine(signer)}`)).length, 1);
});

test('a time without a Z is that of this place', async () => {
  const [found] = await parseAllowedSigners(`* valid-after="20300601",valid-before="203006011230" ${key}`);
  assert.equal(found?.notBefore, new Date(2030, 5, 1).getTime() / 1000);
  assert.equal(found?.notAfter, new Date(2030, 5, 1, 12, 30).getTime() / 1000);
});

test('a line that is not understood is MALFORMED where it begins', async () => {
  const good = allowedLine(signer);
  for (const line of [
    'me@example.org',
    'me@example.org ssh-ed25519',
    'me@example.org ssh-ed25519 AAAA',
    'me@example.org ssh-ed25519 !',
    `"me ${key}`,
    `* namespaces="a ${key}`,
    `* namespaces="a",colour="red" ${key}`,
    `* namespaces="" ${key}`,
    `* namespaces="a",namespaces="b" ${key}`,
    `* cert-authority="yes" ${key}`,
    `* valid-after="20300231Z" ${key}`,
    `* valid-after="2030Z" ${key}`,
    `* valid-after="yesterday" ${key}`,
  ]) {
    const parsing = parseAllowedSigners(`${good}\n${line}\n`);
    await assert.rejects(
      parsing,
      failsWith('MALFORMED', { field: 'allowedSigners', offset: good.length + 1 }),
      line,
    );
  }
});
