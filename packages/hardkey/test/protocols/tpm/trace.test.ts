// Commands and responses that were recorded between another program and swtpm, with every input of its sessions.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { vectors } from '../../../../../scripts/components/vectors.ts';
import { attest } from '../../../src/protocols/tpm/attest.ts';
import { authorize } from '../../../src/protocols/tpm/authorization.ts';
import { decodeTpm, encodeTpm, type TpmCodec } from '../../../src/protocols/tpm/codec.ts';
import { decodeResponse, encodeCommand, type TpmCommand } from '../../../src/protocols/tpm/command.ts';
import * as device from '../../../src/protocols/tpm/commands/device.ts';
import * as keys from '../../../src/protocols/tpm/commands/keys.ts';
import * as objects from '../../../src/protocols/tpm/commands/objects.ts';
import * as sessions from '../../../src/protocols/tpm/commands/sessions.ts';
import * as statements from '../../../src/protocols/tpm/commands/statements.ts';
import { kdfe } from '../../../src/protocols/tpm/kdf.ts';
import { objectName } from '../../../src/protocols/tpm/name.ts';
import { padded } from '../../../src/protocols/tpm/public-key.ts';
import { beginSession } from '../../../src/protocols/tpm/session.ts';
import { creationData } from '../../../src/protocols/tpm/structures.ts';
import { storageTemplate } from '../../../src/protocols/tpm/templates.ts';
import { nodeCrypto } from '../../../src/providers/tpm/crypto.ts';
import { failsWith } from '../../support/failures.ts';

interface Entry {
  readonly name: string;
  readonly note?: string;
  readonly cc: number;
  readonly request: string;
  readonly response: string;
  readonly rc: string;
  readonly session?: Readonly<Record<string, string>>;
  readonly paramEncryption?: { readonly plain: string; readonly cipher: string };
  readonly responseDecryption?: { readonly plain: string; readonly cipher: string };
  readonly hmac?: readonly { readonly nonceNewer: string; readonly nonceOlder: string }[];
}

type AnyCommand = TpmCommand<object, object>;

const file = vectors('provenance/tpm/swtpm-0.7.1-libtpms-0.9.2-trace.json');
const skip = file.missing ?? false;
const trace: readonly Entry[] =
  file.missing === undefined ? (JSON.parse(readFileSync(file.path, 'utf8')) as { trace: Entry[] }).trace : [];
const commands = new Map(
  [device, keys, objects, sessions, statements]
    .flatMap((part) => Object.values<unknown>(part))
    .filter((value): value is AnyCommand => typeof value === 'object' && value !== null && 'code' in value)
    .map((command) => [command.code, command]),
);
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

interface Request {
  readonly handles: readonly number[];
  readonly area: Uint8Array;
  readonly parameters: Uint8Array;
}

/** Takes a request apart as a TPM does. */
function requestOf({ request }: Entry, command: AnyCommand): Request {
  const all = Buffer.from(request, 'hex');
  assert.equal(all.readUInt32BE(2), all.length);
  const handles = command.handles.map((_, at) => all.readUInt32BE(10 + 4 * at));
  let rest = all.subarray(10 + 4 * handles.length);
  if (all.readUInt16BE(0) === 0x8001) return { handles, area: new Uint8Array(), parameters: rest };
  const length = rest.readUInt32BE(0);
  rest = rest.subarray(4);
  return { handles, area: rest.subarray(0, length), parameters: rest.subarray(length) };
}

/** The same parameters with the encrypted part replaced. */
function shown(
  parameters: Uint8Array,
  part?: { readonly plain: string; readonly cipher: string },
): Uint8Array {
  if (part === undefined) return parameters;
  const at = hex(parameters).indexOf(part.cipher);
  assert.equal(at, 4);
  return bytes(hex(parameters).replace(part.cipher, part.plain));
}

function survives<T>(codec: TpmCodec<T>, given: Uint8Array, name: string): T {
  const value = decodeTpm(codec, given, name);
  assert.equal(hex(encodeTpm(codec, value)), hex(given), name);
  return value;
}

function commandOf({ cc, name }: Entry): AnyCommand {
  const command = commands.get(cc);
  assert.ok(command !== undefined, name);
  assert.equal(command.name, name);
  return command;
}

test('every recorded command and response is read and written to the byte', { skip }, () => {
  let read = 0;
  for (const entry of trace) {
    const command = commandOf(entry);
    const { handles, area, parameters } = requestOf(entry, command);
    const given = shown(parameters, entry.paramEncryption);
    // A capability and a curve that are not used here.
    if (/TPM_CAP_ALGS|CURVE_25519/.test(entry.note ?? '')) {
      assert.throws(() => decodeTpm(command.request, given, 'tpm'), failsWith('UNSUPPORTED'));
      continue;
    }
    survives(command.request, given, entry.name);
    assert.equal(hex(encodeCommand(entry.cc, handles, area, parameters)), entry.request, entry.name);
    const response = decodeResponse(bytes(entry.response), command.answersHandle);
    assert.equal(`0x${response.code.toString(16)}`, entry.rc);
    if (response.code !== 0) continue;
    survives(command.response, shown(response.parameters, entry.responseDecryption), entry.name);
    read += 1;
  }
  assert.equal(read, 45);
});

