// The floor of `bench lacework`: fetch the same lists of the same accounts and parse them, nothing else. Prints JSON.
import { Agent, request } from 'undici';
import { z } from 'zod';

const input = z
  .object({ url: z.string(), keyId: z.string(), secret: z.string() })
  .parse(JSON.parse(process.argv[2] ?? ''));
const agent = new Agent();
let calls = 0;

async function call(method: 'GET' | 'POST', path: string, headers: Record<string, string>, body?: object) {
  calls += 1;
  const answer = await request(new URL(`/api/v2/${path}`, input.url), {
    dispatcher: agent,
    method,
    headers: { 'content-type': 'application/json', 'accept-encoding': 'gzip, br', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.body.text();
  return z.looseObject({}).parse(text === '' ? {} : JSON.parse(text));
}

const start = performance.now();
const begun = process.cpuUsage();
const { token } = await call(
  'POST',
  'access/tokens',
  { 'x-lw-uaks': input.secret },
  { keyId: input.keyId, expiryTime: 3600 },
);
const authorization = `Bearer ${String(token)}`;
const profile = z
  .object({
    data: z.tuple([z.object({ accounts: z.array(z.object({ accountName: z.string(), custGuid: z.string() })) })]),
  })
  .parse(await call('GET', 'UserProfile', { authorization }));
const members = await call('GET', 'TeamMembers', { authorization, 'org-access': 'true' });
const listed = new Set(
  z
    .array(z.looseObject({ custGuid: z.string() }))
    .parse(members['data'])
    .map((row) => row.custGuid),
);
for (const { accountName, custGuid } of profile.data[0].accounts) {
  const headers = { authorization, 'account-name': accountName.toLowerCase() };
  if (!listed.has(custGuid)) await call('GET', 'TeamUsers', headers);
  for (const path of ['ResourceGroups', 'ApiKeys', 'AgentAccessTokens']) await call('GET', path, headers);
}
const { user, system } = process.cpuUsage(begun);
console.log(JSON.stringify({ ms: performance.now() - start, cpuMs: (user + system) / 1000, calls }));
await agent.close();
