/**
 * The schemes whose references are checked when they are parsed: one row each.
 *
 * @module
 */
import { formatAwsKeyName, parseAwsKeyName } from './aws.ts';
import { formatAzureKeyName, parseAzureKeyName } from './azure.ts';
import { formatFileRef, parseFileRef } from './file.ts';
import { formatGcpKeyName, parseGcpKeyName } from './gcp.ts';
import { formatKeyringRef, parseKeyringRef } from './keyring.ts';
import { parseLabel } from './labels.ts';
import { formatPkcs11Uri, parsePkcs11Uri } from './pkcs11.ts';
import {
  smallstepAws,
  smallstepAzure,
  smallstepFile,
  smallstepGcp,
  smallstepSshAgent,
  smallstepTpm,
} from './smallstep.ts';
import { formatSshAgentRef, parseSshAgentRef } from './ssh-agent.ts';
import { formatTpmRef, parseTpmRef } from './tpm.ts';
import { formatVaultKeyName, parseVaultKeyName } from './vault.ts';

/** What a reference of one scheme becomes. */
export interface SchemeRow {
  /** The scheme of the result: another one for the names that other tools use. */
  readonly scheme: string;
  /** Checks a body and writes it in its one canonical form, which it leaves as it is. */
  readonly canonical: (body: string) => string;
}

/** The rows by scheme. A scheme that is not here belongs to a plug-in. */
export const schemeRows: ReadonlyMap<string, SchemeRow> = new Map([
  ['file', row('file', parseFileRef, formatFileRef)],
  ['memory', row('memory', (body) => parseLabel('memory', body), String)],
  ['exec', row('exec', (body) => parseLabel('exec', body), String)],
  ['pkcs11', row('pkcs11', parsePkcs11Uri, formatPkcs11Uri)],
  ['tpm', row('tpm', parseTpmRef, formatTpmRef)],
  ['keyring', row('keyring', parseKeyringRef, formatKeyringRef)],
  ['ssh-agent', row('ssh-agent', parseSshAgentRef, formatSshAgentRef)],
  ['awskms', orDefault(row('awskms', dialects(parseAwsKeyName, smallstepAws), formatAwsKeyName))],
  ['gcpkms', orDefault(row('gcpkms', parseGcpKeyName, formatGcpKeyName))],
  ['azurekms', orDefault(row('azurekms', dialects(parseAzureKeyName, smallstepAzure), formatAzureKeyName))],
  ['hashivault', orDefault(row('hashivault', (body) => parseVaultKeyName(body), formatVaultKeyName))],
  ['openbao', orDefault(row('openbao', (body) => parseVaultKeyName(body, 'openbao'), formatVaultKeyName))],
  ['cloudkms', orDefault(row('gcpkms', smallstepGcp, formatGcpKeyName))],
  ['softkms', row('file', smallstepFile, formatFileRef)],
  ['sshagentkms', row('ssh-agent', smallstepSshAgent, formatSshAgentRef)],
  ['tpmkms', row('tpm', smallstepTpm, formatTpmRef)],
]);

function row<T>(scheme: string, parse: (body: string) => T, format: (parsed: T) => string): SchemeRow {
  return { scheme, canonical: (body) => format(parse(body)) };
}

/** An empty body stands for the key that the caller has configured for this service. */
function orDefault({ scheme, canonical }: SchemeRow): SchemeRow {
  return { scheme, canonical: (body) => (body === '' ? '' : canonical(body)) };
}

/** Both tools share scheme names: `//` begins sigstore's form, anything else is smallstep's. */
function dialects<T>(sigstore: (body: string) => T, smallstep: (body: string) => T): (body: string) => T {
  return (body) => (body.startsWith('//') ? sigstore(body) : smallstep(body));
}
