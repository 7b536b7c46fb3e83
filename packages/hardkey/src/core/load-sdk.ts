/**
 * SDKs of services: optional, and loaded when they are first needed.
 *
 * @module
 */
import { Failure } from '../errors.ts';

/** An SDK as the one who lacks it is told of it. */
export interface SdkName {
  readonly provider: string;
  /** What it is the SDK of. */
  readonly service: string;
  /** The packages that `npm install` is to be given. */
  readonly packages: string;
}

/** What `read` imports. Throws `UNSUPPORTED` with the line that installs it where it is not there. */
export async function loadSdk<T>(
  { provider, service, packages }: SdkName,
  read: () => Promise<unknown>,
): Promise<T> {
  try {
    return (await read()) as T;
  } catch (error) {
    if (!isMissing(error)) throw error;
    const message = `the SDK of ${service} is not installed: npm install ${packages}`;
    throw new Failure('UNSUPPORTED', message, { provider });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}
