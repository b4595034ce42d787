// The floor of `bench insightvm`: the fewest calls that show all users, roles, sites and asset groups with their access,
// four at a time, parsed and nothing else. Prints milliseconds and calls as JSON.
import { Agent, request } from 'undici';
import { z } from 'zod';

const input = z
  .object({ url: z.string(), user: z.string(), password: z.string() })
  .parse(JSON.parse(process.argv[2] ?? ''));
const WIDTH = 4;
const agent = new Agent({ connections: WIDTH });
const authorization = `Basic ${Buffer.from(`${input.user}:${input.password}`).toString('base64')}`;
let calls = 0;

const listSchema = z.looseObject({
  resources: z.array(z.unknown()).default([]),
  page: z.looseObject({ totalPages: z.number() }).optional(),
});
const userSchema = z.looseObject({
  id: z.number(),
  role: z.looseObject({ allSites: z.boolean(), allAssetGroups: z.boolean() }),
});
const thingSchema = z.looseObject({ id: z.number() });

async function get(path: string): Promise<z.output<typeof listSchema>> {
  calls += 1;
  const { body } = await request(new URL(`/api/3${path}`, input.url), {
    dispatcher: agent,
    headers: { authorization },
  });
  return listSchema.parse(JSON.parse(await body.text()));
}

async function pages(path: string): Promise<unknown[]> {
  const rows: unknown[] = [];
  for (let page = 0, all = 1; page < all; page += 1) {
    const answer = await get(`${path}?page=${page}&size=500&sort=id,ASC`);
    rows.push(...answer.resources);
    all = answer.page?.totalPages ?? 1;
  }
  return rows;
}

async function each(paths: readonly string[]): Promise<number> {
  let [next, found] = [0, 0];
  const lane = async (): Promise<void> => {
    for (let path = paths[next++]; path !== undefined; path = paths[next++])
      found += (await get(path)).resources.length;
  };
  await Promise.all(Array.from({ length: WIDTH }, lane));
  return found;
}

/** One call a place, or one a restricted user where these are fewer. */
async function access(path: string, users: readonly number[]): Promise<number> {
  const places = z.array(thingSchema).parse(await pages(`/${path}`));
  return places.length <= users.length
    ? each(places.map(({ id }) => `/${path}/${id}/users`))
    : each(users.map((id) => `/users/${id}/${path}`));
}

const start = performance.now();
await get('/roles');
await get('/authentication_sources');
const users = z.array(userSchema).parse(await pages('/users'));
const restricted = (flag: 'allSites' | 'allAssetGroups'): number[] =>
  users.filter(({ role }) => !role[flag]).map(({ id }) => id);
const grants =
  (await access('sites', restricted('allSites'))) + (await access('asset_groups', restricted('allAssetGroups')));
console.log(JSON.stringify({ ms: performance.now() - start, calls, users: users.length, grants }));
await agent.close();
