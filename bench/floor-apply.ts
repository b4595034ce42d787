// The floor of `bench apply`, in a process of its own: the same calls to the app (read, write, read back), as many at a
// time and in the same batches, and one receipt row a change in the same Postgres; no plan, no guard, no journal, no
// snapshot. Prints milliseconds as JSON.
import { Agent, request } from 'undici';
import { z } from 'zod';
import { silentLog } from '../src/store/log.ts';
import { openDatabase } from '../src/store/open.ts';

const input = z
  .object({
    dataDir: z.string(),
    url: z.string(),
    cid: z.string(),
    provhash: z.string(),
    command: z.enum(['disableuser', 'enableuser', 'deluser']),
    addresses: z.array(z.string()),
    batch: z.number(),
    concurrency: z.number(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));
const agent = new Agent();
const database = await openDatabase({ dataDir: input.dataDir, log: silentLog, attach: true, keepsSchema: true });
await database.pool.query(
  'create table if not exists floor_receipt (id bigint generated always as identity primary key, subject text, receipt jsonb)',
);
const batches = Array.from({ length: Math.ceil(input.addresses.length / input.batch) }, (_, index) =>
  input.addresses.slice(index * input.batch, (index + 1) * input.batch),
);

const start = performance.now();
let next = 0;
await Promise.all(Array.from({ length: input.concurrency }, worker));
const ms = performance.now() - start;
await database.pool.query('drop table floor_receipt');
await database.close();
await agent.close();
console.log(JSON.stringify({ ms }));

async function worker(): Promise<void> {
  for (let batch = batches[next++]; batch !== undefined; batch = batches[next++]) {
    const before = await read(batch);
    const answer = await call(
      input.command,
      input.command === 'deluser' ? { username: batch[0], deleteaction: 1 } : batch,
    );
    const after = await read(batch);
    // Somebody who is gone is looked for among the invited as well.
    if (input.command === 'deluser') await call('getuserdata', { pagesize: 1, pageindex: 0 });
    await keep(batch, { answer, before: before.slice(0, 300), after: after.slice(0, 300) });
  }
}

/** One by address, many by the page. */
function read(batch: readonly string[]): Promise<string> {
  return call('getuserdata', batch.length === 1 ? { username: batch[0] } : { pagesize: 2000, pageindex: 0 });
}

async function call(cmd: string, data: unknown): Promise<string> {
  const { body } = await request(new URL('/enterpriseapi.php', input.url), {
    dispatcher: agent,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ cid: input.cid, provhash: input.provhash, cmd, data }),
  });
  const text = await body.text();
  JSON.parse(text);
  return text;
}

async function keep(subjects: readonly string[], receipt: unknown): Promise<void> {
  await database.pool.query(
    'insert into floor_receipt (subject, receipt) select s.subject, $2::jsonb from unnest($1::text[]) s(subject)',
    [subjects, JSON.stringify(receipt)],
  );
}
