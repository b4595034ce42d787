import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import type { AnyRecord } from '../../model/records.ts';
import type { Role } from '../../model/access.ts';
import { testDatabase } from '../../store/testing/index.ts';
import { createApp } from '../app.ts';
import { company } from './company.ts';
import { paperConnector } from './paper.ts';
import { seedEvents, seedSnapshot } from './seed.ts';
import { connectionView, testServices, tokenOf } from './services.ts';

/** An API over a small company: connections `paper` and `other` (with one account), and `empty`, never pulled. */
export async function testApi(records: readonly AnyRecord[] = company) {
  const database = await testDatabase();
  let isRefused = false;
  const connector = paperConnector(records, { isRefused: () => isRefused });
  const connections = [
    connectionView('paper'),
    connectionView('other'),
    connectionView('empty', { baselinedAt: null }),
  ];
  for (const { id } of connections) {
    await database.pool.query(
      `insert into connection (id, connector, settings, mapping_version, created_at, updated_at)
       values ($1, 'paper', '{}', 1, now(), now())`,
      [id],
    );
  }
  await seedSnapshot(database, 'paper', records);
  await seedSnapshot(database, 'other', records.filter(({ kind }) => kind === 'account').slice(0, 1));
  await seedEvents(database, ['paper', 'other', 'paper', 'paper']);
  const services = testServices(database, connector, connections);
  const app = await createApp(services);
  const token = await tokenOf(services, 'admin');

  async function call(
    method: InjectOptions['method'],
    url: string,
    options: CallOptions = {},
  ): Promise<LightMyRequestResponse> {
    const { account, as = token, body, headers } = options;
    return app.inject({
      method,
      url,
      headers: {
        host: '127.0.0.1:8420',
        ...(as !== null && { authorization: `Bearer ${as}` }),
        ...(account !== undefined && { 'x-account-id': account }),
        ...headers,
      },
      ...(body !== undefined && { payload: body }),
    });
  }

  return {
    app,
    database,
    services,
    changes: services.changes,
    token,
    call,
    get: (url: string, options?: CallOptions) => call('GET', url, options),
    /** A unified read of the connection `paper`. */
    unified: (url: string, options?: CallOptions) =>
      call('GET', `/unified/iam/${url}`, { account: 'paper', ...options }),
    tokenOf: (role: Role, connectionIds: readonly string[] | null = null) => tokenOf(services, role, connectionIds),
    refuse: (value: boolean) => {
      isRefused = value;
    },
    async close() {
      await app.close();
      await database.close();
    },
  };
}

export interface CallOptions {
  readonly account?: string;
  /** null: without a token. */
  readonly as?: string | null;
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type TestApi = Awaited<ReturnType<typeof testApi>>;
