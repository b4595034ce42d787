// An invented app whose keys are changed by chains: one call makes a key, the connection goes over to it, the old one goes.
import { createServer } from 'node:http';
import { z } from 'zod';
import type {
  ChangeDraft, ChangeItem, ConnectorChange, ItemResult, ObservedSubject, WriteDefinition,
} from '../../connector-kit/changes.ts'; // prettier-ignore
import type { Connector, ConnectorContext } from '../../connector-kit/connector.ts';
import { defineChange, writeAction } from '../../connector-kit/define-change.ts';
import { defineConnector } from '../../connector-kit/define.ts';
import { type Hold, newAccountSubject, type Subject } from '../../model/changes.ts';
import { UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import type { AccountRecord, CredentialRecord } from '../../model/records.ts';

interface Key {
  readonly id: string;
  readonly secret: string;
  isEnabled: boolean;
}

interface Person {
  readonly id: string;
  readonly email: string;
  badge: string | null;
}

/** The app's own state, and what befalls the next calls. */
export interface Keysmith {
  /** What it is connected with. */
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly url: string;
  readonly connector: Connector;
  readonly keys: Map<string, Key>;
  readonly people: Person[];
  /** What was done, in order: `make_key k2`. */
  readonly effects: string[];
  /** Called when a call has come in, and when it was carried out; what it throws is what the caller gets. */
  on: { before(change: string): void; after(change: string): void };
  /** Whether it tells ids of new keys that no connection takes. */
  refusesKeyIds: boolean;
  /** Whether it tells nobody what there is, once a call has come in. */
  isBlind: boolean;
  /** The key that the last call was made with. */
  usedKey: string;
  reset(): void;
  close(): Promise<void>;
}

const FIRST_SECRET = 'canary-first-secret';
const settingsSchema = z.strictObject({ url: z.url(), keyId: z.string().min(1) });
const secretsSchema = z.strictObject({ secret: z.string().min(8) });
type Settings = z.output<typeof settingsSchema> & z.output<typeof secretsSchema>;
type Context = ConnectorContext<Settings>;
type Smith = ConnectorChange<Settings>;

/** Starts it, with one person and the connection's key. Its server says yes to everything: what is done is done here. */
export async function startKeysmith(): Promise<Keysmith> {
  let made = 0;
  const server = createServer((request, response) => {
    const chunks: string[] = [];
    request.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
    request.on('end', () => {
      // A secret under a name that nobody takes for one.
      const told = chunks.join('').includes('make_key') ? { seed: `canary-secret-of-k${made + 1}` } : {};
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(told));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const keys = new Map<string, Key>();
  const people: Person[] = [];
  const effects: string[] = [];
  const nothing = { before: () => undefined, after: () => undefined };
  const app: Keysmith = {
    get connector() {
      return connector;
    },
    url,
    settings: { url, key_id: 'k1' },
    secrets: { secret: FIRST_SECRET },
    keys, people, effects, on: { ...nothing }, usedKey: '', refusesKeyIds: false, isBlind: false,
    reset() {
      keys.clear();
      keys.set('k1', { id: 'k1', secret: FIRST_SECRET, isEnabled: true });
      people.splice(0, people.length, { id: 'p1', email: 'ada@smith.example', badge: null });
      effects.splice(0);
      made = 1;
      app.on = { ...nothing };
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  }; // prettier-ignore

  const signIn = ({ settings }: Context): void => {
    const key = keys.get(settings.keyId);
    app.usedKey = settings.keyId;
    if (key?.isEnabled === true && key.secret === settings.secret) return;
    throw new UsherError('auth', `The app refuses the key ${settings.keyId}.`);
  };
  /** Every call of a change: signed in, struck before or after. */
  const called = async (
    context: Context,
    change: string,
    items: readonly ChangeItem<never>[] | readonly unknown[],
    work: () => ItemResult,
  ): Promise<readonly ItemResult[]> => {
    // A preview ends here.
    await context.http.request({ operation: change, method: 'POST', path: '/', body: { json: { change } } });
    app.on.before(change);
    signIn(context);
    const result = work();
    app.on.after(change);
    return items.map(() => result);
  };
  const done = (what: string): void => void effects.push(what);

  const common = { secrets: [], effect: () => 'write' as const, endsAccess: false, sendsMail: false, batchSize: 1 };
  const noParams = z.strictObject({});
  const keyParams = z.strictObject({ key: z.string() });
  const taken: ItemResult = { kind: 'taken' };
  const has = (credentials: readonly CredentialRecord[] | undefined, key: string) =>
    credentials?.find((each) => each.key === key);

  const makeKey: Smith = defineChange<Settings, object>({
    ...common,
    id: 'make_key',
    summary: ({ key }) => `Make a key beside ${key}`,
    params: noParams,
    undo: { isPossible: true, how: 'The new key is deleted.' },
    wanted: () => false,
    proof: { by: 'made', note: 'It is shown once.' },
    inverse: (_before, _params, _subject, facts) =>
      typeof facts?.['key_id'] === 'string' ? { change: 'drop_key', params: { key: facts['key_id'] } } : null,
    call: (context, items) =>
      called(context, 'make_key', items, () => {
        // What a lost call has left: keys beside the one that the chain is about.
        const [item] = items;
        for (const { key } of item?.before.credentials ?? []) {
          if (key !== item?.subject.key && keys.delete(key)) done(`drop_key ${key}`);
        }
        const id = `k${(made += 1)}`;
        const secret = `canary-secret-of-${id}`;
        keys.set(id, { id, secret, isEnabled: true });
        done(`make_key ${id}`);
        return { kind: 'taken', made: { facts: { key_id: id }, secrets: { secret } } };
      }),
  });

  const adoptKey: Smith = defineChange<Settings, object>({
    ...common,
    id: 'adopt_key',
    summary: () => 'Let the connection use the new key',
    params: noParams,
    undo: { isPossible: true, how: 'The connection gets the key back that it had.' },
    wanted: () => false,
    proof: { by: 'made', note: 'The key was tried.' },
    inverse: () => null,
    call: (context, items) =>
      called(context, 'adopt_key', items, () => {
        const told = items[0]?.earlier?.find(({ change }) => change === 'make_key');
        const [fact, secret] = [told?.facts['key_id'], told?.secrets['secret'] ?? ''];
        const id = typeof fact === 'string' ? fact : '';
        if (keys.get(id)?.secret !== secret) throw new UsherError('auth', 'The new key does not work.');
        return { kind: 'taken', adopts: { settings: { key_id: app.refusesKeyIds ? '' : id }, secrets: { secret } } };
      }),
  });

  const turn = (to: boolean): Smith =>
    defineChange<Settings, object>({
      ...common,
      id: to ? 'enable_key' : 'disable_key',
      summary: ({ key }) => `${to ? 'Enable' : 'Disable'} the key ${key}`,
      params: noParams,
      undo: { isPossible: true, how: 'It is turned back.' },
      wanted: ({ credentials, ...rest }) => {
        const [only] = credentials ?? [];
        return rest.account === null && only !== undefined && only.isEnabled === to;
      },
      proof: { by: 'state' },
      inverse: () => ({ change: to ? 'disable_key' : 'enable_key', params: {} }),
      call: (context, items) =>
        called(context, to ? 'enable_key' : 'disable_key', items, () => {
          const key = keys.get(items[0]?.subject.key ?? '');
          if (key === undefined) throw new UsherError('notFound', 'There is no such key.');
          key.isEnabled = to;
          done(`${to ? 'enable_key' : 'disable_key'} ${key.id}`);
          return taken;
        }),
    });

  const dropKey: Smith = defineChange<Settings, { readonly key: string }>({
    ...common,
    id: 'drop_key',
    summary: (_subject, { key }) => `Delete the key ${key}`,
    params: keyParams,
    effect: () => 'destructive',
    undo: { isPossible: false, how: 'A key is gone for good.' },
    wanted: ({ credentials }, { key }) => credentials !== undefined && has(credentials, key) === undefined,
    proof: { by: 'state' },
    inverse: () => null,
    call: (context, items) =>
      called(context, 'drop_key', items, () => {
        const id = items[0]?.params.key ?? '';
        if (keys.delete(id)) done(`drop_key ${id}`);
        return taken;
      }),
  });

  const hire: Smith = defineChange<Settings, object>({
    ...common,
    id: 'hire',
    summary: ({ email }) => `Hire ${email}`,
    params: noParams,
    undo: { isPossible: true, how: 'They are let go.' },
    wanted: ({ account }) => account !== null,
    proof: { by: 'state' },
    inverse: () => ({ change: 'let_go', params: {} }),
    call: (context, items) =>
      called(context, 'hire', items, () => {
        const email = items[0]?.subject.email ?? '';
        people.push({ id: `p${people.length + 1}`, email, badge: null });
        done(`hire ${email}`);
        return { kind: 'taken', made: { facts: { person: `p${people.length}` }, secrets: {} } };
      }),
  });

  const letGo: Smith = defineChange<Settings, object>({
    ...common,
    id: 'let_go',
    summary: ({ email }) => `Let ${email} go`,
    params: noParams,
    undo: { isPossible: false, how: 'Hire them again.' },
    wanted: ({ account }) => account === null,
    proof: { by: 'state' },
    inverse: () => null,
    call: (context, items) =>
      called(context, 'let_go', items, () => {
        const at = people.findIndex(({ id }) => id === items[0]?.before.account?.key);
        for (const { email } of people.splice(at, at < 0 ? 0 : 1)) done(`let_go ${email}`);
        return taken;
      }),
  });

  const badge = (id: 'give_badge' | 'take_badge'): Smith =>
    defineChange<Settings, object>({
      ...common,
      id,
      summary: ({ email }) => `${id === 'give_badge' ? 'Give' : 'Take'} the badge of ${email}`,
      params: noParams,
      undo: { isPossible: true, how: 'The other way round.' },
      wanted: ({ account }) => account !== null && (account.extra['badge'] === null) === (id === 'take_badge'),
      proof: { by: 'state' },
      inverse: () => ({ change: id === 'give_badge' ? 'take_badge' : 'give_badge', params: {} }),
      call: (context, items) =>
        called(context, id, items, () => {
          const person = people.find((each) => each.id === items[0]?.before.account?.key);
          if (person === undefined) throw new UsherError('notFound', 'There is nobody like that.');
          person.badge = id === 'give_badge' ? `b-${person.id}` : null;
          done(`${id} ${person.id}`);
          return taken;
        }),
    });

  const writes: WriteDefinition<Settings> = {
    changes: [
      makeKey, adoptKey, turn(true), turn(false), dropKey, hire, letGo, badge('give_badge'), badge('take_badge'),
    ],
    actions: [rotate, hireAction, twoBadges],
    concurrency: 2,
    async read(context, subjects) {
      if (app.isBlind && effects.length > 0) throw new UsherError('transient', 'The app is blind.');
      signIn(context);
      return new Map(subjects.map((subject) => [subject.key, observed(subject)]));
    },
    administrators: async () => null,
    unified: {},
  }; // prettier-ignore

  const observed = (subject: Subject): ObservedSubject => {
    const observedAt = new Date().toISOString();
    if (subject.kind === 'credential') {
      const credentials = [...keys.values()]
        .map(credentialOf)
        .sort((a, b) => (a.key === subject.key ? -1 : a.key < b.key ? 0 : 1));
      return { account: null, grants: [], credentials, records: [], observedAt, covers: [] };
    }
    const person = people.find(({ id, email }) => id === subject.key || fold(email) === fold(subject.email ?? ''));
    const account = person === undefined ? null : accountOf(person);
    return { account, grants: [], records: account === null ? [] : [account], observedAt, covers: ['group'] };
  };

  const connector = defineConnector({
    id: 'keysmith',
    title: 'Keysmith',
    description: 'An invented app',
    config: { settings: settingsSchema, secrets: secretsSchema },
    mappingVersion: 1,
    baseUrl: ({ url: at }) => at,
    rates: () => ({ default: 1_000_000 }),
    probe: async (context) => {
      signIn(context);
      return { tenant: { id: 'smith', name: 'Smith' }, capabilities: ['keys'], notes: [] };
    },
    collections: [
      {
        id: 'people', title: 'People', yields: ['account', 'credential'],
        async *pull() {
          const records = [...people.map(accountOf), ...[...keys.values()].map(credentialOf)];
          yield { records, observedAt: new Date().toISOString(), checkpoint: null, total: null };
          return { isComplete: true };
        },
      },
    ],
    actions: [],
    unified: {
      traits: {
        userId: 'key', roles: [], unknownRoleStatus: 404, resourceTypes: [], resourcesArePolicies: false,
        describe: () => ({ organizations: [], credentials: { name: 'keysmith', authType: 'api_key' } }),
      },
      live: {
        accounts: async () => ({ records: [], next: null }), account: async () => [], groups: async () => [],
        resources: async () => [], check: async () => undefined,
      },
    },
    writes,
  }); // prettier-ignore
  app.reset();
  return app;
}

const hold: z.ZodType<Hold> = z.union([
  z.strictObject({ kind: z.literal('wait'), seconds: z.number(), why: z.string() }),
  z.strictObject({ kind: z.literal('task'), task: z.string() }),
]);

/** Makes a key in the place of one: make, adopt, then (after a hold) disable, then (after another) delete the old one. */
const rotate = writeAction({
  id: 'keysmith_rotate', title: 'Rotate a key', description: 'Makes another key in its place', effect: 'destructive',
  input: z.strictObject({
    key: z.string(), hold: hold.optional(), handsOver: z.boolean().default(false), drops: z.boolean().default(true),
  }),
  async plan({ key, hold: wait, handsOver, drops }): Promise<readonly ChangeDraft[]> {
    const subject: Subject = { kind: 'credential', key, email: null, name: key };
    const before = { account: null, grants: [], credentials: [credentialOf({ id: key, secret: '', isEnabled: true })] };
    const chained = { subject, before, follows: true as const };
    return [
      {
        change: 'make_key', subject, params: {}, before,
        ...(handsOver ? { handoff: { label: `The key in the place of ${key}`, made: 'secret' } } : {}),
      },
      { ...chained, change: 'adopt_key', params: {} },
      { ...chained, change: 'disable_key', params: {}, ...(wait === undefined ? {} : { hold: wait }) },
      ...(drops ? [{ ...chained, change: 'drop_key', params: { key } }] : []),
    ];
  },
}); // prettier-ignore

/** Somebody new with a badge: what follows is about an account that is not there yet. */
const hireAction = writeAction({
  id: 'keysmith_hire', title: 'Hire', description: 'Hires somebody and gives a badge', effect: 'write',
  input: z.strictObject({ email: z.email() }),
  async plan({ email }): Promise<readonly ChangeDraft[]> {
    const subject = newAccountSubject(email, null);
    return [
      { change: 'hire', subject, params: {}, before: null },
      { change: 'give_badge', subject, params: {}, before: null, follows: true },
    ];
  },
}); // prettier-ignore

/** A badge for everybody given, each by itself, one of them after a task. */
const twoBadges = writeAction({
  id: 'keysmith_badges', title: 'Badges', description: 'Gives badges', effect: 'write',
  input: z.strictObject({ people: z.array(z.string()), hold: hold.optional() }),
  plan: async ({ people, hold: task }, snapshot) =>
    (await snapshot.accounts(people, 'people')).map(({ subject, state }, index): ChangeDraft => ({
      change: 'give_badge', subject, params: {}, before: state, ...(index > 0 && task !== undefined ? { hold: task } : {}),
    })),
}); // prettier-ignore

function credentialOf({ id, isEnabled }: Key): CredentialRecord {
  return {
    kind: 'credential', key: id, type: 'api_key', name: id, ownerKey: null, isEnabled, createdAt: null, expiresAt: null,
    extra: {}, volatile: { lastUsedAt: null, extra: {} },
  }; // prettier-ignore
}

function accountOf({ id, email, badge }: Person): AccountRecord {
  return {
    kind: 'account', key: id, email, username: null, displayName: email, givenName: null, familyName: null,
    status: 'active', isLocked: null, isService: null, mfa: null, roles: [], employeeNumber: null, createdAt: null,
    extra: { badge }, volatile: { lastLoginAt: null, extra: {} },
  }; // prettier-ignore
}
