/**
 * New keys of a token: made there, or taken in. They cannot be read out, and have both names.
 *
 * @module
 */
import { randomBytes } from '#crypto';
import { type AlgorithmFacts, algorithm } from '../../core/algorithms.ts';
import type { KeySpec } from '../../core/key.ts';
import type { CallOptions } from '../../core/operations.ts';
import { utf8 } from '../../encoding/bytes.ts';
import { encodeHex } from '../../encoding/hex.ts';
import { Failure, type FailureDetails, invalid } from '../../errors.ts';
import type { ObjectName } from './address.ts';
import { CKM, curveParameters, curveRow, type Row, restriction, rowOf, type Use } from './algorithms.ts';
import { CKA, CKK, CKO, numbersHex, template } from './attributes.ts';
import type { Answered, Client } from './client.ts';
import { isAboutTemplate, tokenFailure } from './failures.ts';
import type { RequestBytes } from './jobs.ts';
import type { Request, Template } from './wire.ts';

/** The name of a new key: both parts. */
export type NewName = Required<Pick<ObjectName, 'label' | 'id'>>;

const ID_LENGTH = 16;
const RSA_BITS: readonly number[] = [2048, 3072, 4096];
const USUAL_RSA_BITS = 3072;
/** 65537. */
const EXPONENT = '010001';

/** What the reference leaves open of a new key's name. Throws `ARGUMENT_INVALID` without a label. */
export function newName({ label, id }: ObjectName, given?: string): NewName {
  const object = label ?? given;
  if (object === undefined) throw invalid('a new key needs a label: object=…', 'pkcs11.object');
  if (given !== undefined && given !== object) throw invalid('the reference has another label', 'label');
  return { label: object, id: id ?? randomBytes(ID_LENGTH) };
}

/** Makes a key. Throws `UNSUPPORTED` for what the token cannot make. */
export async function generate(
  client: Client,
  spec: KeySpec,
  name: NewName,
  options: CallOptions,
  details: FailureDetails,
): Promise<void> {
  const facts = algorithm(spec.algorithm);
  checkSpec(spec, facts);
  const requests = requestsOf(facts, spec, name);
  if (requests.length === 0) {
    throw new Failure('UNSUPPORTED', 'PKCS #11 has no such key', { ...details, algorithm: facts.name });
  }
  await firstAccepted(client, requests, options, details);
}

/** A request whose slot is not known yet. */
export type Making = (slot: string) => Request;

/**
 * Sends the first of these requests that the token does not refuse for its attributes; at last, the last
 * of them without what the key may not do, which tpm2-pkcs11 has its own mind about.
 */
export async function firstAccepted(
  client: Client,
  requests: readonly Making[],
  options: CallOptions,
  details: FailureDetails,
  bytes?: RequestBytes,
): Promise<Answered> {
  const ways = [...requests, ...requests.slice(-1).map(permissive)];
  for (const [at, make] of ways.entries()) {
    const answered = await client.attempt(({ token }) => make(token.slot), options, details, bytes);
    const { error } = answered.reply.head;
    if (error === undefined) return answered;
    if (!isAboutTemplate(error) || at === ways.length - 1) throw tokenFailure(error, details);
  }
  throw new Error('there is at least one request');
}

/** What the token says of the key afterwards is what it may do. */
function permissive(make: Making): Making {
  const open = (given: Template): Template =>
    given.filter(([type, value]) => value !== false || !USAGES.includes(type));
  return (slot) => {
    const request = make(slot);
    if (request.op === 'generateKey' || request.op === 'create') {
      return { ...request, template: open(request.template) };
    }
    if (request.op !== 'generateKeyPair') return request;
    const { publicTemplate, privateTemplate } = request;
    return {
      ...request,
      publicTemplate: open(publicTemplate),
      privateTemplate: open(privateTemplate),
    };
  };
}

/** The ways to ask for a key, most wanted first: with the restriction of its mechanisms, and without. */
function requestsOf(facts: AlgorithmFacts, spec: KeySpec, name: NewName): readonly Making[] {
  const row = rowOf(facts.name);
  if (row === undefined) return [];
  return restrictions(facts).flatMap((restricted) => {
    if (facts.keyType === 'oct') return [secretRequest(facts, row, name, restricted)];
    if (facts.keyType === 'RSA') return [rsaRequest(row, name, spec.bits ?? USUAL_RSA_BITS, restricted)];
    return curveRequests(facts, row, name, spec, restricted);
  });
}

/** CKA_ALLOWED_MECHANISMS, which not all tokens know. */
export function restrictions({ name }: AlgorithmFacts): readonly Template[] {
  const only = restriction(name);
  return only.length === 0 ? [[]] : [[[CKA.ALLOWED_MECHANISMS, numbersHex(only)]], []];
}

