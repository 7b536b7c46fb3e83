/**
 * What a TPM says, and what is kept of it: structures, responses, key files and evidence. The first byte
 * says which; what is read is written back byte for byte.
 *
 * @module
 */
import { concat, equalBytes } from '../../packages/hardkey/src/encoding/bytes.ts';
import { decodePem } from '../../packages/hardkey/src/encoding/pem.ts';
import { type Attest, attest } from '../../packages/hardkey/src/protocols/tpm/attest.ts';
import { decodeTpm, encodeTpm, type TpmCodec } from '../../packages/hardkey/src/protocols/tpm/codec.ts';
import { decodeResponse, encodeCommand } from '../../packages/hardkey/src/protocols/tpm/command.ts';
import {
  getCapability,
  nvReadPublic,
  pcrRead,
} from '../../packages/hardkey/src/protocols/tpm/commands/device.ts';
import { create, readPublic } from '../../packages/hardkey/src/protocols/tpm/commands/objects.ts';
import {
  decodeChallenge,
  decodeRequest,
  encodeChallenge,
  encodeRequest,
} from '../../packages/hardkey/src/protocols/tpm/enrolment.ts';
import { decodeEvidence, encodeEvidence } from '../../packages/hardkey/src/protocols/tpm/evidence.ts';
import { decodeKeyDer, encodeKeyFile } from '../../packages/hardkey/src/protocols/tpm/key-file.ts';
import { publicArea } from '../../packages/hardkey/src/protocols/tpm/public-area.ts';
import { creationData, signature } from '../../packages/hardkey/src/protocols/tpm/structures.ts';
import {
  attestationTemplate,
  endorsementTemplates,
  keyTemplate,
  otherStorageTemplates,
  sealTemplate,
  storageTemplate,
} from '../../packages/hardkey/src/protocols/tpm/templates.ts';
import { promised, type Target } from '../target.ts';

/** One decoder, with inputs that it takes. */
interface Decoder {
  readonly run: (input: Uint8Array) => void;
  readonly seeds: readonly Uint8Array[];
}

const bytes = (length: number, value = 0x5a): Uint8Array => new Uint8Array(length).fill(value);
const AREAS = [
  storageTemplate,
  ...otherStorageTemplates,
  ...endorsementTemplates.map(({ template }) => template),
  attestationTemplate,
  keyTemplate({
    purpose: 'sign',
    shape: { curve: 'P-384' },
    scheme: { scheme: 'ECDSA', hash: 'SHA-384' },
    hasValue: true,
  }),
  keyTemplate({
    purpose: 'decrypt',
    shape: { keyBits: 2048 },
    scheme: { scheme: 'OAEP', hash: 'SHA-256' },
    hasValue: false,
  }),
  sealTemplate(false, bytes(32)),
];
const AREA = encodeTpm(publicArea, attestationTemplate);
const REGISTERS = [{ hash: 'SHA-256', select: Uint8Array.of(0x81, 0, 0) }] as const;
const ECDSA = { algorithm: 'ECDSA', hash: 'SHA-256', r: bytes(32), s: bytes(32) } as const;
const HEAD = {
  qualifiedSigner: bytes(34),
  extraData: bytes(16),
  clockInfo: { clock: 7n, resetCount: 1, restartCount: 2, safe: true },
  firmwareVersion: 9n,
} as const;
const STATEMENTS: readonly Attest[] = [
  { ...HEAD, type: 'certify', attested: { name: bytes(34), qualifiedName: bytes(34) } },
  { ...HEAD, type: 'quote', attested: { pcrSelect: REGISTERS, pcrDigest: bytes(32) } },
  { ...HEAD, type: 'creation', attested: { objectName: bytes(34), creationHash: bytes(32) } },
];
const CREATED = {
  outPublic: attestationTemplate,
  creationData: bytes(60),
  creationHash: bytes(32),
  creationTicket: { tag: 0x8021, hierarchy: 0x40000001, digest: bytes(32) },
};
const POLICY = [{ commandCode: 0x17f, parameters: bytes(6, 0) }];
const FILE = {
  kind: 'loadable',
  emptyAuth: true,
  policy: POLICY,
  rsaParent: true,
  parent: 0x40000001,
} as const;

