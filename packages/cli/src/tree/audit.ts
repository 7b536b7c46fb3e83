/**
 * `hardkey audit …`.
 *
 * @module
 */
import type { GroupRow } from './command.ts';
import { JSON_OUTPUT } from './options.ts';

/** Logs of what was done with keys. */
export const AUDIT_COMMANDS: GroupRow = {
  name: 'audit',
  summary: 'logs of what was done with keys',
  commands: [
    {
      name: 'verify',
      summary: 'verify the chain of a log and write its head; exit 1 when it does not hold',
      arguments: [
        {
          name: 'FILE',
          help: 'an audit log, or the manifest of a run of claim169 issue; - for standard input',
        },
      ],
      options: [
        {
          name: 'head',
          value: 'FILE',
          help: 'what --json wrote earlier and was kept elsewhere: shows also what was cut off since',
        },
        JSON_OUTPUT,
      ],
      examples: [
        'audit verify audit.log --json > head.json',
        'audit verify audit.log --head head.json',
        'audit verify codes/manifest',
      ],
      load: () => import('../commands/audit/verify.ts'),
    },
  ],
};