function secretRequest(facts: AlgorithmFacts, row: Row, name: NewName, restricted: Template): Making {
  const mac = facts.operation === 'mac';
  const made: Template = [
    ...secretTemplate(facts, row, name),
    [CKA.VALUE_LEN, (facts.keyBits ?? 0) / 8],
    ...restricted,
  ];
  const mechanism = { type: mac ? CKM.GENERIC_SECRET_KEY_GEN : CKM.AES_KEY_GEN };
  return (slot) => ({ op: 'generateKey', slot, mechanism, template: made });
}

function rsaRequest(row: Row, name: NewName, bits: number, restricted: Template): Making {
  const mechanism = { type: CKM.RSA_PKCS_KEY_PAIR_GEN };
  const publicTemplate: Template = [
    ...publicHalf([row.use], name),
    [CKA.MODULUS_BITS, bits],
    [CKA.PUBLIC_EXPONENT, EXPONENT],
  ];
  const privateTemplate = [...privateHalf([row.use], name), ...restricted];
  return (slot) => ({ op: 'generateKeyPair', slot, mechanism, publicTemplate, privateTemplate });
}

function curveRequests(
  facts: AlgorithmFacts,
  row: Row,
  name: NewName,
  spec: KeySpec,
  restricted: Template,
): readonly Making[] {
  const curve = curveRow(spec.curve ?? facts.curves[0] ?? 'P-256');
  if (curve === undefined) return [];
  const privateTemplate = [...privateHalf([row.use], name), ...restricted];
  return curveParameters(curve).map((parameters) => {
    const publicTemplate: Template = [...publicHalf([row.use], name), [CKA.EC_PARAMS, parameters]];
    const mechanism = { type: curve.generate };
    return (slot) => ({ op: 'generateKeyPair', slot, mechanism, publicTemplate, privateTemplate });
  });
}

/** What every new object has. */
function named({ label, id }: NewName, isPrivate: boolean): Template {
  return [
    [CKA.TOKEN, true],
    [CKA.PRIVATE, isPrivate],
    [CKA.LABEL, encodeHex(utf8(label))],
    [CKA.ID, encodeHex(id)],
  ];
}

/** What holds of every new private or secret key: the token does not give it away. */
const KEPT: Template = [
  [CKA.SENSITIVE, true],
  [CKA.EXTRACTABLE, false],
];

const PRIVATE_USAGES: readonly number[] = [CKA.SIGN, CKA.DECRYPT, CKA.UNWRAP, CKA.DERIVE];
const PUBLIC_USAGES: readonly number[] = [CKA.VERIFY, CKA.ENCRYPT, CKA.WRAP];
const SECRET_USAGES: readonly number[] = [
  CKA.SIGN,
  CKA.VERIFY,
  CKA.ENCRYPT,
  CKA.DECRYPT,
  CKA.WRAP,
  CKA.UNWRAP,
];
const USAGES: readonly number[] = [...PRIVATE_USAGES, ...PUBLIC_USAGES];

/** What a use sets, and what it therefore does not: some tokens permit everything by default. */
function permitted(all: readonly number[], set: readonly number[]): Template {
  return all.map((attribute) => [attribute, set.includes(attribute)] as const);
}

/** The private half of a new pair, but for what is particular to its kind. */
export function privateHalf(uses: readonly Use[], name: NewName): Template {
  const set = uses.flatMap(({ attributes }) => attributes);
  return [...named(name, true), ...KEPT, ...permitted(PRIVATE_USAGES, set)];
}

/** Its public half. */
export function publicHalf(uses: readonly Use[], name: NewName): Template {
  const set = uses.flatMap(({ publicAttributes }) => publicAttributes);
  return [...named(name, false), ...permitted(PUBLIC_USAGES, set)];
}

/** A new secret key, but for its value. */
export function secretTemplate({ operation }: AlgorithmFacts, { use }: Row, name: NewName): Template {
  return template([
    [CKA.CLASS, CKO.SECRET_KEY],
    [CKA.KEY_TYPE, operation === 'mac' ? CKK.GENERIC_SECRET : CKK.AES],
    ...named(name, true),
    ...KEPT,
    ...permitted(SECRET_USAGES, use.attributes),
  ]);
}

function checkSpec({ bits, curve }: KeySpec, facts: AlgorithmFacts): void {
  if (bits !== undefined && (facts.keyType !== 'RSA' || !RSA_BITS.includes(bits))) {
    throw invalid('bits are 2048, 3072 or 4096, and for RSA only', 'bits');
  }
  if (curve !== undefined && !facts.curves.includes(curve)) {
    throw invalid('not a curve of this algorithm', 'curve');
  }
}
