// A Postgres server of the system's package, with a database in it as an operator would make one.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { z } from 'zod';
import { testCertificate } from '../src/connector-kit/http/testing/certificate.ts';
import { chooseRunAs, giveTo, type RunAs } from '../src/store/embedded/run-as.ts';
import { owned } from './children.ts';
import { freePort } from './processes.ts';

const DEBIAN = '/usr/lib/postgresql';
const OLDEST = 15;
const PASSWORD = 'correct:horse/battery';

/** Where the oldest installed Postgres that Usher runs on has its programs, as Debian installs them; null without one. */
export function installedPostgres(): { readonly major: number; readonly bin: string } | null {
  const majors = (existsSync(DEBIAN) ? readdirSync(DEBIAN) : []).map(Number).filter((major) => major >= OLDEST);
  const found = majors
    .toSorted((a, b) => a - b)
    .map((major) => ({ major, bin: join(DEBIAN, String(major), 'bin') }))
    .find(({ bin }) => existsSync(join(bin, 'initdb')));
  return found ?? null;
}

export interface PostgresServer {
  /** The database `usher`, which the role `usher` owns; over loopback, with a password and TLS that is verified. */
  readonly url: string;
  /** The same over the Unix socket. */
  readonly socketUrl: string;
  readonly port: number;
  readonly password: string;
  /** How many sessions of Usher there are, and how many of them are encrypted. */
  sessions(): Promise<{ readonly all: number; readonly encrypted: number }>;
  /** Stops it as an operator does (SIGINT: sessions are cut) and starts it again. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Makes a cluster in `folder` and runs it, as a user without rights where the tests run as root. */
export async function startPostgresServer(bin: string, folder: string): Promise<PostgresServer> {
  await chmod(folder, 0o755);
  const runAs = await chooseRunAs(folder);
  const [data, socket] = [join(folder, 'cluster'), join(folder, 'socket')];
  for (const path of [data, socket]) {
    await mkdir(path, { mode: 0o700 });
    await giveTo(path, runAs);
  }
  await chmod(socket, 0o755);
  const file = (name: string) => join(folder, name);
  for (const [name, content] of [
    ['password', PASSWORD],
    ['server.key', testCertificate.key],
    ['server.crt', testCertificate.cert],
  ] as const) {
    await writeFile(file(name), content, { mode: 0o600 });
    await giveTo(file(name), runAs);
  }
  const flags = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${file('password')}`, '--encoding=UTF8'];
  await runToEnd(join(bin, 'initdb'), [`--pgdata=${data}`, ...flags, '--no-sync', '--locale=C'], runAs);
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: socket,
    ssl: 'on',
    ssl_key_file: file('server.key'),
    ssl_cert_file: file('server.crt'),
    fsync: 'off',
  };
  const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const start = async () => {
    const child = owned(spawn(join(bin, 'postgres'), args, { ...asUser(runAs), cwd: data, stdio: 'ignore' }));
    await answering(port, child);
    return child;
  };
  let postgres = await start();
  await administer(port, `create role usher login password '${PASSWORD}'`, `create database usher owner usher`);
  const login = `usher:${encodeURIComponent(PASSWORD)}`;
  return {
    url: `postgresql://${login}@127.0.0.1:${port}/usher?sslmode=verify-full&sslrootcert=${file('server.crt')}`,
    socketUrl: `postgresql://${login}@localhost:${port}/usher?host=${encodeURIComponent(socket)}`,
    port,
    password: PASSWORD,
    async sessions() {
      const [counted] = await administer(
        port,
        `select count(*)::int as all, (count(*) filter (where ssl))::int as encrypted
           from pg_stat_activity join pg_stat_ssl using (pid) where usename = 'usher'`,
      );
      return z.object({ all: z.number(), encrypted: z.number() }).parse(counted);
    },
    async restart() {
      await end(postgres);
      postgres = await start();
    },
    stop: () => end(postgres),
  };
}

function asUser(runAs: RunAs | null): { readonly uid?: number; readonly gid?: number } {
  return runAs === null ? {} : { uid: runAs.uid, gid: runAs.gid };
}

async function runToEnd(command: string, args: readonly string[], runAs: RunAs | null): Promise<void> {
  const child = spawn(command, args, { ...asUser(runAs), cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
  const [said] = await Promise.all([text(child.stderr), once(child, 'close')]);
  if (child.exitCode !== 0) throw new Error(`${command} ended with ${child.exitCode}: ${said}`);
}

/** The rows of the last of the statements. */
async function administer(port: number, ...statements: readonly string[]): Promise<readonly unknown[]> {
  const client = new Client({ host: '127.0.0.1', port, user: 'postgres', password: PASSWORD, database: 'postgres' });
  await client.connect();
  try {
    let rows: readonly unknown[] = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
  }
}

async function answering(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    const isUp = await administer(port).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await wait(50);
  }
  throw new Error(`postgres ended with ${child.exitCode}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  await ended;
}
