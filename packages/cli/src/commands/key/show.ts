/**
 * `hardkey key show`.
 *
 * @module
 */
import type { KeyInfo } from 'hardkey';
import { argument } from '../../given.ts';
import { openKeys, openNamed } from '../../keys.ts';
import { custodyText, fields, infoJson, json, stateText } from '../../render.ts';
import type { Run } from '../../tree/command.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  const { keys } = await openKeys(given, context);
  await using _ = keys;
  const key = await openNamed(keys, argument(given), given);
  await context.output.write(given.has('json') ? json(shownJson(key)) : infoText(key));
  return 0;
};

function shownJson(key: KeyInfo): Readonly<Record<string, unknown>> {
  return {
    ...infoJson(key),
    thumbprint: key.publicKey?.thumbprint ?? null,
    publicKeyPem: key.publicKey?.toPem() ?? null,
    custody: key.custody,
  };
}

function infoText(key: KeyInfo): string {
  return fields([
    ['ref', String(key.ref)],
    ['label', key.label],
    ['key id', key.id],
    ['algorithms', key.algorithms.join(' ')],
    ['state', stateText(key)],
    ['created', key.createdAt === undefined ? undefined : new Date(key.createdAt * 1000).toISOString()],
    ['fingerprint', key.publicKey?.fingerprint],
    ['thumbprint', key.publicKey?.thumbprint],
    ['custody', custodyText(key)],
  ]);
}
