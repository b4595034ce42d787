import { z } from 'zod';
import { fingerprintOf } from '../../../connector-kit/simulator-kit/certificate.ts';
import { hashAt, hashText } from '../../../connector-kit/simulator-kit/random.ts';
import { invalidInput, UsherError } from '../../../model/errors.ts';
import type { JsonValue } from '../../../model/records.ts';
import type { EffectRecorder } from '../../../connector-kit/simulator-kit/logs.ts';
import { newCertificate } from './certificate.ts';
import type { Console } from './console.ts';
import type { Keyed } from './keyed.ts';
import { storedRoleSchema, storedUserSchema, type StoredUser } from './model.ts';
import type { AccessList } from './users.ts';

const login = z.string().min(1);
const share = z.number().min(0).max(1);
const round = z.number().int().default(1);
const list = z.enum(['sites', 'assetGroups']);
const id = z.number().int().positive();

/** What can be changed behind the API's back, as people do in the console's pages. */
export const mutationSchema = z.discriminatedUnion('op', [
  /** Fields not given are those of a plain user of the SSO. */
  z.strictObject({
    op: z.literal('add-user'),
    login,
    fields: storedUserSchema.omit({ id: true }).partial().default({}),
  }),
  z.strictObject({ op: z.literal('delete-user'), login }),
  z.strictObject({ op: z.literal('set-user'), login, fields: storedUserSchema.omit({ id: true }).partial() }),
  /** Too many wrong passwords. */
  z.strictObject({ op: z.literal('lock'), login }),
  z.strictObject({ op: z.literal('grant'), login, list, id }),
  z.strictObject({ op: z.literal('revoke'), login, list, id }),
  z.strictObject({ op: z.literal('set-two-factor'), login, key: z.string().nullable() }),
  z.strictObject({ op: z.literal('add-thing'), list, name: z.string() }),
  z.strictObject({ op: z.literal('rename-thing'), list, id, to: z.string() }),
  z.strictObject({ op: z.literal('delete-thing'), list, id }),
  z.strictObject({ op: z.literal('set-role'), role: storedRoleSchema }),
  z.strictObject({ op: z.literal('delete-role'), id: z.string() }),
  /** Another key and certificate, as after a reinstallation. Only where it speaks TLS. */
  z.strictObject({ op: z.literal('change-certificate') }),
  /** Renames a share of the users: what a resync has to find. */
  z.strictObject({ op: z.literal('change-share'), share, round }),
  /** Deletes a share of the users: what a guard has to stop. The caller's own login stays. */
  z.strictObject({ op: z.literal('delete-share'), share, round }),
]);
export type InsightVmMutation = z.input<typeof mutationSchema>;
type Mutation = z.output<typeof mutationSchema>;

/** Makes one change. Throws `notFound` where its subject is not there, `invalidInput` where it does not fit. */
export function mutate(console: Console, mutation: Mutation, effect: EffectRecorder): JsonValue {
  switch (mutation.op) {
    case 'change-certificate':
      return changeCertificate(console);
    case 'change-share':
    case 'delete-share':
      return changeMany(console, mutation);
    case 'add-thing':
    case 'rename-thing':
    case 'delete-thing':
      return changeThing(console, mutation, effect);
    case 'set-role':
      console.roles.put(mutation.role);
      effect('role.updated', mutation.role.id);
      return { id: mutation.role.id };
    case 'delete-role':
      if (!console.roles.has(mutation.id)) throw notThere('role', mutation.id);
      console.roles.remove(mutation.id);
      effect('role.deleted', mutation.id);
      return { id: mutation.id };
    case 'add-user':
      return addUser(console, mutation, effect);
    default:
      return changeUser(console, mutation, effect);
  }
}

function changeCertificate(console: Console): JsonValue {
  if (console.certificate === null) {
    throw invalidInput('mutation', 'The simulator speaks HTTP: it has no certificate.');
  }
  console.certificate = newCertificate(console.clock.now());
  return { fingerprint: fingerprintOf(console.certificate.cert) };
}

function addUser(
  { users }: Console,
  mutation: Extract<Mutation, { op: 'add-user' }>,
  effect: EffectRecorder,
): JsonValue {
  if (users.byLogin(mutation.login)) throw invalidInput('login', `There is a user "${mutation.login}" already.`);
  const user: StoredUser = {
    name: mutation.login,
    email: `${mutation.login}@northwind.example`,
    enabled: true,
    locked: false,
    failures: 0,
    locale: { default: 'en-US', reports: 'en-US' },
    source: 4,
    role: { id: 'user', allSites: false, allAssetGroups: false, superuser: false },
    password: null,
    passwordResetOnLogin: false,
    twoFactorKey: null,
    sites: [],
    assetGroups: [],
    ...mutation.fields,
    login: mutation.login,
    id: users.nextId(),
  };
  users.put(user);
  effect('user.created', user.id, { login: user.login, email: user.email, role: user.role.id });
  return { id: user.id };
}

