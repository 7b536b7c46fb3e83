/**
 * An identity as the CBOR map of claim 169.
 *
 * @module
 */

import type { CborValue } from '../../encoding/cbor/index.ts';
import { invalid } from '../../errors.ts';
import { optionsGiven } from '../cose/options.ts';
import { isCode } from './codes.ts';
import { type Field, fieldByName, type Identity, type TextForm } from './fields.ts';
import type { PrivateFields } from './private-fields.ts';
import { type ProfileRules, rulesOf } from './profile.ts';
import { textForms } from './text-forms.ts';
import { unknownValue, type Warning } from './warnings.ts';
import { keep, type Writing, writers } from './write-field.ts';

/** The map of claim 169, and what is to be said of it. */
export interface EncodedIdentity {
  readonly map: Map<CborValue, CborValue>;
  readonly warnings: readonly Warning[];
}

/** The map. Throws `ARGUMENT_INVALID`, field `identity.<name>`, for a value the field cannot hold. */
export function encodeIdentity(
  identity: Identity,
  rules: ProfileRules = rulesOf(),
  privateFields?: PrivateFields<unknown>,
): EncodedIdentity {
  const map = new Map<CborValue, CborValue>();
  const warnings: Warning[] = [];
  const writing: Writing = { rules, warnings };
  for (const name in optionsGiven(identity, 'identity')) {
    const value: unknown = identity[name as keyof Identity];
    if (name === 'unknown' || name === 'private' || value === undefined) continue;
    const field = fieldByName.get(name);
    if (field === undefined) throw invalid('no such field', `identity.${name}`);
    map.set(field.label, fieldItem(field, value, writing));
  }
  if (identity.private !== undefined) writePrivate(map, identity.private, privateFields);
  keep(map, identity.unknown, 'identity.unknown');
  warnings.push(...deprecated(identity, rules));
  return { map, warnings };
}

/** The map of the default profile. */
export function identityMap(identity: Identity): Map<CborValue, CborValue> {
  return encodeIdentity(identity).map;
}

function fieldItem(field: Field, value: unknown, writing: Writing): CborValue {
  const { path } = field;
  const item = writers[field.type](value, path, writing);
  if (field.codes !== undefined && !isCode(field.codes, value as number)) {
    writing.warnings.push(unknownValue(path));
  }
  checkForm(field, value, path, writing);
  return item;
}

function checkForm({ type }: Field, value: unknown, path: string, { rules, warnings }: Writing): void {
  const holds = rules.forms[type as TextForm];
  if (holds === undefined || holds(value as string)) return;
  const { description, admits } = textForms[type as TextForm];
  if (admits?.(value as string) !== true) throw invalid(`the field is ${description}`, path);
  warnings.push({ code: 'value-form', path, message: `the text is not ${description}` });
}

function writePrivate(
  map: Map<CborValue, CborValue>,
  values: Readonly<Record<string, unknown>>,
  fields: PrivateFields<unknown> | undefined,
): void {
  for (const [name, value] of Object.entries(optionsGiven(values, 'identity.private'))) {
    if (value === undefined) continue;
    const path = `identity.private.${name}`;
    const field = fields?.byName.get(name);
    if (field === undefined) throw invalid('no private field of this name was registered', path);
    const item = field.type.write(value);
    if (item === undefined) throw invalid('the field cannot hold this', path);
    map.set(field.key, item);
  }
}

function deprecated(
  { photo, photoFormat }: Identity,
  { photoIsDeprecated }: ProfileRules,
): readonly Warning[] {
  if (!photoIsDeprecated || (photo === undefined && photoFormat === undefined)) return [];
  return [{ code: 'deprecated-field', path: 'identity.photo', message: 'deprecated since 1.2.1: use face' }];
}
