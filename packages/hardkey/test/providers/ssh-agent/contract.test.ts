import { mkdtempSync, renameSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import type { ProviderSubject } from 'hardkey/conformance';
import { sshAgent } from 'hardkey/providers/ssh-agent';
import { contract, signsOnly } from '../../support/contract.ts';
import { type Agent, type SshPair, ssh, sshFolder, sshPair, startAgent } from '../../support/ssh.ts';

const ABSENT = {
  ...signsOnly,
  'rejected credentials are DENIED': 'the subject has no credentials to reject',
};

const KINDS = {
  Ed25519: 'ed25519',
  ES256: 'ecdsa-256',
  ES384: 'ecdsa-384',
  ES512: 'ecdsa-521',
  RS512: 'rsa-2048',
  RS256: 'rsa-2048',
} as const;

type Name = keyof typeof KINDS;
const NAMES = Object.keys(KINDS) as Name[];

const folder = sshFolder();
const pairs: Readonly<Partial<Record<string, SshPair>>> =
  ssh.missing === undefined
    ? Object.fromEntries([...new Set(Object.values(KINDS))].map((kind) => [kind, sshPair(folder, kind)]))
    : {};

let shared: Promise<Agent> | undefined;
after(async () => (await shared)?.stop());

/** One agent with every key, for all subjects: what they change of it, they change back. */
async function startWithKeys(): Promise<Agent> {
  const agent = await startAgent(join(folder, 'agent'));
  agent.add(Object.values(pairs).flatMap((pair) => (pair === undefined ? [] : [pair.path])));
  return agent;
}

/** A real agent, behind a socket that counts what is asked of it. */
async function subject(t: TestContext, first: Name): Promise<ProviderSubject> {
  shared ??= startWithKeys();
  const agent = await shared;
  const door = await countingDoor(join(mkdtempSync(join(folder, 's-')), 'door'), agent.socket);
  t.after(() => door.close());
  const names = [first, ...NAMES.filter((name) => name !== first)];
  const ref = (name: Name): string => `ssh-agent:fingerprint=${pairs[KINDS[name]]?.fingerprint}`;
  return {
    provider: () => sshAgent({ socket: door.path }),
    keys: Object.fromEntries(names.map((name) => [name, ref(name)])),
    missing: 'ssh-agent:comment=none',
    malformed: [
      'ssh-agent:',
      'ssh-agent:?socket=/tmp/agent',
      'ssh-agent:fingerprint=SHA256:short',
      'ssh-agent:comment=a?socket=relative',
      'ssh-agent:comment=a;pin=1',
    ],
    longestMessage: 256 * 1024 - 100,
    requests: door.requests,
    outage: {
      begin: () => renameSync(agent.socket, `${agent.socket}.away`),
      end: () => renameSync(`${agent.socket}.away`, agent.socket),
    },
    // Stopped, it takes connections and answers nothing.
    stall: {
      begin: () => void agent.process.kill('SIGSTOP'),
      end: () => void agent.process.kill('SIGCONT'),
    },
  };
}

async function countingDoor(path: string, target: string) {
  let requests = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const agent = connect({ path: target });
    for (const socket of [client, agent]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        agent.destroy();
      });
    }
    client.once('data', () => {
      requests += 1;
    });
    client.pipe(agent);
    agent.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    requests: () => requests,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

for (const name of NAMES) {
  contract(`an agent, ${name} first`, (t) => subject(t, name), { skip: ssh.missing, notApplicable: ABSENT });
}
