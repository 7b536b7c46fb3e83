/**
 * Requests to calls of the module.
 *
 * @module
 */
import { endianness } from 'node:os';
import type {
  FoundObject,
  Handle,
  MechanismInfo,
  ReplyHead,
  Request,
  Template,
  TokenInfo,
  UseRequest,
} from '../wire.ts';
import { type Cryptoki, type NativeAttribute, type NativeHandle, rvOf } from './cryptoki.ts';
import { nativeMechanism } from './mechanism.ts';
import type { Sessions } from './sessions.ts';

/** What a reply says. */
export type Answer = Omit<ReplyHead, 'error'> & { readonly bytes?: Uint8Array };

type FindRequest = Extract<Request, { readonly op: 'find' }>;

const CKU_USER = 1;
const ALREADY_LOGGED_IN = 0x100;
const FOUND_AT_ONCE = 64;

const CKA_CLASS = 0x0;
const CKA_TOKEN = 0x1;
const CKA_PRIVATE = 0x2;
const CKA_VALUE = 0x11;
const CKA_KEY_TYPE = 0x100;
const CKA_SENSITIVE = 0x103;
const CKA_VALUE_LEN = 0x161;
const CKA_EXTRACTABLE = 0x162;
const CKO_SECRET_KEY = 4;
const CKK_GENERIC_SECRET = 0x10;

/** Does what is asked. Throws what pkcs11js throws. */
export function answer(sessions: Sessions, request: Request, bytes: Uint8Array): Answer {
  const { module } = sessions;
  switch (request.op) {
    case 'tokens':
      return { tokens: tokensOf(module) };
    case 'mechanisms':
      return { mechanisms: mechanismsOf(module, native(request.slot)) };
    case 'login':
      sessions.run(request.slot, (session) => login(module, session, bytes));
      return {};
    case 'find':
      return { objects: sessions.run(request.slot, (session) => find(module, session, request)) };
    case 'try': {
      const begin = { sign: 'C_SignInit', encrypt: 'C_EncryptInit', decrypt: 'C_DecryptInit' } as const;
      const mechanism = nativeMechanism(request.mechanism, bytes);
      sessions.apart(request.slot, (session) =>
        module[begin[request.use]](session, mechanism, native(request.key)),
      );
      return {};
    }
    case 'generateKey': {
      const { slot, mechanism, template } = request;
      const key = sessions.run(slot, (session) =>
        module.C_GenerateKey(session, nativeMechanism(mechanism, bytes), attributes(template, bytes)),
      );
      return { handles: [hex(key)] };
    }
    case 'generateKeyPair': {
      const { slot, mechanism, publicTemplate, privateTemplate } = request;
      const { publicKey, privateKey } = sessions.run(slot, (session) =>
        module.C_GenerateKeyPair(
          session,
          nativeMechanism(mechanism, bytes),
          attributes(publicTemplate, bytes),
          attributes(privateTemplate, bytes),
        ),
      );
      return { handles: [hex(publicKey), hex(privateKey)] };
    }
    case 'create': {
      const made = sessions.run(request.slot, (session) =>
        module.C_CreateObject(session, attributes(request.template, bytes)),
      );
      return { handles: [hex(made)] };
    }
    case 'destroy':
      sessions.run(request.slot, (session) => module.C_DestroyObject(session, native(request.object)));
      return {};
    case 'ping':
      sessions.run(request.slot, (session) => module.C_GetSessionInfo(session));
      return {};
    default:
      return { bytes: sessions.run(request.slot, (session) => use(module, session, request, bytes)) };
  }
}

/** Uses a key on bytes. */
function use(module: Cryptoki, session: NativeHandle, request: UseRequest, bytes: Uint8Array): Uint8Array {
  const mechanism = nativeMechanism(request.mechanism, bytes);
  const data = buffer(bytes.subarray(request.mechanism.gcm?.aadLength ?? 0));
  const key = native(request.key);
  const output = Buffer.alloc(request.length);
  switch (request.op) {
    case 'sign':
      module.C_SignInit(session, mechanism, key);
      return module.C_Sign(session, data, output);
    case 'encrypt':
      module.C_EncryptInit(session, mechanism, key);
      return module.C_Encrypt(session, data, output);
    case 'decrypt':
      module.C_DecryptInit(session, mechanism, key);
      return module.C_Decrypt(session, data, output);
    case 'wrap': {
      const content = module.C_CreateObject(session, [...SECRET, { type: CKA_VALUE, value: data }]);
      return consume(module, session, content, () =>
        module.C_WrapKey(session, mechanism, key, content, output),
      );
    }
    case 'unwrap': {
      const content = module.C_UnwrapKey(session, mechanism, key, data, SECRET);
      return consume(module, session, content, () => readValue(module, session, content));
    }
    case 'derive': {
      const length = { type: CKA_VALUE_LEN, value: request.length };
      const secret = module.C_DeriveKey(session, mechanism, key, [...SECRET, length]);
      return consume(module, session, secret, () => readValue(module, session, secret));
    }
  }
}

/** A secret that belongs to the caller: it passes through the token, and is not kept there. */
const SECRET: readonly NativeAttribute[] = [
  { type: CKA_CLASS, value: CKO_SECRET_KEY },
  { type: CKA_KEY_TYPE, value: CKK_GENERIC_SECRET },
  { type: CKA_TOKEN, value: false },
  { type: CKA_PRIVATE, value: false },
  { type: CKA_SENSITIVE, value: false },
  { type: CKA_EXTRACTABLE, value: true },
];

