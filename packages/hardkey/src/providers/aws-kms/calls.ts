/**
 * The operations of KMS that are called here: what is sent, and what of the answer is read.
 *
 * @module
 */

/** Of every answer we read only what is declared, and any of it may be missing. */
type Answer<T> = { readonly [K in keyof T]?: T[K] | undefined };

interface Named {
  /** Key id, ARN, or where it is allowed an alias. */
  readonly KeyId: string;
}

/** One tag of a key. */
export interface Tag {
  readonly TagKey?: string | undefined;
  readonly TagValue?: string | undefined;
}

/** What KMS says of a key. */
export type KeyMetadata = Answer<{
  Arn: string;
  CreationDate: Date;
  Description: string;
  KeyUsage: string;
  KeyState: string;
  KeySpec: string;
  KeyManager: string;
  Origin: string;
  MultiRegion: boolean;
}>;

interface Page {
  readonly Marker?: string;
}

type Pages<T> = Answer<T & { NextMarker: string; Truncated: boolean }>;

/** Input and output of each operation. */
export interface Operations {
  DescribeKey: [Named, Answer<{ KeyMetadata: KeyMetadata }>];
  GetPublicKey: [Named, Answer<{ KeyId: string; PublicKey: Uint8Array; KeySpec: string; KeyUsage: string }>];
  Sign: [
    Named & {
      readonly Message: Uint8Array;
      readonly MessageType: 'RAW' | 'DIGEST';
      readonly SigningAlgorithm: string;
      readonly DryRun?: boolean;
    },
    Answer<{ KeyId: string; Signature: Uint8Array; SigningAlgorithm: string }>,
  ];
  Verify: [
    Named & {
      readonly Message: Uint8Array;
      readonly MessageType: 'RAW' | 'DIGEST';
      readonly SigningAlgorithm: string;
      readonly Signature: Uint8Array;
    },
    Answer<{ KeyId: string; SignatureValid: boolean }>,
  ];
  Encrypt: [
    Named & {
      readonly Plaintext: Uint8Array;
      readonly EncryptionContext?: Readonly<Record<string, string>>;
      readonly DryRun?: boolean;
    },
    Answer<{ KeyId: string; CiphertextBlob: Uint8Array }>,
  ];
  Decrypt: [
    Named & {
      readonly CiphertextBlob: Uint8Array;
      readonly EncryptionContext?: Readonly<Record<string, string>>;
      readonly EncryptionAlgorithm?: string;
      readonly DryRun?: boolean;
    },
    Answer<{ KeyId: string; Plaintext: Uint8Array }>,
  ];
  GenerateDataKey: [
    Named & {
      readonly NumberOfBytes: number;
      readonly EncryptionContext?: Readonly<Record<string, string>>;
    },
    Answer<{ KeyId: string; Plaintext: Uint8Array; CiphertextBlob: Uint8Array }>,
  ];
  GenerateMac: [
    Named & { readonly Message: Uint8Array; readonly MacAlgorithm: string; readonly DryRun?: boolean },
    Answer<{ KeyId: string; Mac: Uint8Array }>,
  ];
  VerifyMac: [
    Named & { readonly Message: Uint8Array; readonly Mac: Uint8Array; readonly MacAlgorithm: string },
    Answer<{ KeyId: string; MacValid: boolean }>,
  ];
  CreateKey: [
    {
      readonly KeySpec: string;
      readonly KeyUsage: string;
      readonly Description: string;
      readonly Tags: readonly Tag[];
      readonly Origin?: 'EXTERNAL';
      readonly MultiRegion?: boolean;
      readonly Policy?: string;
      readonly BypassPolicyLockoutSafetyCheck?: true;
    },
    Answer<{ KeyMetadata: KeyMetadata }>,
  ];
  CreateAlias: [{ readonly AliasName: string; readonly TargetKeyId: string }, object];
  UpdateAlias: [{ readonly AliasName: string; readonly TargetKeyId: string }, object];
  DeleteAlias: [{ readonly AliasName: string }, object];
  ListAliases: [
    Page & { readonly KeyId?: string },
    Pages<{ Aliases: readonly Answer<{ AliasName: string; TargetKeyId: string }>[] }>,
  ];
  ListKeys: [Page, Pages<{ Keys: readonly Answer<{ KeyArn: string }>[] }>];
  ListResourceTags: [Named & Page, Pages<{ Tags: readonly Tag[] }>];
  TagResource: [Named & { readonly Tags: readonly Tag[] }, object];
  UntagResource: [Named & { readonly TagKeys: readonly string[] }, object];
  UpdateKeyDescription: [Named & { readonly Description: string }, object];
  EnableKey: [Named, object];
  DisableKey: [Named, object];
  RotateKeyOnDemand: [Named, object];
  GetKeyPolicy: [Named, Answer<{ Policy: string }>];
  ScheduleKeyDeletion: [Named & { readonly PendingWindowInDays: number }, object];
  GetParametersForImport: [
    Named & { readonly WrappingAlgorithm: string; readonly WrappingKeySpec: string },
    Answer<{ ImportToken: Uint8Array; PublicKey: Uint8Array }>,
  ];
  ImportKeyMaterial: [
    Named & {
      readonly ImportToken: Uint8Array;
      readonly EncryptedKeyMaterial: Uint8Array;
      readonly ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE';
    },
    object,
  ];
}

/** The name of an operation, which is also that of the permission it takes. */
export type OperationName = keyof Operations;

/** What an operation is given. */
export type Input<O extends OperationName> = Operations[O][0];

/** What it answers. */
export type Output<O extends OperationName> = Operations[O][1];
