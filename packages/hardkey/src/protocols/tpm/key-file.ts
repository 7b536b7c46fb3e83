/**
 * TSS2 key files: a key in the form in which only its TPM opens it (draft-bottomley-tpm2-keys).
 *
 * @module
 */
import { fromUtf8, utf8 } from '../../encoding/bytes.ts';
import { DerReader, der, derOid, derTag, derUnsigned } from '../../encoding/der.ts';
import { decodePem, encodePem } from '../../encoding/pem.ts';
import { Failure } from '../../errors.ts';
import { decodeTpm, encodeTpm, u32 } from './codec.ts';
import { handleType, handleTypeOf, permanent } from './identifiers.ts';
import { type PublicArea, sizedPublicArea } from './public-area.ts';
import { privateArea as privateCodec } from './structures.ts';

/** One step of a policy: a command, and its parameters after the handles. */
export interface PolicyStep {
  readonly commandCode: number;
  readonly parameters: Uint8Array;
}

/** What a file holds. */
export interface TpmKeyFile {
  readonly kind: 'loadable' | 'importable' | 'sealed';
  /** Whether the authorization value is empty. Some programs say no of keys that have none. */
  readonly emptyAuth: boolean;
  /** In the order in which the steps are taken. */
  readonly policy: readonly PolicyStep[];
  readonly description?: string;
  /** Whether the primary key of the parent's hierarchy is an RSA key. */
  readonly rsaParent: boolean;
  /** A persistent handle, or a hierarchy whose primary key is the parent. */
  readonly parent: number;
  readonly publicArea: PublicArea;
  readonly privateArea: Uint8Array;
}

/** What stands between the dashes. */
export const keyFileLabel = 'TSS2 PRIVATE KEY';

const KINDS: Readonly<Record<string, TpmKeyFile['kind']>> = {
  '2.23.133.10.1.3': 'loadable',
  '2.23.133.10.1.4': 'importable',
  '2.23.133.10.1.5': 'sealed',
};
const OIDS: Readonly<Record<TpmKeyFile['kind'], string>> = {
  loadable: '2.23.133.10.1.3',
  importable: '2.23.133.10.1.4',
  sealed: '2.23.133.10.1.5',
};

const FIELD = 'tpm.keyFile';
const BOOLEAN = 0x01;
const UTF8_STRING = 0x0c;

/** The tag [n] EXPLICIT. */
function explicit(number: number): number {
  return 0xa0 + number;
}

/** Reads a file. Throws `MALFORMED`, and `UNSUPPORTED` for what needs more than is known here. */
export function decodeKeyFile(text: string): TpmKeyFile {
  const blocks = decodePem(text, FIELD).filter(({ label }) => label === keyFileLabel);
  const [block, second] = blocks;
  if (block === undefined || second !== undefined) {
    throw new Failure('MALFORMED', 'the PEM does not hold exactly one TPM key', { field: FIELD });
  }
  return decodeKeyDer(block.bytes);
}

/** Reads what is between the dashes. */
export function decodeKeyDer(bytes: Uint8Array): TpmKeyFile {
  const outer = new DerReader(bytes, FIELD);
  const body = outer.enter();
  outer.end();
  const kind = KINDS[body.oid()];
  if (kind === undefined) throw unsupported('a kind of TPM key that is not known');
  const emptyAuth = optional(body, 0, boolean) ?? false;
  const policy = optional(body, 1, policySteps) ?? [];
  const isImported = optional(body, 2, (inner) => inner.read(derTag.octetString)) !== undefined;
  const policies = optional(body, 3, (inner) => inner.read(derTag.sequence)) !== undefined;
  const description = optional(body, 4, (inner) => fromUtf8(inner.read(UTF8_STRING), FIELD));
  const rsaParent = optional(body, 5, boolean) ?? false;
  const parent = parentOf(body);
  const publicArea = decodeTpm(sizedPublicArea, body.read(derTag.octetString), `${FIELD}.pubkey`);
  const privateArea = decodeTpm(privateCodec, body.read(derTag.octetString), `${FIELD}.privkey`);
  body.end();
  if (kind === 'importable' || isImported) throw unsupported('a key that has yet to be imported');
  // A choice of policies can be met in one way or another; the one list of steps is all that is followed.
  if (policies && policy.length === 0) throw unsupported('a key with a choice of policies');
  const told = description === undefined ? {} : { description };
  return { kind, emptyAuth, policy, ...told, rsaParent, parent, publicArea, privateArea };
}

