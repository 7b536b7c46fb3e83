import { describe, it } from 'node:test';
import { formatKeyringRef, parseKeyringRef } from '../../../src/core/refs/keyring.ts';
import { formatSshAgentRef, parseSshAgentRef } from '../../../src/core/refs/ssh-agent.ts';
import { formatTpmRef, parseTpmRef, type TpmRef } from '../../../src/core/refs/tpm.ts';
import { readsAs, refused } from './refused.ts';

describe('tpm references', () => {
  const codec = { parse: parseTpmRef, format: formatTpmRef };
  const cases: readonly (readonly [body: string, expected: TpmRef, canonical?: string])[] = [
    ['handle=0x81000100?device=tcp:127.0.0.1:2321', { handle: 0x81000100, device: 'tcp:127.0.0.1:2321' }],
    ['handle=0x81FFffFF', { handle: 0x81ffffff }, 'handle=0x81ffffff'],
    ['file=key.pem?device=unix:/run/swtpm.sock', { file: 'key.pem', device: 'unix:/run/swtpm.sock' }],
    ['file=/My%20Keys/k.pem?device=/dev/tpmrm0', { file: '/My Keys/k.pem', device: '/dev/tpmrm0' }],
    ['?device=tcp:[::1]:2321', { device: 'tcp:[::1]:2321' }],
    ['', {}],
  ];
  for (const [body, expected, canonical] of cases) {
    it(`tpm:${body}`, () => readsAs(codec, body, expected, canonical));
  }

  const refusals: readonly (readonly [why: string, body: string, field: string])[] = [
    ['a handle and a file', 'handle=0x81000100;file=k.pem', 'tpm.file'],
    ['a transient handle', 'handle=0x80000000', 'tpm.handle'],
    ['a handle without its prefix', 'handle=81000100', 'tpm.handle'],
    ['a short handle', 'handle=0x8100010', 'tpm.handle'],
    ['a folder', 'file=keys/', 'tpm.file'],
    ['an empty file', 'file=', 'tpm.file'],
    ['a relative device', 'handle=0x81000100?device=tpmrm0', 'tpm.device'],
    ['an address without a port', 'handle=0x81000100?device=tcp:127.0.0.1', 'tpm.device'],
    ['an address with credentials', 'handle=0x81000100?device=tcp:a@b:1', 'tpm.device'],
    ['a relative socket', 'handle=0x81000100?device=unix:x', 'tpm.device'],
    ['an auth value', 'handle=0x81000100?auth-value=x', 'tpm.auth-value'],
    ['an owner auth', 'handle=0x81000100?owner-auth=x', 'tpm.auth-value'],
    ['a bare file name', 'key.pem', 'tpm'],
  ];
  for (const [why, body, field] of refusals) {
    it(`${why} is refused`, () => refused(() => parseTpmRef(body), field));
  }
});

describe('keyring references', () => {
  const codec = { parse: parseKeyringRef, format: formatKeyringRef };
  it('name service and account', () =>
    readsAs(codec, 'service=hardkey;account=LABEL', { service: 'hardkey', account: 'LABEL' }));
  it('name any of them, and a store', () =>
    readsAs(
      codec,
      'account=caf%C3%A9%20%3B;service=s?store=secret-service',
      { service: 's', account: 'café ;', store: 'secret-service' },
      'service=s;account=caf%C3%A9%20%3B?store=secret-service',
    ));
  it('never hold a password', () =>
    refused(() => parseKeyringRef('service=s;password=x'), 'keyring.password'));
  it('have no control characters', () => refused(() => parseKeyringRef('service=a%00'), 'keyring.service'));
  it('have no empty names', () => refused(() => parseKeyringRef('service=s;account='), 'keyring.account'));
  it('name a store in lower case', () =>
    refused(() => parseKeyringRef('service=s?store=/x'), 'keyring.store'));
});

describe('ssh-agent references', () => {
  const codec = { parse: parseSshAgentRef, format: formatSshAgentRef };
  const fingerprint = 'SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDtM1sSvHjkVYxoVuM';
  it('name a fingerprint as OpenSSH prints it', () =>
    readsAs(codec, `fingerprint=${fingerprint}`, { fingerprint }));
  it('name the agent alone', () => readsAs(codec, '?socket=/path', { socket: '/path' }));
  it('name a comment', () =>
    readsAs(codec, 'comment=me@host%20%C3%A9?socket=/a%20b', { comment: 'me@host é', socket: '/a b' }));
  it('want a whole fingerprint', () =>
    refused(() => parseSshAgentRef(`fingerprint=${fingerprint.slice(0, -1)}`), 'ssh-agent.fingerprint'));
  it('want a fingerprint without bits left over', () =>
    refused(() => parseSshAgentRef(`fingerprint=${fingerprint.slice(0, -1)}N`), 'ssh-agent.fingerprint'));
  it('want SHA-256', () => refused(() => parseSshAgentRef('fingerprint=MD5:aa'), 'ssh-agent.fingerprint'));
  it('want an absolute socket', () => refused(() => parseSshAgentRef('?socket=agent'), 'ssh-agent.socket'));
});
