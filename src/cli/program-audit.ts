import { type Command, Option } from 'commander';
import { AUDIT_KINDS, AUDIT_OUTCOMES } from '../model/audit.ts';
import { does, examples, leaf, limited, type Runner } from './program-parts.ts';

/** What Usher did, refused and was told, and whether that log is whole. */
export function auditCommands(program: Command, run: Runner): void {
  const load = () => import('./commands/audit.ts');
  const audit = program.command('audit').description('what Usher did, refused and was told').enablePositionalOptions();
  const list = leaf(audit, 'list', { isDefault: true })
    .description('list entries, newest first (the default)')
    .addOption(new Option('--kind <kind>', 'of one kind').choices(AUDIT_KINDS))
    .addOption(new Option('--outcome <outcome>', 'that ended so').choices(AUDIT_OUTCOMES))
    .option('--actor <id>', 'by this principal')
    .option('--connection <id>', 'on this connection')
    .option('--subject <who>', 'done to this account, principal or token: its id, address or name')
    .option('--plan <id>', 'of this plan')
    .option('--run <id>', 'of this run or sync')
    .option('--since <when>', 'from this date or moment on')
    .option('--until <when>', 'before this date or moment');
  examples(list, [
    'usher audit list --subject jonas.lind@northwind.example',
    'usher audit list --outcome denied --since 2026-11-01',
  ]);
  does(limited(list), run, async () => (await load()).list);
  const verify = leaf(audit, 'verify').description(
    'find what was edited, removed, inserted, moved or cut off; exit code 6 where something was',
  );
  does(verify, run, async () => (await load()).verify);
}
