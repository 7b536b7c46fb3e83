// What the tests of the cloud providers said, as a page.
import { providerContract } from 'hardkey/conformance';
import type { Row } from './collect.ts';
import { SERVICES, type Service } from './servers.ts';

const CLAUSE = /^(?<subject>.*), clause (?<clause>\d+): (?<claim>.*)$/;

/** The page. */
export function render(rows: readonly Row[]): string {
  return [
    '# What was proven, and on what',
    'Written by `npm run matrix` from a run of the tests; CI refuses a page that another run would not write.',
    'Nothing here ran on a live service of Amazon, Microsoft or Google: what only those can show is listed below as',
    '*not proven on a live service*. `@hardkey/emulators` is ours, and is itself held to the documentation of both',
    'services by their official clients in Python and for Node.js ([emulators.md](../emulators.md)).',
    '## The contract of providers',
    'Every claim of [the contract](../contract.md), and the servers that it holds on. A dash: there is nothing to examine',
    'where the service has nothing of the kind. In brackets: a server that answers otherwise than the service.',
    table(rows),
    ...SERVICES.flatMap((service) =>
      section(
        service,
        rows.filter((row) => row.service === service),
      ),
    ),
  ]
    .join('\n')
    .replaceAll(/\n(#+ .*)\n/g, '\n\n$1\n\n')
    .concat('\n');
}

function table(rows: readonly Row[]): string {
  const contract = rows.flatMap((row) => {
    const { clause, claim } = CLAUSE.exec(row.name)?.groups ?? {};
    return claim === undefined ? [] : [{ ...row, clause, claim }];
  });
  const lines = providerContract.map(({ clause, name }) => {
    const cells = SERVICES.map((service) => {
      return cell(contract.filter((row) => row.service === service && row.claim === name));
    });
    return `| ${clause} | ${name} | ${cells.join(' | ')} |`;
  });
  const head = SERVICES.map(({ name }) => name);
  return [
    '',
    `| clause | claim | ${head.join(' | ')} |`,
    `|${'---|'.repeat(head.length + 2)}`,
    ...lines,
  ].join('\n');
}

function cell(rows: readonly Row[]): string {
  const examined = rows.filter(({ nothing }) => nothing === undefined);
  const proven = unique(
    examined.flatMap(({ server, deviation }) => (deviation === undefined ? [server] : [])),
  );
  const deviating = unique(
    examined.flatMap(({ server, deviation }) => (deviation === undefined ? [] : [server])),
  );
  const parts = [...proven, ...deviating.filter((one) => !proven.includes(one)).map((one) => `(${one})`)];
  return parts.length === 0 ? '–' : parts.join(', ');
}

function section({ name, unproven }: Service, rows: readonly Row[]): readonly string[] {
  const deviations = rows.filter(({ deviation }) => deviation !== undefined);
  const others = rows.filter((row) => row.deviation === undefined && !CLAUSE.test(row.name));
  return [
    `## ${name}`,
    '### Not proven on a live service',
    ...unproven.map((one) => `- ${one}`),
    ...(deviations.length === 0
      ? []
      : [
          '### Where a server is not what it stands for',
          'Each of these fails as it should, and the tests fail when one begins to pass.',
          '',
          ...unique(
            deviations.map(({ server, name: row, deviation }) => `- ${server}: ${row}. ${deviation}`),
          ),
        ]),
    '### Beyond the contract',
    ...unique(others.map(({ server }) => server)).flatMap((server) => [
      `On ${server}:`,
      '',
      ...unique(others.filter((row) => row.server === server).map((row) => `- ${row.name}`)),
      '',
    ]),
  ];
}

function unique(list: readonly string[]): readonly string[] {
  return [...new Set(list)];
}
