/**
 * `hardkey claim169 issue`.
 *
 * @module
 */
import { failureRow } from 'hardkey';
import type { Context } from '../../context.ts';
import { type Given, onlyOne, required } from '../../given.ts';
import type { Run } from '../../tree/command.ts';
import { commitsTo } from './issue/commit.ts';
import { openTarget, pictureOf, prepareTarget, type Target, targetOf } from './issue/destination.ts';
import { keepHeapSmall } from './issue/heap.ts';
import { isStream, openInput, type Row } from './issue/input.ts';
import { type Manifest, openManifest } from './issue/manifest.ts';
import { openWorkshop, type Workshop } from './issue/outcomes.ts';
import { photoFilesOf } from './issue/photo-files.ts';
import { beginningOf, settingsOf } from './issue/settings.ts';
import { type Tally, tallyFor } from './issue/tally.ts';
import { unissued } from './issue/unissued.ts';

/** See the tree. */
export const run: Run = async (given, context) => {
  onlyOne(given, ['dry-run', 'resume']);
  keepHeapSmall();
  const target = given.has('dry-run') ? undefined : targetOf(given);
  const photos = photoFilesOf(given, required(given, 'in'));
  using input = await openInput(required(given, 'in'), photos?.column);
  const settings = settingsOf(given, target && pictureOf(target), input.columns, photos);
  await using workshop = await openWorkshop(given, settings, context);
  const tally = tallyFor(given, context, input.size);
  if (target === undefined) await rehearse(workshop, input.rows, tally, context);
  else {
    const { signer } = workshop.issuer.encoding;
    prepareTarget(target);
    const beginning = beginningOf(given, signer, target.form, input.columns);
    await using manifest = await openManifest(target.manifest, beginning, given.has('resume'));
    await issue(given, { workshop, manifest, target, tally, rows: input.rows, context });
  }
  return tally.failed === 0 ? 0 : failureRow('MALFORMED').exit;
};

/** Does everything but sign and write. */
async function rehearse(
  { outcomes }: Workshop,
  rows: AsyncIterable<readonly Row[]>,
  tally: Tally,
  { output }: Context,
): Promise<void> {
  for await (const results of outcomes(rows)) {
    for (const [row, outcome] of results) {
      if ('refusal' in outcome) await tally.refuse(row, outcome.refusal);
      else tally.add(row, outcome);
    }
  }
  tally.clear();
  await output.write(tally.summary({ good: tally.good }, {}));
}

interface Job {
  readonly workshop: Workshop;
  readonly manifest: Manifest;
  readonly target: Target;
  readonly tally: Tally;
  readonly rows: AsyncIterable<readonly Row[]>;
  readonly context: Context;
}

async function issue(given: Given, job: Job): Promise<void> {
  const { manifest, target, tally, context } = job;
  const resume = given.has('resume');
  if (resume) await checkUnchanged(given, manifest);
  try {
    await issueAll(job, resume);
  } catch (error) {
    tally.clear();
    await context.output.note(stoppedText(tally, given.has('json')));
    throw error;
  }
  tally.clear();
  const before = resume ? { 'issued before': manifest.before } : {};
  const where = { out: target.path, manifest: target.manifest };
  await context.output.write(tally.summary({ issued: tally.good, ...before }, where));
}

/** Before a signature is spent on an input that is another one. A stream cannot be looked at twice. */
async function checkUnchanged(given: Given, manifest: Manifest): Promise<void> {
  const path = required(given, 'in');
  if (isStream(path)) return;
  using input = await openInput(path, given.text('photo-column'));
  for await (const _ of unissued(input.rows, manifest.issued()));
}

async function issueAll({ workshop, manifest, target, tally, rows }: Job, resume: boolean): Promise<void> {
  await using destination = await openTarget(target, manifest.end);
  const commits = commitsTo(destination, manifest, tally.add);
  try {
    for await (const results of workshop.outcomes(unissued(rows, manifest.issued()))) {
      for (const [row, outcome] of results) {
        if (!('refusal' in outcome)) await commits.add(row, outcome);
        else {
          if (resume) await destination.clear(row.line);
          await tally.refuse(row, outcome.refusal);
        }
      }
    }
  } catch (error) {
    // What was signed before is issued all the same; if that is what failed, it is known already.
    await commits.end().catch(() => undefined);
    throw error;
  }
  await commits.end();
}

function stoppedText({ good, failed }: Tally, json: boolean): string {
  if (json) return JSON.stringify({ stopped: { issued: good, failed } });
  return `hardkey: stopped: ${good} issued, ${failed} failed; --resume goes on`;
}
