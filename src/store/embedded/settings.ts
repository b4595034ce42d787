import type { Layout } from './layout.ts';
import { SOCKET_PORT } from './layout.ts';

/** Settings of Postgres by name; given on its command line, so that a new version of Usher brings its own. */
export type Settings = Readonly<Record<string, string>>;

/** For tests: a crash of the machine may lose everything, a crash of Postgres nothing. @internal */
export const UNSAFE_BUT_FAST: Settings = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' };

/**
 * How the embedded Postgres runs. `max_wal_size` and the checkpoint's length are for first syncs of a million rows. Its
 * own log gets starts, stops and crashes but no statements, values or errors of clients: those could hold what
 * people keep secret, and Usher logs its errors itself.
 */
export function settingsFor(layout: Layout, port: number, overrides: Settings): Settings {
  return {
    ...(layout.socketFolder === null
      ? { listen_addresses: '127.0.0.1', port: String(port) }
      : {
          listen_addresses: '',
          port: String(SOCKET_PORT),
          // A list in which commas part: quoted, so that a folder may hold one.
          unix_socket_directories: `"${layout.socketFolder.replaceAll('"', '""')}"`,
          unix_socket_permissions: '0700',
        }),
    max_connections: '100',
    shared_buffers: '128MB',
    max_wal_size: '4GB',
    checkpoint_timeout: '15min',
    checkpoint_completion_target: '0.9',
    fsync: 'on',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_messages: 'log',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
    log_statement: 'none',
    log_min_duration_statement: '-1',
    ...overrides,
  };
}
