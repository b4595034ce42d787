import { z } from 'zod';
import { newAccountSubject, type Subject } from '../../../model/changes.ts';
import { UsherError } from '../../../model/errors.ts';
import { fold } from '../../../model/ids.ts';
import { type AccountRecord, type AnyRecord, type GrantRecord, grantKey } from '../../../model/records.ts';
import type {
  ChangeDraft, ChangeItem, ConnectorChange, ItemResult, KnownAccount, ObservedSubject, ReadPurpose, WriteAction,
  WriteDefinition,
} from '../../changes.ts'; // prettier-ignore
import type { Connector, ConnectorContext } from '../../connector.ts';
import type { HttpRequest } from '../../http/types.ts';
import { defineConnector } from '../../define.ts';
import { defineChange, writeAction } from '../../define-change.ts';

const settingsSchema = z.strictObject({ url: z.url() });
const secretsSchema = z.strictObject({ token: z.string() });
/** What the desk is connected with. */
export type DeskSettings = z.output<typeof settingsSchema> & z.output<typeof secretsSchema>;
/** What the desk's connector runs in. */
export type DeskContext = ConnectorContext<DeskSettings>;

const personSchema = z.object({
  id: z.string(), email: z.string(), name: z.string(), state: z.enum(['invited', 'on', 'off']), isOwner: z.boolean(),
  teams: z.array(z.string()),
}); // prettier-ignore
type Person = z.output<typeof personSchema>;
const pageSchema = z.object({ people: z.array(personSchema), total: z.number() });
const STATUSES = { invited: 'invited', on: 'active', off: 'disabled' } as const;

/** The desk's connector; `spoil` makes a broken one of it, for tests of the suite itself. */
export function createDesk(
  spoil: (writes: WriteDefinition<DeskSettings>) => WriteDefinition<DeskSettings> = (writes) => writes,
): Connector {
  return defineConnector({
    id: 'desk',
    title: 'Desk',
    description: 'An invented app',
    config: { settings: settingsSchema, secrets: secretsSchema },
    mappingVersion: 1,
    baseUrl: ({ url }) => url,
    rates: () => ({ default: 1_000_000 }),
    probe: async () => ({ tenant: { id: 'desk', name: 'Desk' }, capabilities: ['people'], notes: [] }),
    collections: [
      {
        id: 'people',
        title: 'People',
        yields: ['account', 'group', 'grant'],
        async *pull(context) {
          const records = (await allPeople(context)).flatMap(toRecords);
          yield { records, observedAt: context.clock.now().toISOString(), checkpoint: null, total: null };
          return { isComplete: true };
        },
      },
    ],
    actions: [],
    unified: {
      traits: {
        userId: 'key',
        roles: [
          { kind: 'role', key: 'owner', name: 'Owner', description: null, type: 'admin', extra: {} },
          { kind: 'role', key: 'user', name: 'User', description: null, type: 'basic', extra: {} },
        ],
        unknownRoleStatus: 404,
        resourceTypes: [],
        resourcesArePolicies: false,
        describe: () => ({ organizations: [], credentials: { name: 'desk', authType: 'api_key' } }),
      },
      live: {
        accounts: async () => ({ records: [], next: null }),
        account: async () => [],
        groups: async () => [],
        resources: async () => [],
        check: async () => undefined,
      },
    },
    writes: spoil(writes()),
  });
}

function writes(): WriteDefinition<DeskSettings> {
  return {
    changes: [turn('off'), turn('on'), create, teams, remind, phrase, remove],
    actions: actions(),
    concurrency: 2,
    read: readPeople,
    administrators: async (context) =>
      (await allPeople(context)).filter(({ state, isOwner }) => isOwner && state === 'on').map(({ id }) => id),
    readLog: readDeskLog,
    unified: {
      create: ({ email, name }) => ({ action: 'desk_create', input: { email, name } }),
      disable: (account) => ({ action: 'desk_off', input: { accounts: [account] } }),
      enable: (account) => ({ action: 'desk_on', input: { accounts: [account] } }),
      end: (account) => ({ action: 'desk_remove', input: { accounts: [account] } }),
      addToGroup: (account, group) => ({
        action: 'desk_teams',
        input: { accounts: [account], add: [group], remove: [] },
      }),
    },
  };
}