const DECODERS: readonly Decoder[] = [
  structure(publicArea, AREAS),
  structure(attest, STATEMENTS),
  structure(signature, [ECDSA, { algorithm: 'RSAPSS', hash: 'SHA-384', signature: bytes(256) }]),
  structure(creationData, [
    {
      pcrSelect: REGISTERS,
      pcrDigest: bytes(32),
      locality: 1,
      parentNameAlg: 0x0b,
      parentName: bytes(34),
      parentQualifiedName: bytes(34),
      outsideInfo: bytes(0),
    },
  ]),
  structure(create.response, [{ outPrivate: bytes(126), ...CREATED }]),
  structure(readPublic.response, [{ outPublic: storageTemplate, name: bytes(34), qualifiedName: bytes(34) }]),
  structure(pcrRead.response, [
    { pcrUpdateCounter: 3, pcrSelectionOut: REGISTERS, pcrValues: [bytes(32), bytes(32)] },
  ]),
  structure(getCapability.response, [
    { moreData: false, capabilityData: { capability: 'handles', handles: [0x81000001, 0x81000100] } },
    {
      moreData: true,
      capabilityData: { capability: 'properties', properties: [{ property: 0x100, value: 1 }] },
    },
    { moreData: false, capabilityData: { capability: 'pcrs', pcrs: REGISTERS } },
    { moreData: false, capabilityData: { capability: 'curves', curves: [3, 4] } },
  ]),
  structure(nvReadPublic.response, [
    {
      nvPublic: {
        nvIndex: 0x01c00002,
        nameAlg: 'SHA-256',
        attributes: 1,
        authPolicy: bytes(0),
        dataSize: 900,
      },
      nvName: bytes(34),
    },
  ]),
  {
    run: (input) => void decodeResponse(input, false),
    // A command with proofs is framed as its response is, with zero in the place of the code.
    seeds: [encodeCommand(0, [], bytes(0), bytes(20)), framed(bytes(20), bytes(9))],
  },
  {
    run(input) {
      const [block] = decodePem(encodeKeyFile(decodeKeyDer(input)));
      decodeKeyDer(block?.bytes ?? input);
    },
    seeds: [{ ...FILE, publicArea: attestationTemplate, privateArea: bytes(126) }].map(
      (file) => decodePem(encodeKeyFile(file))[0]?.bytes ?? bytes(0),
    ),
  },
  message(decodeEvidence, encodeEvidence, [
    { attest: bytes(120), signature: bytes(72), attestationKey: AREA, publicArea: AREA },
    {
      attest: bytes(120),
      signature: bytes(72),
      attestationKey: AREA,
      pcrValues: [bytes(32)],
      certificates: [bytes(9)],
    },
  ]),
  message(decodeRequest, encodeRequest, [
    { attestationKey: AREA, endorsementKey: AREA, certificate: bytes(30) },
  ]),
  message(decodeChallenge, encodeChallenge, [{ credentialBlob: bytes(68), secret: bytes(68) }]),
];

/** A decoder that is the reverse of its encoder. */
function message<T>(
  decode: (input: Uint8Array) => T,
  encode: (value: T) => Uint8Array,
  values: readonly T[],
): Decoder {
  return {
    run: (input) => promised(equalBytes(encode(decode(input)), input), 'one encoding for one value'),
    seeds: values.map(encode),
  };
}

function structure<T>(codec: TpmCodec<T>, values: readonly NoInfer<T>[]): Decoder {
  return message(
    (input) => decodeTpm(codec, input, 'tpm'),
    (value) => encodeTpm(codec, value),
    values,
  );
}

function framed(parameters: Uint8Array, area: Uint8Array): Uint8Array {
  const length = 14 + parameters.length + area.length;
  const head = Uint8Array.of(0x80, 2, 0, 0, 0, length, 0, 0, 0, 0, 0, 0, 0, parameters.length);
  return concat(head, parameters, area);
}

/** See the module. */
export const tpm: Target = {
  name: 'tpm',
  allowed: ['MALFORMED', 'UNSUPPORTED'],
  seeds: () => DECODERS.flatMap(({ seeds }, at) => seeds.map((seed) => concat(Uint8Array.of(at), seed))),
  run(input) {
    const [at = 0] = input;
    DECODERS[at % DECODERS.length]?.run(input.subarray(1));
    return input.length;
  },
};
