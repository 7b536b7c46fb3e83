/**
 * Google Cloud KMS on loopback.
 *
 * @module
 */
import { createAuthority } from '../certificate.ts';
import { type Clock, createClock } from '../clock.ts';
import { answerControl } from '../control.ts';
import { createFaults, type Fault, type Faults } from '../faults.ts';
import { type HttpServer, serveHttp } from '../http.ts';
import { createRuleBook } from '../rules.ts';
import { controlRoutes } from './control.ts';
import { answerFields, type StatusEncoder, statusEncoder } from './definitions.ts';
import { serveGrpc } from './grpc.ts';
import { METHODS, PERMISSIONS } from './methods.ts';
import { createPermissions, type Permissions } from './permissions.ts';
import { answerRest } from './rest.ts';
import { GCP_RULES, isCode } from './rules.ts';
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
  const service = createService(closing.signal, options);
  const authority = options.tls === true ? await createAuthority() : undefined;
  const certificate = await authority?.issue(['localhost', '127.0.0.1']);
  const grpc = await serveGrpc(service, options.port ?? 0, certificate);
  const places = { address: `127.0.0.1:${grpc.port}`, port: grpc.port, ca: authority?.certificate };
  const http = await serveRest(service, options.httpPort ?? 0, places).catch((error: unknown) => {
    grpc.close();
    throw error;
  });
  return {
    ...places,
    url: `http://127.0.0.1:${http.port}`,
    clock: service.store.clock,
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

function createService(signal: AbortSignal, { generationMs = 0 }: GcpKmsOptions): Service {
  const store = createStore(createClock());
  store.generationMs = generationMs;
  const encodeStatus = statusEncoder();
  return {
    store,
    encodeStatus,
    faults: createFaults({
      methods: [...Object.keys(METHODS), 'TestIamPermissions'],
      isStatus: isCode,
      check: faultCheck(encodeStatus),
    }),
    permissions: createPermissions(PERMISSIONS),
    rules: createRuleBook(GCP_RULES),
    signal,
  };
}

/** What a fault of Google names has to be there: details of `google.rpc`, and fields of the answer. */
function faultCheck(encodeStatus: StatusEncoder): (fault: Fault) => void {
  const fields = answerFields();
  return ({ method, details = [], set = {}, flip }) => {
    encodeStatus(0, '', details);
    const named = [...Object.keys(set), ...(flip === undefined ? [] : [flip])];
    const unknown = named.find((name) => fields[method]?.includes(name) === false);
    if (unknown !== undefined) throw new TypeError(`no answer to ${method} has a field ${unknown}`);
  };
}

function serveRest(service: Service, port: number, places: object): Promise<HttpServer> {
  const control = controlRoutes(service, places);
  return serveHttp({ port }, (request, response) =>
    request.url?.startsWith('/v1/')
      ? answerRest(service, request, response)
      : answerControl(control, request, response),
  );
}