function consume<T>(module: Cryptoki, session: NativeHandle, object: NativeHandle, act: () => T): T {
  try {
    return act();
  } finally {
    module.C_DestroyObject(session, object);
  }
}

function readValue(module: Cryptoki, session: NativeHandle, object: NativeHandle): Uint8Array {
  const [attribute] = module.C_GetAttributeValue(session, object, [{ type: CKA_VALUE }]);
  return attribute?.value ?? new Uint8Array();
}

/** The PIN is a string to pkcs11js. It is collected some time; until then it is in this process. */
function login(module: Cryptoki, session: NativeHandle, pin: Uint8Array): void {
  try {
    module.C_Login(session, CKU_USER, buffer(pin).toString('utf8'));
  } catch (error) {
    // Sessions of this process share their login.
    if (rvOf(error) !== ALREADY_LOGGED_IN) throw error;
  } finally {
    pin.fill(0);
  }
}

function find(
  module: Cryptoki,
  session: NativeHandle,
  { template, reading }: FindRequest,
): readonly FoundObject[] {
  module.C_FindObjectsInit(session, attributes(template, new Uint8Array()));
  const handles: NativeHandle[] = [];
  try {
    for (let more = true; more; ) {
      const some = module.C_FindObjects(session, FOUND_AT_ONCE);
      handles.push(...some);
      more = some.length === FOUND_AT_ONCE;
    }
  } finally {
    module.C_FindObjectsFinal(session);
  }
  return handles.flatMap((object) => describe(module, session, object, reading));
}

/** What is to be read of an object; nothing of one that is gone by now. */
function describe(
  module: Cryptoki,
  session: NativeHandle,
  object: NativeHandle,
  reading: FindRequest['reading'],
): readonly FoundObject[] {
  const found = read(module, session, object, [CKA_CLASS]);
  const keyType = (): number | undefined => numberIn(found[CKA_KEY_TYPE]);
  const readings = reading[numberIn(found[CKA_CLASS]) ?? -1];
  if (readings === undefined) return [];
  const unread: number[] = [];
  for (const { types, keyTypes, optional } of readings) {
    if (keyTypes !== undefined && !keyTypes.includes(keyType() ?? -1)) continue;
    try {
      Object.assign(found, read(module, session, object, types));
    } catch (error) {
      if (optional === undefined) throw error;
      unread.push(...types);
    }
  }
  return [{ handle: hex(object), attributes: found, unread }];
}

function numberIn(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const bytes = native(text);
  return endianness() === 'LE' ? bytes.readUInt32LE(0) : bytes.readUInt32BE(bytes.length - 4);
}

/** One attribute that a token does not have makes the whole call fail. */
function read(
  module: Cryptoki,
  session: NativeHandle,
  object: NativeHandle,
  group: readonly number[],
): Record<string, string> {
  try {
    const found = module.C_GetAttributeValue(
      session,
      object,
      group.map((type) => ({ type })),
    );
    return Object.fromEntries(found.flatMap(({ type, value }) => (value ? [[type, hex(value)]] : [])));
  } catch (error) {
    if (!UNREADABLE.includes(rvOf(error))) throw error;
    if (group.length === 1) return {};
    return Object.assign({}, ...group.map((type) => read(module, session, object, [type]))) as Record<
      string,
      string
    >;
  }
}

/** CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID, and of an object that went: CKR_OBJECT_HANDLE_INVALID. */
const UNREADABLE: readonly number[] = [0x11, 0x12, 0x82];

function tokensOf(module: Cryptoki): readonly TokenInfo[] {
  const library = module.C_GetInfo();
  return module.C_GetSlotList(true).map((slot) => {
    const token = module.C_GetTokenInfo(slot);
    const { slotDescription, manufacturerID } = module.C_GetSlotInfo(slot);
    return {
      slot: hex(slot),
      label: trimmed(token.label),
      serial: trimmed(token.serialNumber),
      manufacturer: trimmed(token.manufacturerID),
      model: trimmed(token.model),
      flags: token.flags,
      slotManufacturer: trimmed(manufacturerID),
      slotDescription: trimmed(slotDescription),
      libraryManufacturer: trimmed(library.manufacturerID),
      libraryDescription: trimmed(library.libraryDescription),
      libraryVersion: library.libraryVersion,
    };
  });
}

function mechanismsOf(module: Cryptoki, slot: NativeHandle): readonly MechanismInfo[] {
  return module.C_GetMechanismList(slot).map((type) => [type, module.C_GetMechanismInfo(slot, type).flags]);
}

/** Fixed fields are padded with spaces, or by some with zeros. */
function trimmed(text: string): string {
  return text.replace(/[\0 ]+$/, '');
}

function attributes(template: Template, bytes: Uint8Array): readonly NativeAttribute[] {
  return template.map(([type, value]) => {
    if (typeof value === 'object') return { type, value: buffer(bytes.subarray(value.from, value.to)) };
    return { type, value: typeof value === 'string' ? native(value) : value };
  });
}

function hex(bytes: Buffer): Handle {
  return bytes.toString('hex');
}

function native(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
