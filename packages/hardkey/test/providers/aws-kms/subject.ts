// What the contract examines: a server of others behind a door, with keys that it holds.
import type { TestContext } from 'node:test';
import { type Algorithm, createKeys, type KeySpec } from 'hardkey';
import type { ProviderSubject } from 'hardkey/conformance';
import { type AwsKmsConfig, awsKms } from 'hardkey/providers/aws-kms';
import { AWS_ENV, PATIENT, useAwsEnvironment } from '../../support/aws.ts';
import { httpDoor } from '../../support/http-door.ts';

useAwsEnvironment();

/** The same for whole calls. */
export const PATIENTLY = { deadlineMs: 120_000 } as const;

let made = 0;
const shared = new Map<string, Promise<string>>();

/** A new alias each time. */
export function unused(): string {
  made += 1;
  return `awskms:///alias/unused-${process.pid}-${made}`;
}

/** The reference of a key of a server that all subjects use, and change back. */
function sharedKey(url: string, spec: KeySpec): Promise<string> {
  const id = `${url} ${spec.algorithm}`;
  const known = shared.get(id) ?? makeKey(url, spec);
  shared.set(id, known);
  return known;
}

async function makeKey(url: string, spec: KeySpec): Promise<string> {
  await using keys = createKeys([awsKms({ ...PATIENT, endpoint: url })], PATIENTLY);
  const ref = unused();
  await keys.create(ref, spec);
  return ref;
}

/** A subject whose keys are of these algorithms, the first of them the one that is tried most. */
export async function subject(
  t: TestContext,
  server: () => Promise<string>,
  names: readonly Algorithm[],
  more: Partial<ProviderSubject> & { readonly config?: AwsKmsConfig } = {},
): Promise<ProviderSubject> {
  const { config, ...own } = more;
  const url = await server();
  const door = await httpDoor(url);
  t.after(() => door.close());
  const refs = names.map(async (algorithm) => [algorithm, await sharedKey(url, specOf(algorithm))] as const);
  return {
    provider: () => awsKms({ ...PATIENT, endpoint: door.url, ...config }),
    keys: Object.fromEntries(await Promise.all(refs)),
    missing: 'awskms:///alias/none',
    malformed: [
      'awskms:///',
      'awskms:///key',
      'awskms:///alias/a?version=1',
      'awskms:///alias/a?region=Nowhere',
      'awskms:///arn:aws:s3:eu-central-1:123456789012:key/8cc85619-dbf7-493a-a855-b218f3f95793',
      'awskms:',
    ],
    unused,
    requests: door.requests,
    outage: { begin: door.shut, end: door.open },
    stall: { begin: door.hold, end: door.release },
    canaries: [AWS_ENV['AWS_SECRET_ACCESS_KEY'] ?? '', AWS_ENV['AWS_SESSION_TOKEN'] ?? ''],
    ...own,
  };
}

/** RSA keys no longer than they must be: to make one takes the server a second. */
export function specOf(algorithm: Algorithm): KeySpec {
  return /^(RS|PS)/.test(algorithm) ? { algorithm, bits: 2048 } : { algorithm };
}