type UserMutation = Extract<Mutation, { login: string }> & { readonly op: Exclude<Mutation['op'], 'add-user'> };

function changeUser({ users }: Console, mutation: UserMutation, effect: EffectRecorder): JsonValue {
  const user = users.byLogin(mutation.login);
  if (!user) throw notThere('user', mutation.login);
  switch (mutation.op) {
    case 'delete-user':
      users.remove(user.id);
      effect('user.deleted', user.id, { login: user.login, email: user.email });
      break;
    case 'set-user':
      users.put({ ...user, ...mutation.fields });
      effect('user.updated', user.id, { fields: Object.keys(mutation.fields) });
      break;
    case 'lock':
      users.put({ ...user, locked: true });
      effect('user.locked', user.id);
      break;
    case 'grant':
    case 'revoke': {
      const others = user[mutation.list].filter((other) => other !== mutation.id);
      const ids = mutation.op === 'grant' ? [...others, mutation.id].sort((left, right) => left - right) : others;
      users.put({ ...user, [mutation.list]: ids });
      const word = mutation.list === 'sites' ? 'site-access' : 'asset-group-access';
      effect(`${word}.${mutation.op === 'grant' ? 'granted' : 'revoked'}`, user.id, { id: mutation.id });
      break;
    }
    case 'set-two-factor':
      users.put({ ...user, twoFactorKey: mutation.key });
      effect('user.two-factor-set', user.id);
      break;
  }
  return { id: user.id };
}

type ThingMutation = Extract<Mutation, { op: 'add-thing' | 'rename-thing' | 'delete-thing' }>;

function changeThing(console: Console, mutation: ThingMutation, effect: EffectRecorder): JsonValue {
  const word = mutation.list === 'sites' ? 'site' : 'asset-group';
  if (mutation.op === 'add-thing') return addThing(console, mutation, effect);
  if (mutation.op === 'delete-thing') {
    const { users } = console;
    for (const userId of users.on(mutation.list, mutation.id)) {
      const user = users.get(userId);
      const left = user?.[mutation.list].filter((other) => other !== mutation.id);
      if (user) users.put({ ...user, [mutation.list]: left });
    }
  }
  const name = mutation.op === 'rename-thing' ? mutation.to : null;
  const isDone =
    mutation.list === 'sites'
      ? replace(console.sites, mutation.id, name)
      : replace(console.assetGroups, mutation.id, name);
  if (!isDone) throw notThere(word, String(mutation.id));
  effect(`${word}.${name === null ? 'deleted' : 'renamed'}`, mutation.id);
  return { id: mutation.id };
}

/** Renames it or, with null, takes it away; false: it is not there. */
function replace<Thing extends { readonly id: number; readonly name: string }>(
  things: Keyed<number, Thing>,
  thingId: number,
  name: string | null,
): boolean {
  const thing = things.get(thingId);
  if (!thing) return false;
  if (name === null) things.remove(thingId);
  else things.put({ ...thing, name });
  return true;
}

function addThing(
  console: Console,
  { list: kind, name }: { readonly list: AccessList; readonly name: string },
  effect: EffectRecorder,
): JsonValue {
  const things = kind === 'sites' ? console.sites : console.assetGroups;
  const next = 1 + things.list().reduce((highest, thing) => Math.max(highest, thing.id), 0);
  const fields = {
    id: next,
    name,
    description: '',
    assets: 0,
    riskScore: 0,
    vulnerabilities: { critical: 0, severe: 0, moderate: 0 },
    type: 'static' as const,
  };
  if (kind === 'assetGroups') console.assetGroups.put(fields);
  else {
    const scan = { importance: 'normal' as const, scanEngine: 1, scanTemplate: 'discovery', lastScanTime: null };
    console.sites.put({ ...fields, ...scan });
  }
  effect(`${kind === 'sites' ? 'site' : 'asset-group'}.created`, next);
  return { id: next };
}

/** Every user draws its luck from seed and round: the same share is hit again for the same round. */
function changeMany(console: Console, mutation: Extract<Mutation, { share: number }>): JsonValue {
  const { users, seed } = console;
  const seedHash = hashText(`${seed}/share`);
  const hit = users
    .list()
    .filter(
      (user) => hashAt(seedHash, mutation.round, user.id) / 0x1_0000_0000 < mutation.share && !user.role.superuser,
    );
  for (const user of hit) {
    if (mutation.op === 'delete-share') users.remove(user.id);
    else users.put({ ...user, name: `${user.name} (${mutation.round})` });
  }
  return { users: hit.length };
}

function notThere(kind: string, name: string): UsherError {
  return new UsherError('notFound', `The simulated console has no ${kind} "${name}".`);
}
