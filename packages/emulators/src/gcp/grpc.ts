/**
 * The service over gRPC.
 *
 * @module
 */
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
} from '@grpc/grpc-js';
import type { Certificate } from '../certificate.ts';
import { loadServices, type StatusEncoder } from './definitions.ts';
import { METHODS } from './methods.ts';
import { CODES, GcpRefusal } from './rules.ts';
import { call, type Service } from './service.ts';

/** A gRPC server that listens. */
export interface GrpcServer {
  readonly port: number;
  close(): void;
}

// All that stands in the trailers of an answer is 8 KiB by default (gRPC guides, metadata), and one character may
// be nine bytes there.
const LONGEST_MESSAGE = 512;

type Handler = (call: ServerUnaryCall<object, object>, answer: sendUnaryData<object>) => void;

// What a message is cut to is not in the message: the serializer finds it here.
const cuts = new WeakMap<object, number>();

/** Starts it on loopback; with a certificate over TLS. */
export async function serveGrpc(
  service: Service,
  port: number,
  certificate: Certificate | undefined,
): Promise<GrpcServer> {
  const { kms, iam } = loadServices();
  const { encodeStatus: encode } = service;
  const handler =
    (method: string): Handler =>
    ({ request }, answer) => {
      call(service, method, request).then(
        ({ message, fault }) => {
          if (fault?.truncate !== undefined) cuts.set(message, fault.truncate);
          answer(null, message);
        },
        (error: unknown) => answer(statusOf(error, encode)),
      );
    };
  const server = new Server();
  const handlers = Object.keys(METHODS).map((name) => [name, handler(name)]);
  server.addService(cuttable(kms), Object.fromEntries(handlers));
  server.addService(cuttable(iam), { TestIamPermissions: handler('TestIamPermissions') });
  const bound = await bind(server, port, certificate);
  return { port: bound, close: () => server.forceShutdown() };
}

function bind(server: Server, port: number, certificate: Certificate | undefined): Promise<number> {
  const credentials = certificate
    ? ServerCredentials.createSsl(null, [
        { private_key: Buffer.from(certificate.key), cert_chain: Buffer.from(certificate.chain) },
      ])
    : ServerCredentials.createInsecure();
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
}

/** The same service, whose answers can be cut. */
function cuttable(service: ServiceDefinition): ServiceDefinition {
  const methods = Object.entries(service).map(([name, method]) => {
    const responseSerialize = (message: object) =>
      method.responseSerialize(message).subarray(0, cuts.get(message));
    return [name, { ...method, responseSerialize }];
  });
  return Object.fromEntries(methods) as ServiceDefinition;
}

function statusOf(error: unknown, encode: StatusEncoder) {
  if (!(error instanceof GcpRefusal)) return { code: CODES.INTERNAL, details: describe(error) };
  const { code, message, details } = error;
  const metadata = new Metadata();
  if (details.length > 0) metadata.set('grpc-status-details-bin', encode(code, message, details));
  // A half of a surrogate pair has no UTF-8.
  return { code, details: message.slice(0, LONGEST_MESSAGE).toWellFormed(), metadata };
}

/** A defect of the emulator says so, so that nobody looks for it in the client. */
function describe(error: unknown): string {
  return `the emulator failed: ${error instanceof Error ? error.message : String(error)}`;
}