test('names, statements and circumstances are those of the TPM', { skip }, () => {
  const seen = { named: 0, stated: 0, made: 0 };
  for (const entry of trace.filter(({ rc }) => rc === '0x0')) {
    const command = commandOf(entry);
    const { parameters } = decodeResponse(bytes(entry.response), command.answersHandle);
    if (entry.cc === objects.createPrimary.code) {
      const {
        name,
        outPublic,
        creationData: data,
      } = decodeTpm(objects.createPrimary.response, parameters, 'tpm');
      assert.equal(hex(objectName(outPublic, nodeCrypto.hash)), hex(name));
      survives(creationData, data, entry.name);
      seen.named += 1;
      seen.made += 1;
    }
    if (
      entry.cc === statements.certify.code ||
      entry.cc === statements.quote.code ||
      entry.cc === statements.certifyCreation.code
    ) {
      const { attest: statement } = decodeTpm(statements.certify.response, parameters, 'tpm');
      const { extraData } = survives(attest, statement, entry.name);
      assert.equal(Buffer.from(extraData).toString(), 'verifier-nonce');
      seen.stated += 1;
    }
  }
  assert.deepEqual(seen, { named: 1, stated: 3, made: 1 });
});

const salted = (): Entry => trace.find(({ note }) => note?.startsWith('hmac salted')) as Entry;

test('the key of a salted session is what both sides made of its salt', { skip }, () => {
  const entry = salted();
  const { session = {} } = entry;
  const at = (name: string): Uint8Array => bytes(session[name] ?? '');
  const context = { contextU: at('ephemeralX'), contextV: at('srkX') };
  const salt = kdfe(nodeCrypto, at('z'), { hash: 'SHA-256', label: 'SECRET', ...context, bits: 256 });
  assert.equal(hex(salt), session['salt']);
  const command = sessions.startAuthSession;
  const request = decodeTpm(command.request, requestOf(entry, command as never).parameters, 'tpm');
  const begun = beginSession(nodeCrypto, request, { secret: salt, encrypted: salt }, 1, at('nonceTPM'));
  assert.equal(hex(begun.key), session['sessionKey']);
});

test('proofs and hidden parameters are those that the TPM accepted and gave', { skip }, () => {
  const key = bytes(salted().session?.['sessionKey'] ?? '');
  const srk = trace.find(({ cc }) => cc === objects.createPrimary.code) as Entry;
  const parent = decodeTpm(
    objects.createPrimary.response,
    decodeResponse(bytes(srk.response), true).parameters,
    'tpm',
  );
  const made = trace.find(({ note }) => note?.startsWith('authValue travels')) as Entry;
  const opened = shown(decodeResponse(bytes(made.response), false).parameters, made.responseDecryption);
  const child = decodeTpm(objects.create.response, opened, 'tpm').outPublic;
  for (const [note, value, name] of [
    ['HMAC authorization', '1234-pin', objectName(child, nodeCrypto.hash)],
    ['seal 32 bytes', '', parent.name],
  ] as const) {
    const entry = trace.find((one) => one.note?.startsWith(note)) as Entry;
    const [proof] = entry.hmac ?? [];
    const command = commandOf(entry);
    const { handles, area, parameters } = requestOf(entry, command);
    assert.ok(proof !== undefined);
    // The one thing that a recording fixes: what the other program drew at random.
    const crypto = { ...nodeCrypto, randomBytes: () => bytes(proof.nonceNewer) };
    const session = {
      handle: 0x02000000,
      hash: 'SHA-256',
      key,
      nonceTPM: bytes(proof.nonceOlder),
      isPolicy: false,
    } as const;
    const own = { session: { ...session }, value: new TextEncoder().encode(value) };
    const proved = authorize(crypto, command, [name], shown(parameters, entry.paramEncryption), [own]);
    assert.equal(hex(proved.area), hex(area));
    assert.equal(hex(proved.parameters), hex(parameters));
    assert.equal(hex(encodeCommand(entry.cc, handles, proved.area, proved.parameters)), entry.request);
    const response = decodeResponse(bytes(entry.response), command.answersHandle);
    assert.equal(hex(proved.open(response.parameters, response.authorization)), hex(response.parameters));
    for (const at of [0, response.parameters.length - 1]) {
      const other = { session: { ...session }, value: own.value };
      const changed = response.parameters.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      const again = authorize(crypto, command, [name], shown(parameters, entry.paramEncryption), [other]);
      assert.throws(
        () => again.open(changed, response.authorization),
        failsWith('VERIFICATION_FAILED', { check: 'tpm.response' }),
      );
    }
  }
});

test('the storage key was made of our template', { skip }, () => {
  const srk = trace.find(({ cc }) => cc === objects.createPrimary.code) as Entry;
  const { parameters } = requestOf(srk, objects.createPrimary as never);
  assert.deepEqual(decodeTpm(objects.createPrimary.request, parameters, 'tpm').inPublic, storageTemplate);
});

test('a number keeps its width', () => {
  assert.deepEqual(padded(Uint8Array.of(1), 3), Uint8Array.of(0, 0, 1));
  assert.deepEqual(padded(Uint8Array.of(1, 2), 1), Uint8Array.of(1, 2));
});
