/**
 * The command `hardkey-emulator`: starts an emulator, says where it listens, and runs until it is told to stop.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startAzureKeyVault } from './azure/index.ts';
import { startGcpKms } from './gcp/index.ts';

const USAGE = `Usage: hardkey-emulator gcp|azure [options]

Emulates a key service on 127.0.0.1, in memory, until it is interrupted. Says where it listens, one line
each, and then "ready".

  --port N         the port of the service: gRPC, or the vault (default: one that is free)
  --http-port N    the port of the emulator's own interface, and of Google's REST (default: the next one)
  --token-port N   azure: the port of the token service (default: the one after)
  --tls            gcp: gRPC asks for TLS, as azure always does
  --ca-file FILE   writes the certificate that clients must trust, in PEM
`;

const OPTIONS = {
  port: { type: 'string' },
  'http-port': { type: 'string' },
  'token-port': { type: 'string' },
  tls: { type: 'boolean' },
  'ca-file': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const USAGE_ERROR = 64;
const FAILED = 1;

/** A command line that is none. */
class UsageError extends Error {}

interface Running {
  /** What is where, by name, and what a client needs beside. */
  readonly places: Readonly<Record<string, string>>;
  readonly ca: string | undefined;
  close(): Promise<void>;
}

interface Options {
  readonly port: number;
  readonly httpPort: number;
  readonly tokenPort: number;
  readonly tls: boolean;
}

const SERVICES: Readonly<Record<string, (options: Options) => Promise<Running>>> = {
  gcp: async (options) => {
    const { address, url, ca, close } = await startGcpKms(options);
    return { places: { grpc: address, http: url }, ca, close };
  },
  azure: async (options) => {
    const { vaultUrl, authorityHost, url, ca, close, ...rest } = await startAzureKeyVault(options);
    const { tenantId, clientId, clientSecret } = rest;
    const client = { tenant: tenantId, client: clientId, secret: clientSecret };
    return { places: { vault: vaultUrl, authority: authorityHost, http: url, ...client }, ca, close };
  },
};

/** Runs the command without its name. Resolves with the exit status when the emulator has stopped. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await run(args);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`hardkey-emulator: ${message}\n`);
    return error instanceof UsageError ? USAGE_ERROR : FAILED;
  }
}

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help) return say(USAGE);
  const [name = '', ...rest] = positionals;
  const start = SERVICES[name];
  if (!start || rest.length > 0)
    throw new UsageError(`one of ${Object.keys(SERVICES).join(', ')} is to be named (see --help)`);
  refuseUseless(name, values);
  const port = portOf('port', values.port);
  const next = (by: number) => (port > 0 ? String(port + by) : undefined);
  const httpPort = portOf('http-port', values['http-port'] ?? next(1));
  const tokenPort = name === 'azure' ? portOf('token-port', values['token-port'] ?? next(2)) : 0;
  const stopped = interrupted();
  // Who has read enough of it may go: the emulator goes on.
  process.stdout.on('error', () => undefined);
  const running = await start({ port, httpPort, tokenPort, tls: values.tls === true });
  try {
    if (values['ca-file'] !== undefined) writeFileSync(values['ca-file'], running.ca ?? '');
    for (const [place, address] of Object.entries(running.places)) say(`${place} ${address}\n`);
    say('ready\n');
    await stopped;
  } finally {
    await running.close();
  }
  return 0;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Refuses options that would do nothing for this service. */
function refuseUseless(name: string, values: ReturnType<typeof parse>['values']): void {
  if (name !== 'gcp') return;
  if (values['token-port'] !== undefined) throw new UsageError('--token-port is for azure');
  if (values['ca-file'] !== undefined && values.tls !== true)
    throw new UsageError('--ca-file is for TLS: give --tls too');
}

function portOf(option: string, text = '0'): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port < 65_536) return port;
  throw new UsageError(`--${option}: ${text} is not a port`);
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

function say(text: string): 0 {
  process.stdout.write(text);
  return 0;
}