type Change = ConnectorChange<DeskSettings>;
const none = z.strictObject({});
const teamParams = z.strictObject({ add: z.array(z.string()), remove: z.array(z.string()) });
const common = { params: none, secrets: [], endsAccess: false, sendsMail: false, batchSize: 1 };
const byState = { by: 'state' } as const;
const never = { isPossible: false, how: 'It cannot be taken back.' };

function turn(to: 'on' | 'off'): Change {
  const status = to === 'on' ? 'active' : 'disabled';
  return defineChange<DeskSettings, object>({
    ...common,
    id: `turn_${to}`,
    summary: ({ email }) => `Turn ${email} ${to}`,
    effect: () => 'write',
    endsAccess: to === 'off',
    undo: { isPossible: true, how: 'Turn them back.' },
    wanted: ({ account }) => account?.status === status,
    proof: byState,
    batchSize: 3,
    inverse: ({ account }) =>
      account?.status === status ? null : { change: to === 'on' ? 'turn_off' : 'turn_on', params: {} },
    async call(context, items) {
      const body = { ids: items.map(({ subject }) => subject.key) };
      const { done } = await post(context, `/people/${to}`, body, z.object({ done: z.array(z.string()) }));
      return items.map(({ subject }) => (done.includes(subject.key) ? { kind: 'taken' } : absent(subject)));
    },
  });
}

const create = defineChange<DeskSettings, { name: string }>({
  ...common,
  id: 'create',
  summary: ({ email }, { name }) => `Invite ${name} (${email})`,
  params: z.strictObject({ name: z.string() }),
  effect: () => 'write',
  sendsMail: true,
  undo: { isPossible: false, how: 'Remove them.' },
  wanted: ({ account }) => account !== null,
  proof: byState,
  inverse: () => null,
  call: (context, items) =>
    one(context, items, ({ subject, params }) => ['/people', { email: subject.email, ...params }]),
});

const teams = defineChange<DeskSettings, z.output<typeof teamParams>>({
  ...common,
  id: 'teams',
  summary: ({ email }, { add, remove }) => `Put ${email} into [${add.join()}] and take them out of [${remove.join()}]`,
  params: teamParams,
  effect: () => 'write',
  undo: { isPossible: true, how: 'Change them back.' },
  wanted({ account, grants }, { add, remove }) {
    const held = new Set(grants.map(({ targetKey }) => targetKey));
    return account !== null && add.every((key) => held.has(key)) && !remove.some((key) => held.has(key));
  },
  proof: byState,
  inverse({ grants }, params) {
    const held = new Set(grants.map(({ targetKey }) => targetKey));
    const remove = params.add.filter((key) => !held.has(key));
    const add = params.remove.filter((key) => held.has(key));
    return add.length + remove.length === 0 ? null : { change: 'teams', params: { add, remove } };
  },
  call: (context, items) => one(context, items, ({ subject, params }) => [`/people/${subject.key}/teams`, params]),
});

const remind = defineChange<DeskSettings, object>({
  ...common,
  id: 'remind',
  summary: ({ email }) => `Remind ${email} of the invitation`,
  effect: () => 'write',
  sendsMail: true,
  undo: { isPossible: false, how: 'A mail cannot be called back.' },
  wanted: () => false,
  proof: { by: 'log', shows: ({ action, target }, { email }) => action === 'Reminded' && target === email },
  inverse: () => null,
  call: (context, items) => one(context, items, ({ subject }) => [`/people/${subject.key}/remind`, {}]),
});

const phrase = defineChange<DeskSettings, object>({
  ...common,
  id: 'phrase',
  summary: ({ email }) => `Set the phrase of ${email}`,
  secrets: ['phrase'],
  effect: () => 'write',
  undo: never,
  wanted: () => false,
  proof: { by: 'answer', note: 'The desk shows no phrases.' },
  inverse: () => null,
  call: (context, items) =>
    one(context, items, ({ subject, secrets }) => [
      `/people/${subject.key}/phrase`,
      { words: secrets['phrase'] ?? '' },
    ]),
});

