/**
 * Google Cloud KMS on loopback.
 *
 * @module
 */
import { type Certificate, createAuthority } from '../certificate.ts';
import { type Clock, createClock } from '../clock.ts';
import { answerControl, type ControlRoutes, commonRoutes, numberOf, stringOf } from '../control.ts';
import { createFaults, type Faults } from '../faults.ts';
import { serveHttp } from '../http.ts';
import { createRuleBook } from '../rules.ts';
import { serveGrpc } from './grpc.ts';
import { createPermissions, type Denial, type Permissions } from './permissions.ts';
import { answerRest } from './rest.ts';
import { GCP_RULES } from './rules.ts';
import type { Service } from './service.ts';
import { createStore } from './store.ts';

/** What `startGcpKms` takes. A port of 0, or none, is one that is free. */
export interface GcpKmsOptions {
  /** The port of gRPC. */
  readonly port?: number;
  /** The port of REST and of the emulator's own interface, without TLS. */
  readonly httpPort?: number;
  /** Whether gRPC asks for TLS, with a certificate of an authority made for this run. */
  readonly tls?: boolean;
  /** How long a new asymmetric version stays in `PENDING_GENERATION`, by the emulator's clock. */
  readonly generationMs?: number;
}

/** A running emulator of Google Cloud KMS. */
export interface GcpKms {
  /** Where gRPC listens, as `host:port`. */
  readonly address: string;
  readonly port: number;
  /** Where REST and the emulator's own interface listen. */
  readonly url: string;
  /** The certificate of the authority in PEM, with `tls`. */
  readonly ca: string | undefined;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly permissions: Permissions;
  /** How long new asymmetric versions stay in `PENDING_GENERATION` from now on. */
  setGenerationMs(ms: number): void;
  close(): Promise<void>;
}

/** Starts an emulator, which holds its keys in memory and listens on 127.0.0.1 alone. */
export async function startGcpKms(options: GcpKmsOptions = {}): Promise<GcpKms> {
  const closing = new AbortController();
  const clock = createClock();
  const service: Service = {
    store: createStore(clock),
    faults: createFaults(),
    permissions: createPermissions(),
    rules: createRuleBook(GCP_RULES),
    signal: closing.signal,
  };
  service.store.generationMs = options.generationMs ?? 0;
  const authority = options.tls === true ? await createAuthority() : undefined;
  const certificate: Certificate | undefined = await authority?.issue(['localhost', '127.0.0.1']);
  const grpc = await serveGrpc(service, options.port ?? 0, certificate);
  const control = routesOf(service);
  const http = await serveHttp({ port: options.httpPort ?? 0 }, (request, response) =>
    request.url?.startsWith('/v1/')
      ? answerRest(service, request, response)
      : answerControl(control, request, response),
  ).catch((error: unknown) => {
    grpc.close();
    throw error;
  });
  return {
    address: `127.0.0.1:${grpc.port}`,
    port: grpc.port,
    url: `http://127.0.0.1:${http.port}`,
    ca: authority?.certificate,
    clock,
    faults: service.faults,
    permissions: service.permissions,
    setGenerationMs: (ms) => {
      service.store.generationMs = ms;
    },
    close: async () => {
      closing.abort();
      grpc.close();
      await http.close();
    },
  };
}

function routesOf({ faults, store, rules, permissions }: Service): ControlRoutes {
  return {
    ...commonRoutes(faults, store.clock, rules.report),
    'POST /emulator/denials': (body) => {
      permissions.deny({ permission: stringOf(body, 'permission'), ...resourceOf(body) });
    },
    'DELETE /emulator/denials': () => {
      permissions.allowAll();
    },
    'POST /emulator/generation': (body) => {
      store.generationMs = numberOf(body, 'generationMs');
    },
  };
}

function resourceOf(body: unknown): Partial<Pick<Denial, 'resource'>> {
  return body !== null && typeof body === 'object' && 'resource' in body
    ? { resource: stringOf(body, 'resource') }
    : {};
}
