/**
 * The service over HTTP and JSON, by the routes that the definitions give each method.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fromProto3JSON, type JSONValue, toProto3JSON } from 'proto3-json-serializer';
import protobuf from 'protobufjs';
import { readBody, sendJson } from '../control.ts';
import { iamJson, kmsJson } from './definitions.ts';
import { CODES, GcpRefusal } from './rules.ts';
import { call, type Service } from './service.ts';

/** A route: the pattern of its path, and where path, query and body go in the request. */
interface Route {
  readonly method: string;
  readonly verb: string;
  readonly pattern: RegExp;
  readonly fields: readonly string[];
  readonly body: string | undefined;
  readonly request: protobuf.Type;
  readonly response: protobuf.Type;
}

// google/rpc/code.proto gives the HTTP status of each code.
const HTTP_STATUS: Readonly<Record<number, number>> = {
  1: 499,
  2: 500,
  3: 400,
  4: 504,
  5: 404,
  6: 409,
  7: 403,
  8: 429,
  9: 400,
  10: 409,
  11: 400,
  12: 501,
  13: 500,
  14: 503,
  15: 500,
  16: 401,
};

let loaded: readonly Route[] | undefined;

/** Answers a request under `/v1/`. */
export async function answerRest(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { route, message } = await read(request);
    const plain = route.request.toObject(message, { longs: String, enums: String, oneofs: true });
    const answer = await call(service, route.method, plain);
    const json = toProto3JSON(route.response.fromObject(answer.message));
    if (answer.truncate === undefined) return sendJson(response, 200, json);
    cut(response, JSON.stringify(json), answer.truncate);
  } catch (error) {
    sendError(response, error);
  }
}

async function read(request: IncomingMessage): Promise<{ route: Route; message: protobuf.Message<object> }> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const path = decodeURIComponent(url.pathname);
  const route = routes().find(({ verb, pattern }) => verb === request.method && pattern.test(path));
  if (!route) throw new GcpRefusal(CODES.NOT_FOUND, `no method answers ${request.method} ${path}`);
  const json: Record<string, JSONValue> = {};
  const text = (await readBody(request)).toString();
  if (route.body === '*') Object.assign(json, JSON.parse(text || '{}'));
  else if (route.body) json[camelCase(route.body)] = JSON.parse(text || '{}') as JSONValue;
  for (const [name, value] of url.searchParams) if (!name.startsWith('$')) place(json, name, value);
  const values = route.pattern.exec(path)?.slice(1) ?? [];
  for (const [at, field] of route.fields.entries()) place(json, field, values[at] ?? '');
  const message = fromProto3JSON(route.request, json);
  if (!message) throw new GcpRefusal(CODES.INVALID_ARGUMENT, 'the request is empty');
  return { route, message };
}

/** Puts a value at `crypto_key.name`, in camel case. */
function place(json: Record<string, JSONValue>, path: string, value: string): void {
  const names = path.split('.').map(camelCase);
  const last = names.pop() ?? '';
  const at = names.reduce<Record<string, JSONValue>>((inside, name) => {
    inside[name] ??= {};
    return inside[name] as Record<string, JSONValue>;
  }, json);
  at[last] = value;
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function routes(): readonly Route[] {
  loaded ??= [
    ...routesOf(kmsJson(), 'google.cloud.kms.v1.KeyManagementService'),
    ...routesOf(iamJson(), 'google.iam.v1.IAMPolicy'),
  ];
  return loaded;
}

function routesOf(json: protobuf.INamespace, name: string): readonly Route[] {
  const service = protobuf.Root.fromJSON(json).lookupService(name);
  return service.methodsArray.flatMap((method) => {
    method.resolve();
    const parsed = (method.parsedOptions ?? []) as readonly Readonly<Record<string, unknown>>[];
    const http = parsed.find((option) => '(google.api.http)' in option)?.['(google.api.http)'];
    const { resolvedRequestType: request, resolvedResponseType: response } = method;
    if (!http || !request || !response) return [];
    const { body, ...verbs } = http as Readonly<Record<string, string>>;
    return Object.entries(verbs)
      .filter(([, path]) => typeof path === 'string')
      .map(([verb, path]) => ({
        method: method.name,
        verb: verb.toUpperCase(),
        body,
        request,
        response,
        ...patternOf(path),
      }));
  });
}

/** `/v1/{name=projects/∗/keyRings/∗}:sign` as a pattern, and the fields it fills. */
function patternOf(path: string): Pick<Route, 'pattern' | 'fields'> {
  const fields: string[] = [];
  const source = path.replace(/\{([\w.]+)=([^}]+)\}/g, (_, field: string, shape: string) => {
    fields.push(field);
    const inside = shape.replaceAll('**', '\0').replaceAll('*', '[^/:]+').replaceAll('\0', '[^:]+');
    return `(${inside})`;
  });
  return { fields, pattern: new RegExp(`^${source}$`) };
}

function cut(response: ServerResponse, text: string, length: number): void {
  const bytes = Buffer.from(text);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length });
  response.write(bytes.subarray(0, length), () => response.destroy());
}

function sendError(response: ServerResponse, error: unknown): void {
  const { code, message, details } =
    error instanceof GcpRefusal
      ? error
      : new GcpRefusal(CODES.INTERNAL, `the emulator failed: ${error instanceof Error ? error.message : ''}`);
  const status = Object.entries(CODES).find(([, number]) => number === code)?.[0] ?? 'UNKNOWN';
  const http = HTTP_STATUS[code] ?? 500;
  sendJson(response, http, { error: { code: http, message, status, details } });
}