const remove = defineChange<DeskSettings, object>({
  ...common,
  id: 'remove',
  summary: ({ email }) => `Remove ${email} for good`,
  effect: () => 'destructive',
  endsAccess: true,
  undo: never,
  wanted: ({ account }) => account === null,
  proof: byState,
  inverse: () => null,
  async call(context, items) {
    const [item] = items;
    const path = `/people/${item?.subject.key ?? ''}`;
    parsed(path, z.object({ ok: z.literal(true) }), await request(context, 'DELETE', path));
    return [{ kind: 'taken' }];
  },
});

const accountsInput = z.array(z.string().min(1)).min(1);

function actions(): WriteAction<z.ZodObject>[] {
  const onAccounts = (id: string, change: string, effect: 'write' | 'destructive' = 'write'): WriteAction<z.ZodObject> =>
    writeAction({
      id, title: id, description: `${id} of the desk`, effect,
      input: z.strictObject({ accounts: accountsInput }),
      plan: async ({ accounts }, snapshot) =>
        (await snapshot.accounts(accounts, 'accounts')).map((account) => draft(change, account)),
    }); // prettier-ignore
  return [
    onAccounts('desk_off', 'turn_off'),
    onAccounts('desk_on', 'turn_on'),
    onAccounts('desk_remind', 'remind'),
    onAccounts('desk_remove', 'remove', 'destructive'),
    writeAction({
      id: 'desk_teams', title: 'Teams', description: 'Changes teams', effect: 'write',
      input: z.strictObject({ accounts: accountsInput, add: z.array(z.string()), remove: z.array(z.string()) }),
      plan: async ({ accounts, ...params }, snapshot) =>
        (await snapshot.accounts(accounts, 'accounts')).map((account) => ({ ...draft('teams', account), params })),
    }), // prettier-ignore
    writeAction({
      id: 'desk_phrase', title: 'Phrase', description: 'Sets a phrase', effect: 'write', secretInputs: ['phrase'],
      input: z.strictObject({ account: z.string(), phrase: z.string().min(4) }),
      plan: async ({ account, phrase }, snapshot) =>
        (await snapshot.accounts([account], 'account')).map((known) => ({ ...draft('phrase', known), secrets: { phrase } })),
    }), // prettier-ignore
    writeAction({
      id: 'desk_create', title: 'Create', description: 'Invites somebody', effect: 'write',
      input: z.strictObject({ email: z.email(), name: z.string() }),
      async plan({ email, name }, snapshot) {
        if ((await snapshot.accountsAt([email])).size > 0) {
          throw new UsherError('alreadyExists', `${email} is there.`, { field: 'email' });
        }
        return [{ change: 'create', subject: newAccountSubject(email, name), params: { name }, before: null }];
      },
    }), // prettier-ignore
  ];
}

function draft(change: string, { subject, state }: KnownAccount): ChangeDraft {
  return { change, subject, params: {}, before: state };
}

async function readPeople(
  context: DeskContext,
  subjects: readonly Subject[],
  purpose: ReadPurpose,
): Promise<ReadonlyMap<string, ObservedSubject>> {
  const seen = new Map<string, ObservedSubject>();
  for (const subject of subjects) {
    const observedAt = context.clock.now().toISOString();
    const person = subject.kind === 'account' ? await findPerson(context, subject, purpose) : null;
    const records = person === null ? [] : toRecords(person);
    const account = records.find((record) => record.kind === 'account') ?? null;
    const grants = records.filter((record) => record.kind === 'grant');
    seen.set(subject.key, { account, grants, records, observedAt, covers: ['group'] });
  }
  return seen;
}

async function findPerson(context: DeskContext, { key, email }: Subject, purpose: ReadPurpose): Promise<Person | null> {
  const { people } = await get(context, '/people', pageSchema, { email: fold(email ?? '') });
  const [atAddress = null] = people;
  if (atAddress?.id === key || key.startsWith('new:') || purpose === 'after') return atAddress;
  return (await allPeople(context)).find(({ id }) => id === key) ?? atAddress;
}

