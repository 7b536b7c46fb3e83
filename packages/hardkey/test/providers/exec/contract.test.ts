import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Outage, ProviderSubject } from 'hardkey/conformance';
import { exec, type SignerConfig } from 'hardkey/providers/exec';
import { component } from '../../../../../scripts/components/index.ts';
import { contract, signsOnly } from '../../support/contract.ts';
import { EXAMPLES, folderFor, keyPair, linesOf, oddSigner, onceSigner, PATH, script } from './support.ts';

const PIN = 'pin-of-the-token-9e41';

/** What all signers of a test have around them: a PIN, a door that can be shut, and a list of requests. */
function guarded(
  folder: string,
  name: string,
  command: string,
): { path: string; outage: Outage; stall: Outage } {
  const stalled = join(folder, 'stall');
  const path = script(
    folder,
    name,
    `[ "$PIN" = ${PIN} ] || { echo "wrong PIN $PIN" >&2; exit 77; }
     echo "my PIN is $PIN" >&2
     ${command}`,
  );
  const away = `${path}.away`;
  return {
    path,
    // Several signers share a folder and are away together.
    outage: { begin: () => renameSync(path, away), end: () => renameSync(away, path) },
    stall: { begin: () => writeFileSync(stalled, ''), end: () => rmSync(stalled) },
  };
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

function subject(
  door: { readonly outage: Outage },
  requests: string,
  signers: (pin: string) => Readonly<Record<string, SignerConfig>>,
): ProviderSubject {
  let heard = '';
  const onStderr = (_signer: string, bytes: Uint8Array): void => {
    heard += text(bytes);
  };
  const named = Object.entries(signers(PIN)).map(([name, { algorithm }]) => [algorithm, `exec:${name}`]);
  return {
    provider: () => exec({ signers: signers(PIN), onStderr }),
    rejected: () => exec({ signers: signers('another') }),
    keys: Object.fromEntries(named),
    missing: 'exec:none',
    malformed: ['exec:', 'exec:a b', 'exec:issuer?key=a', 'exec:/bin/sh'],
    requests: () => linesOf(requests).length,
    outage: door.outage,
    // What the programs say on stderr is the operator's; that nothing of it gets elsewhere is the point.
    canaries: [PIN],
    logs: () => (heard.includes('my PIN') || heard === '' ? '' : 'stderr was not heard'),
  };
}

contract(
  'a program for each signature',
  (t: TestContext) => {
    const folder = folderFor(t);
    const requests = join(folder, 'requests');
    const pair = keyPair(folder);
    const door = guarded(
      folder,
      'signer',
      `echo request >> ${requests}
       if [ -e ${folder}/stall ]; then sleep 60; fi
       exec ${EXAMPLES}/"$1" "$2"`,
    );
    const signers = (pin: string): Readonly<Record<string, SignerConfig>> => {
      const env = { PATH, PIN: pin };
      return {
        issuer: onceSigner(pair, { command: [door.path, 'openssl.sh', pair.path], env, workers: 4 }),
      };
    };
    return { ...subject(door, requests, signers), stall: door.stall };
  },
  { skip: component('openssl').missing, notApplicable: signsOnly },
);

contract(
  'a program that stays',
  (t: TestContext) => {
    const folder = folderFor(t);
    const requests = join(folder, 'requests');
    const pids = join(folder, 'pids');
    const pair = keyPair(folder);
    const rsaPair = keyPair(folder, 'RS256');
    const door = guarded(folder, 'signer', `echo $$ >> ${pids}; exec "$@"`);
    const signers = (pin: string): Readonly<Record<string, SignerConfig>> => {
      const env = { PATH, PIN: pin };
      const odd = oddSigner(pair, { count: requests });
      const example = [process.execPath, join(EXAMPLES, 'signer.mjs'), 'rsa', rsaPair.path];
      return {
        issuer: { ...odd, command: [door.path, ...odd.command], env },
        rsa: {
          mode: 'persistent',
          command: [door.path, ...example],
          algorithm: 'RS256',
          publicKey: rsaPair.publicKey,
          env,
        },
      };
    };
    const signalAll = (signal: NodeJS.Signals) => (): void => {
      for (const pid of linesOf(pids)) if (existsSync(`/proc/${pid}`)) process.kill(Number(pid), signal);
    };
    return {
      ...subject(door, requests, signers),
      // Stopped, it accepts what is written to it and answers nothing.
      stall: { begin: signalAll('SIGSTOP'), end: signalAll('SIGCONT') },
    };
  },
  { notApplicable: signsOnly },
);
