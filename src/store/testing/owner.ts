import { silentLog } from '../log.ts';
import { openDatabase } from '../open.ts';
import { UNSAFE_BUT_FAST } from '../embedded/settings.ts';

// An Usher in a process of its own, as far as the store is concerned, for tests that kill it: opens the database of the
// data directory given, says so, and waits for the end of its input.
const [dataDir = ''] = process.argv.slice(2);
const database = await openDatabase({ dataDir, log: silentLog, settings: UNSAFE_BUT_FAST, migrations: [] });
process.stdout.write('ready\n');
process.stdin.on('end', () => {
  database.close().then(
    () => process.stdout.write('closed\n'),
    () => process.exit(1),
  );
});
process.stdin.resume();
