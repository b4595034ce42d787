// The floor of `bench read`, in a process of its own: Fastify and nothing else over the same queries on the same
// Postgres; rows out as JSON. No token, no rules, no schema, no mapping, no cursor. Prints its address as JSON.
import { once } from 'node:events';
import fastify from 'fastify';
import { z } from 'zod';
import { silentLog } from '../src/store/log.ts';
import { openDatabase } from '../src/store/open.ts';
import { createReads, type Stored } from '../src/store/read/index.ts';
import type { AccountRecord } from '../src/model/records.ts';

const input = z.object({ dataDir: z.string(), connection: z.string() }).parse(JSON.parse(process.argv[2] ?? ''));
const { connection } = input;
const database = await openDatabase({ dataDir: input.dataDir, log: silentLog, attach: true });
const reads = createReads(database);
const app = fastify({ logger: false });

app.get<{ Querystring: { next?: string; page_size: string } }>('/users', async ({ query }) => {
  await reads.snapshotAt(connection);
  const after = query.next === undefined ? null : { connectionId: connection, key: query.next };
  const { rows, hasMore } = await reads.listAccounts({ scope: [connection] }, after, Number(query.page_size));
  return { ...(await withGroups(rows)), next: hasMore ? rows.at(-1)?.record.key : null };
});

app.get<{ Params: { id: string } }>('/users/:id', async ({ params }) => {
  await reads.snapshotAt(connection);
  const found = await reads.findAccount(connection, params.id);
  return withGroups(found === null ? [] : [found]);
});

console.log(JSON.stringify({ url: await app.listen({ host: '127.0.0.1', port: 0 }) }));
await once(process, 'SIGTERM');
await app.close();
await database.close();

/** The queries that the unified API makes for a page of users. */
async function withGroups(data: readonly Stored<AccountRecord>[]) {
  const holders = data.map(({ record }) => record.key);
  const grants = await reads.grantsOfHolders(connection, 'account', holders, ['group']);
  const keys = [...new Set(grants.map(({ record }) => record.targetKey))];
  if (keys.length === 0) return { data, grants, groups: [] };
  const groups = await reads.listGroups({ scope: [connection], keys }, null, keys.length);
  return { data, grants, groups: groups.rows };
}