/** Writes a file. What is absent, empty or false is left out: other programs read the mandatory parts only. */
export function encodeKeyFile(file: TpmKeyFile): string {
  const { kind, emptyAuth, policy, description, rsaParent, parent } = file;
  const parts = [
    derOid(OIDS[kind]),
    ...(emptyAuth ? [der(explicit(0), TRUE)] : []),
    ...(policy.length > 0 ? [der(explicit(1), der(derTag.sequence, ...policy.map(stepDer)))] : []),
    ...(description === undefined ? [] : [der(explicit(4), der(UTF8_STRING, utf8(description)))]),
    ...(rsaParent ? [der(explicit(5), TRUE)] : []),
    derUnsigned(encodeTpm(u32, parent)),
    der(derTag.octetString, encodeTpm(sizedPublicArea, file.publicArea)),
    der(derTag.octetString, encodeTpm(privateCodec, file.privateArea)),
  ];
  return encodePem(keyFileLabel, der(derTag.sequence, ...parts));
}

const TRUE = der(BOOLEAN, Uint8Array.of(0xff));

function stepDer({ commandCode, parameters }: PolicyStep): Uint8Array {
  return der(
    derTag.sequence,
    der(explicit(0), derUnsigned(encodeTpm(u32, commandCode))),
    der(explicit(1), der(derTag.octetString, parameters)),
  );
}

function optional<T>(body: DerReader, number: number, read: (inner: DerReader) => T): T | undefined {
  if (body.tag !== explicit(number)) return undefined;
  const inner = body.enter(explicit(number));
  const value = read(inner);
  inner.end();
  return value;
}

/** X.690 §11.1 has true as FF; programs in use write 01. */
function boolean(inner: DerReader): boolean {
  const { offset } = inner;
  const [value, more] = inner.read(BOOLEAN);
  if (more === undefined && (value === 0 || value === 1 || value === 0xff)) return value !== 0;
  throw new Failure('MALFORMED', 'neither true nor false', { field: FIELD, offset });
}

/** More steps than any policy has. */
const STEPS_MOST = 16;

function policySteps(inner: DerReader): readonly PolicyStep[] {
  const sequence = inner.enter();
  const steps: PolicyStep[] = [];
  while (!sequence.done) {
    if (steps.length === STEPS_MOST) throw unsupported('a policy of more steps than are taken');
    const step = sequence.enter();
    const code = step.enter(explicit(0));
    const parameters = step.enter(explicit(1));
    steps.push({ commandCode: number(code), parameters: parameters.read(derTag.octetString) });
    code.end();
    parameters.end();
    step.end();
  }
  return steps;
}

const PARENTS: readonly number[] = [
  permanent.owner,
  permanent.null,
  permanent.endorsement,
  permanent.platform,
];

function parentOf(body: DerReader): number {
  const { offset } = body;
  const parent = number(body);
  if (handleTypeOf(parent) === handleType.persistent || PARENTS.includes(parent)) return parent;
  throw new Failure('MALFORMED', 'not a parent of a key', { field: `${FIELD}.parent`, offset });
}

/** An INTEGER of four bytes at most. */
function number(body: DerReader): number {
  const { offset } = body;
  const magnitude = body.unsigned();
  if (magnitude.length > 4) {
    throw new Failure('MALFORMED', 'the number is too large', { field: FIELD, offset });
  }
  return magnitude.reduce((value, byte) => value * 256 + byte, 0);
}

function unsupported(message: string): Failure<'UNSUPPORTED'> {
  return new Failure('UNSUPPORTED', message, { field: FIELD });
}
