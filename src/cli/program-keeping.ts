import type { Command } from 'commander';
import { does, examples, leaf, type Runner } from './program-parts.ts';

/** What keeps an Usher safe: backups, restoring them, another master key. All but `thaw` work on the data itself. */
export function keepingCommands(program: Command, run: Runner): void {
  const load = () => import('./commands/backup.ts');
  const backup = leaf(program, 'backup <file>')
    .description('write all data to a file, beside a running server or without one; - for standard output')
    .option('--encrypt', 'ask for a passphrase to encrypt it under (USHER_BACKUP_PASSPHRASE)')
    .option('--passphrase-file <file>', 'encrypt it under the first line of this file')
    .option('--force', 'replace the file where there is one')
    .option('--data-dir <dir>', 'where state is kept (USHER_DATA_DIR)');
  examples(backup, [
    'usher backup usher-2026-11-22.usher --encrypt',
    'usher backup - --passphrase-file /etc/usher/passphrase | ssh backup.example "cat > usher.usher"',
  ]);
  does(backup, run, async () => (await load()).backup);
  const restore = leaf(program, 'restore <file>')
    .description(
      'fill an empty data directory or database with a backup; then start the server, look, and `usher thaw`',
    )
    .option('--passphrase-file <file>', 'the first line of this file is the passphrase (USHER_BACKUP_PASSPHRASE)')
    .option('--without-key', 'go on without the master key: all secrets have to be entered again')
    .option('--data-dir <dir>', 'where state is kept (USHER_DATA_DIR)');
  does(restore, run, async () => (await load()).restore);
  const key = program
    .command('key')
    .description('the master key, under which secrets are sealed')
    .enablePositionalOptions();
  const rotate = leaf(key, 'rotate')
    .description('put another master key into force, beside a running server or without one; killed, it goes on')
    .option('--data-dir <dir>', 'where state is kept (USHER_DATA_DIR)');
  does(rotate, run, async () => (await import('./commands/key.ts')).rotate);
  const freeze = leaf(program, 'freeze')
    .description('have it stand still as after a restore, without the server: before starting on a recovered database')
    .option('--data-dir <dir>', 'where state is kept (USHER_DATA_DIR)');
  does(freeze, run, async () => (await load()).freeze);
  const thaw = leaf(program, 'thaw').description(
    'go on after a restore: syncs, schedules and runs that were under way',
  );
  does(thaw, run, async () => (await load()).thaw);
}
