// Appends without end, from 16 places at once, and names what was acknowledged on standard output.
import { writeSync } from 'node:fs';
import { auditFile } from '../../src/audit/index.ts';

const [path = '', round = ''] = process.argv.slice(2);
const log = auditFile({ path });

async function place(number: number): Promise<never> {
  for (let i = 0; ; i++) {
    const name = `${round}.${number}.${i}`;
    await log.append({ name, padding: 'x'.repeat((i * 131) % 4000) });
    // Not buffered: what is printed was acknowledged, and what was acknowledged may be unprinted.
    writeSync(1, `${name}\n`);
  }
}

await Promise.all(Array.from({ length: 16 }, (_, number) => place(number)));