async function allPeople(context: DeskContext): Promise<readonly Person[]> {
  const found: Person[] = [];
  for (;;) {
    const { people, total } = await get(context, '/people', pageSchema, { offset: String(found.length) });
    found.push(...people);
    if (found.length >= total) return found;
    if (people.length === 0) throw new UsherError('upstreamBug', 'The desk sent fewer people than it has.');
  }
}

const logSchema = z.object({
  entries: z.array(z.object({ at: z.string(), what: z.string(), email: z.string() })),
  complete_to: z.string(),
});

async function readDeskLog(
  context: DeskContext,
  since: string,
): ReturnType<NonNullable<WriteDefinition<DeskSettings>['readLog']>> {
  const log = await get(context, '/log', logSchema, { since });
  const events = log.entries.map(({ at, what, email }) => ({
    id: `${at} ${what} ${email}`, occurredAt: at, action: what, actor: null, target: email, ipAddress: null, data: null,
  })); // prettier-ignore
  return { events, isCompleteTo: log.complete_to };
}

function toRecords(person: Person): readonly AnyRecord[] {
  const account: AccountRecord = {
    kind: 'account', key: person.id, email: person.email, username: null, displayName: person.name, givenName: null,
    familyName: null, status: STATUSES[person.state], isLocked: null, isService: null, mfa: null,
    roles: [person.isOwner ? 'owner' : 'user'], employeeNumber: null, createdAt: null, extra: {},
    volatile: { lastLoginAt: null, extra: {} }, raw: person,
  }; // prettier-ignore
  const groups = person.teams.map((key) => ({ kind: 'group' as const, key, name: key, description: null, extra: {} }));
  return [account, ...groups, ...person.teams.map((team) => membership(person.id, team))];
}

function membership(holderKey: string, targetKey: string): GrantRecord {
  const identity = {
    holderKind: 'account',
    holderKey,
    targetKind: 'group',
    targetKey,
    permission: 'member',
    path: '',
  } as const;
  return { kind: 'grant', key: grantKey(identity), ...identity, extra: {} };
}

/** A change whose call takes one subject. */
async function one<Params>(
  context: DeskContext,
  items: readonly ChangeItem<Params>[],
  asked: (item: ChangeItem<Params>) => readonly [path: string, body: object],
): Promise<readonly ItemResult[]> {
  const results: ItemResult[] = [];
  for (const item of items) {
    const [path, body] = asked(item);
    await post(context, path, body, z.object({ ok: z.literal(true) }), Object.values(item.secrets));
    results.push({ kind: 'taken' });
  }
  return results;
}

function absent({ email }: Subject): ItemResult {
  return { kind: 'refused', error: new UsherError('notFound', `The desk knows no ${email}.`) };
}

async function get<Schema extends z.ZodType>(
  context: DeskContext,
  path: string,
  schema: Schema,
  query: Readonly<Record<string, string>>,
): Promise<z.output<Schema>> {
  return parsed(path, schema, await request(context, 'GET', path, { query }));
}

async function post<Schema extends z.ZodType>(
  context: DeskContext,
  path: string,
  body: object,
  schema: Schema,
  secrets: readonly string[] = [],
): Promise<z.output<Schema>> {
  return parsed(path, schema, await request(context, 'POST', path, { body: { json: body }, secrets }));
}

/** Sends a request; refusals are errors. */
async function request(
  { http, settings }: DeskContext,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  more: Pick<HttpRequest, 'query' | 'body' | 'secrets'> = {},
): Promise<string> {
  const headers = { authorization: `Bearer ${settings.token}` };
  const { status, text } = await http.request({ operation: path.slice(1), method, path, headers, ...more });
  if (status < 300) return text;
  if (status === 404) throw new UsherError('notFound', 'The desk knows no such thing.');
  if (status === 409) throw new UsherError('alreadyExists', 'The desk has that already.');
  throw new UsherError('transient', `The desk answered ${status}.`);
}

function parsed<Schema extends z.ZodType>(path: string, schema: Schema, text: string): z.output<Schema> {
  const fits = schema.safeParse(json(text));
  if (fits.success) return fits.data;
  throw new UsherError('upstreamBug', `The desk answered ${path} with what cannot be understood.`);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
