// The lower floor of `bench sync`: fetch the same pages and parse them, nothing else. Prints milliseconds as JSON.
import { Agent, request } from 'undici';
import { z } from 'zod';

const input = z
  .object({ url: z.string(), cid: z.string(), provhash: z.string() })
  .parse(JSON.parse(process.argv[2] ?? ''));
const PAGE_SIZE = 2000;
const agent = new Agent();

async function call(cmd: string, data: unknown): Promise<number> {
  const { body } = await request(new URL('/enterpriseapi.php', input.url), {
    dispatcher: agent,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ cid: input.cid, provhash: input.provhash, cmd, data }),
  });
  const answer: unknown = JSON.parse(await body.text());
  return typeof answer === 'object' && answer !== null && 'total' in answer ? Number(answer.total) : 0;
}

const start = performance.now();
for (let page = 0, total = Infinity; page * PAGE_SIZE < total; page += 1) {
  total = await call('getuserdata', { pagesize: PAGE_SIZE, pageindex: page });
}
await call('getsfdata', undefined);
console.log(JSON.stringify({ ms: performance.now() - start }));
await agent.close();
