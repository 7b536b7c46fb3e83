/**
 * Fields of requests, out of JSON.
 *
 * @module
 */
import { AzureRefusal } from './rules.ts';

/** The body of a request. */
export type Fields = Readonly<Record<string, unknown>>;

/** An object out of a body, where an empty body is an empty object. */
export function parseFields(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text === '' ? '{}' : text);
    if (isFields(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new AzureRefusal('body that is not JSON', 'The request body is not an object in JSON.');
}

/** Whether a value out of JSON is an object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The bytes of a field in base64url, without padding. */
export function bytesOf(fields: Fields, name: string): Buffer {
  const value = fields[name];
  if (typeof value === 'string' && /^[\w-]+$/.test(value) && value.length % 4 !== 1)
    return Buffer.from(value, 'base64url');
  throw new AzureRefusal('value that is not base64url', `Content of '${name}' is not base64url.`);
}

/** The text of a field, or nothing. */
export function textOf(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' ? value : undefined;
}
