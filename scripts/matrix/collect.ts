// Runs the tests of the cloud providers, and keeps what each of them says.
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run } from 'node:test';
import { inspect } from 'node:util';
import { SERVICES, type Service, serverOf } from './servers.ts';

/** What became of one test. */
export interface Row {
  readonly service: Service;
  readonly server: string;
  readonly name: string;
  /** Why there was nothing to examine. */
  nothing?: string;
  /** Why it is expected to fail, and did. */
  readonly deviation?: string;
}

const NOTHING = 'nothing to examine: ';
const TESTS = join(import.meta.dirname, '../../packages/hardkey/test/providers');

/** Every test, in the order of services, files and names, and what is wrong with those that prove nothing. */
export async function collect(): Promise<{ rows: readonly Row[]; problems: readonly string[] }> {
  const rows: Row[] = [];
  const problems: string[] = [];
  for (const service of SERVICES) {
    const files = globSync(join(TESTS, service.folder, '*.test.ts')).sort();
    const servers = new Map(files.map((file) => [file, serverOf(service, basename(file))]));
    const latest = new Map<string, Row>();
    const stream = run({ files, concurrency: 2, execArgv: ['--conditions=@hk/source'] });
    for await (const { type, data } of stream) {
      if (type === 'test:fail')
        problems.push(`${service.name}: ${data.name} failed: ${inspect(data.details.error)}`);
      const file = 'entryFile' in data ? String(data.entryFile) : '';
      const server = servers.get(file);
      if (server === undefined) continue;
      if (type === 'test:diagnostic' && data.message.startsWith(NOTHING)) {
        const row = latest.get(file);
        if (row !== undefined) row.nothing = data.message.slice(NOTHING.length);
      }
      if (type !== 'test:pass' || data.nesting > 0) continue;
      if (data.skip !== undefined) problems.push(`${service.name}: ${data.name} was skipped: ${data.skip}`);
      const deviation = 'expectFailure' in data ? String(data.expectFailure) : undefined;
      const row: Row = { service, server, name: data.name, ...(deviation !== undefined && { deviation }) };
      latest.set(file, row);
      rows.push(row);
    }
  }
  rows.sort((a, b) => place(a) - place(b) || compare(a.server, b.server) || compare(a.name, b.name));
  return { rows, problems };
}

function place({ service }: Row): number {
  return SERVICES.indexOf(service);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
