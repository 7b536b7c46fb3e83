/**
 * The service over HTTP and JSON, by the routes that the definitions give each method.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fromProto3JSON, type JSONValue, toProto3JSON } from 'proto3-json-serializer';
import protobuf from 'protobufjs';
import { readBody } from '../control.ts';
import { sendOutcome } from '../http.ts';
import { iamJson, kmsJson } from './definitions.ts';
import { CODES, GcpRefusal, refuse } from './rules.ts';
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

// What the query of any method may have beside its fields, and is not carried out. Those with a $ are no names.
const SYSTEM_PARAMETERS: ReadonlySet<string> = new Set([
  'access_token',
  'alt',
  'callback',
  'fields',
  'key',
  'oauth_token',
  'prettyPrint',
  'quotaUser',
  'uploadType',
  'upload_protocol',
]);

let loaded: readonly Route[] | undefined;

/** Answers a request under `/v1/`. */
export async function answerRest(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = (await readBody(request)).toString();
  try {
    const { route, message } = read(request, body);
    const plain = route.request.toObject(message, { longs: String, enums: String, oneofs: true });
    const answer = await call(service, route.method, plain);
    const json = toProto3JSON(route.response.fromObject(answer.message)) as object;
    // The message is as the fault has it: what is left is what happens to bytes.
    const { set: _, flip: __, ...fault } = answer.fault ?? { method: route.method };
    sendOutcome(response, { status: 200, body: json, fault });
  } catch (error) {
    if (error instanceof GcpRefusal && error.rule) service.rules.note(error.rule);
    sendError(response, error);
  }
}

function read(request: IncomingMessage, body: string): { route: Route; message: protobuf.Message<object> } {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  try {
    const path = decodeURIComponent(url.pathname);
    const route = routes().find(({ verb, pattern }) => verb === request.method && pattern.test(path));
    if (!route) throw new GcpRefusal(CODES.NOT_FOUND, `no method answers ${request.method} ${path}`);
    const fields = fieldsOf(route, path, url.searchParams, body);
    const unknown = Object.keys(fields).find((name) => !Object.hasOwn(route.request.fields, camelCase(name)));
    if (unknown !== undefined) throw otherForm(`unknown name ${unknown}`);
    const message = fromProto3JSON(route.request, fields);
    if (message) return { route, message };
  } catch (error) {
    if (error instanceof GcpRefusal) throw error;
    // URIs, JSON and fields that are none: each library has errors of its own, and the service one.
    throw otherForm(error instanceof Error ? error.message : '');
  }
  throw otherForm('there is none');
}

function otherForm(why: string): GcpRefusal {
  return refuse('body of another form', `Invalid JSON payload received: ${why}.`);
}

function fieldsOf(
  route: Route,
  path: string,
  query: URLSearchParams,
  body: string,
): Record<string, JSONValue> {
  const json: Record<string, JSONValue> = {};
  if (route.body === '*') Object.assign(json, JSON.parse(body || '{}'));
  else if (route.body) json[camelCase(route.body)] = JSON.parse(body || '{}') as JSONValue;
  for (const [name, value] of query)
    if (/^[a-z]\w*(\.[a-z]\w*)*$/i.test(name) && !SYSTEM_PARAMETERS.has(name))
      place(json, name, jsonOf(route.request.fields[camelCase(name)], value));
  const values = route.pattern.exec(path)?.slice(1) ?? [];
  for (const [at, field] of route.fields.entries()) place(json, field, values[at] ?? '');
  return json;
}

/** What the text of a query is in JSON. */
function jsonOf(field: protobuf.Field | undefined, text: string): JSONValue {
  if (field?.type === 'bool' || field?.type === 'int32') return JSON.parse(text) as JSONValue;
  return field?.type === 'google.protobuf.FieldMask' ? snakeCase(text) : text;
}

/** Puts a value at `crypto_key.name`, in camel case. */
function place(json: Record<string, JSONValue>, path: string, value: JSONValue): void {
  const names = path.split('.').map(camelCase);
  const last = names.pop() ?? '';
  const at = names.reduce<Record<string, JSONValue>>((inside, name) => {
    // Its own, and none of the prototype that all share.
    if (!Object.hasOwn(inside, name)) inside[name] = {};
    return inside[name] as Record<string, JSONValue>;
  }, json);
  at[last] = value;
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The paths of a `google.protobuf.FieldMask`, which JSON has in camel case. */
function snakeCase(paths: string): string {
  return paths.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
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

function sendError(response: ServerResponse, error: unknown): void {
  const { code, message, details, fault } =
    error instanceof GcpRefusal
      ? error
      : new GcpRefusal(CODES.INTERNAL, `the emulator failed: ${error instanceof Error ? error.message : ''}`);
  const name = Object.entries(CODES).find(([, number]) => number === code)?.[0] ?? 'UNKNOWN';
  const status = HTTP_STATUS[code] ?? 500;
  sendOutcome(response, { status, body: { error: { code: status, message, status: name, details } }, fault });
}
