/**
 * `hardkey doctor`.
 *
 * @module
 */
import { failureRow } from 'hardkey';
import { openKeys } from '../keys.ts';
import { askPlaces } from '../places.ts';
import { json } from '../render.ts';
import type { Run } from '../tree/command.ts';
import { findMore } from './doctor/found.ts';
import { reportJson, reportText } from './doctor/report.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  const opened = await openKeys(given, context);
  await using _ = opened.keys;
  const asked = await askPlaces(given, context, opened);
  const found = await findMore(given, context, opened);
  const { path } = opened.settings;
  const report = given.has('json') ? json(reportJson(path, asked, found)) : reportText(path, asked, found);
  await context.output.write(report);
  const [unwell] = asked.flatMap(({ failure }) => failure ?? []);
  return unwell === undefined ? 0 : failureRow(unwell.code).exit;
};
