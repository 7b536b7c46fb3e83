/**
 * The definitions of the service, as they ship inside Google's own client.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON, loadSync, type MessageTypeDefinition, type PackageDefinition } from '@grpc/proto-loader';
import protobuf, { type INamespace } from 'protobufjs';

const OPTIONS = { longs: String, enums: String, oneofs: true } as const;

const fromHere = createRequire(import.meta.url);
const GAX_PROTOS = join(dirname(fromHere.resolve('google-gax')), '../protos');

/** The definitions of Cloud KMS and of IAM, as JSON. */
export function kmsJson(): INamespace {
  return readJson(fromHere.resolve('@google-cloud/kms/build/protos/protos.json'));
}

/** The definitions of IAM, as JSON. */
export function iamJson(): INamespace {
  return readJson(join(GAX_PROTOS, 'iam_service.json'));
}

/** The services by name. */
export function loadServices(): { readonly kms: ServiceDefinition; readonly iam: ServiceDefinition } {
  const kms = fromJSON(kmsJson(), OPTIONS)['google.cloud.kms.v1.KeyManagementService'];
  const iam = fromJSON(iamJson(), OPTIONS)['google.iam.v1.IAMPolicy'];
  if (!kms || !iam) throw new Error('the definitions of the client have no such service');
  return { kms: kms as ServiceDefinition, iam: iam as ServiceDefinition };
}

/** The fields of what a method answers, by the name of the method. */
export function answerFields(): Readonly<Record<string, readonly string[]>> {
  const services = [
    protobuf.Root.fromJSON(kmsJson()).lookupService('google.cloud.kms.v1.KeyManagementService'),
    protobuf.Root.fromJSON(iamJson()).lookupService('google.iam.v1.IAMPolicy'),
  ];
  const methods = services.flatMap((service) => {
    service.resolveAll();
    return service.methodsArray;
  });
  return Object.fromEntries(
    methods.map(({ name, resolvedResponseType }) => [name, Object.keys(resolvedResponseType?.fields ?? {})]),
  );
}

/** Writes `google.rpc.Status` in bytes; a detail that `google.rpc` does not define is a `TypeError`. */
export type StatusEncoder = (code: number, message: string, details: readonly object[]) => Buffer;

/** Writes the trailer `grpc-status-details-bin`. */
export function statusEncoder(): StatusEncoder {
  const files = ['google/rpc/status.proto', 'google/rpc/error_details.proto'];
  const types = loadSync(files, { ...OPTIONS, includeDirs: [GAX_PROTOS] });
  return (code, message, details) =>
    encoder(types, 'google.rpc.Status')({ code, message, details: details.map((one) => anyOf(types, one)) });
}

/** `google.protobuf.Any` of a detail in JSON. */
function anyOf(types: PackageDefinition, detail: object): object {
  const { '@type': url = '', ...fields } = detail as { readonly '@type'?: string };
  const name = url.slice(url.lastIndexOf('/') + 1);
  return { type_url: url, value: encoder(types, name)(fields) };
}

function encoder(types: PackageDefinition, name: string): (value: object) => Buffer {
  const type = types[name] as MessageTypeDefinition<object, object> | undefined;
  if (!type) throw new TypeError(`${name} is not a detail that google.rpc defines`);
  return type.serialize;
}

function readJson(file: string): INamespace {
  return JSON.parse(readFileSync(file, 'utf8')) as INamespace;
}
