import { silentLog } from '../store/log.ts';
import { lockHolder } from '../store/embedded/lock.ts';
import { type Database, openDatabase } from '../store/open.ts';
import { examineConnections, examineDatabaseClock, examineKey, examineSchema, examineWork } from './database.ts';
import { check, type Finding } from './finding.ts';
import { examineBinaries, examineDataDirectory, examineDisk, examineNode, hasEmbeddedData } from './machine.ts';
import { examineCredential, examineServer, type ServerAddress } from './server.ts';
import { examineWorkers } from './workers.ts';
import { join } from 'node:path';

export type { Finding } from './finding.ts';

export interface ExamineOptions {
  readonly dataDir: string;
  /** A Postgres server instead of the embedded one, or null. */
  readonly databaseUrl: string | null;
  /** USHER_MASTER_KEY, or null for the file. */
  readonly masterKey: string | null;
  /** USHER_MASTER_KEY_NEXT, or null. */
  readonly nextKey: string | null;
  /** From USHER_URL and USHER_TOKEN, or null for the credential file. */
  readonly server: ServerAddress | null;
  /** Of this command. */
  readonly version: string;
  readonly fetch: typeof fetch;
  readonly now: () => Date;
}

/**
 * Looks at a set-up from the machine it runs on, beside a running server or without one, and says what is wrong and what
 * to do, finding by finding as they are made. Changes nothing, but that an embedded Postgres that does not run is run
 * while its database is looked at. Never throws: what cannot be looked at is a finding.
 */
export async function* examine(options: ExamineOptions): AsyncGenerator<Finding, void> {
  const { dataDir, databaseUrl, masterKey, nextKey, now } = options;
  yield examineNode(process.versions.node, `${process.platform} ${process.arch}`);
  yield examineBinaries(databaseUrl);
  const directory = await examineDataDirectory(dataDir);
  yield directory;
  yield await examineDisk(dataDir);
  const isHeld = (await lockHolder(join(dataDir, 'usher.lock'))) !== null;

  const { finding, database } = await open(options, directory, isHeld);
  yield finding;
  try {
    // Without a first start there is no key, and it is not missed.
    if (database !== null || directory.state === 'ok')
      yield await examineKey({ dataDir, masterKey, nextKey }, database);
    if (database !== null) {
      const schema = await examineSchema(database);
      yield schema;
      yield await examineDatabaseClock(database, now);
      // Queries know the schema of this version alone.
      if (schema.state === 'ok') {
        yield await examineWork(database, isHeld);
        yield await examineWorkers(database, options.version);
        yield* await examineConnections(database, now, isHeld);
      }
    }
  } finally {
    await database?.close();
  }

  const credential = await examineCredential({ dataDir, named: options.server });
  yield credential.finding;
  yield* await examineServer({ ...options, named: options.server }, credential.server, isHeld);
}

async function open(
  { dataDir, databaseUrl }: ExamineOptions,
  directory: Finding,
  isHeld: boolean,
): Promise<{ readonly finding: Finding; readonly database: Database | null }> {
  const { ok, skipped, failed } = check('database', 'Database');
  if (databaseUrl === null && (directory.state === 'problem' || !(await hasEmbeddedData(dataDir)))) {
    return { finding: skipped('There is none in the data directory yet.'), database: null };
  }
  try {
    const database = await openDatabase({
      dataDir,
      databaseUrl,
      log: silentLog,
      attach: true,
      keepsSchema: true,
      poolSize: 2,
    });
    const how = database.postgres.mode === 'server' || isHeld ? '' : ' (was not running; run for this look only)';
    return { finding: ok(`${database.postgres.description}${how}`), database };
  } catch (error) {
    return { finding: failed(error), database: null };
  }
}
