// The lower floor of `bench sync`: fetch the same pages and parse them, nothing else. Prints milliseconds as JSON.
import { Agent, request } from 'undici';

const input = JSON.parse(process.argv[2] ?? '') as {
  readonly url: string;
  readonly cid: string;
  readonly provhash: string;
};
const PAGE_SIZE = 1000;
const agent = new Agent();

async function call(cmd: string, data: unknown): Promise<{ readonly total?: number }> {
  const { body } = await request(new URL('/enterpriseapi.php', input.url), {
    dispatcher: agent,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ cid: input.cid, provhash: input.provhash, cmd, data }),
  });
  return JSON.parse(await body.text()) as { total?: number };
}

const start = performance.now();
for (let page = 0, total = Infinity; page * PAGE_SIZE < total; page += 1) {
  total = (await call('getuserdata', { pagesize: PAGE_SIZE, pageindex: page })).total ?? 0;
}
await call('getsfdata', undefined);
console.log(JSON.stringify({ ms: performance.now() - start }));
await agent.close();
