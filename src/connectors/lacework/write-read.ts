import type { ObservedSubject } from '../../connector-kit/changes.ts';
import type { Subject } from '../../model/changes.ts';
import { fold } from '../../model/ids.ts';
import type { CredentialRecord } from '../../model/records.ts';
import { isOrganization, type LaceworkContext } from './config.ts';
import { isRefusal } from './directory.ts';
import { apiKeyOf, isAbsent, listApiKeys, toApiKey } from './holdings.ts';
import { readEverybody, readOne, withGrants } from './live.ts';
import type { Person } from './mapping.ts';
import { clientFor, learnedIn, profileOf } from './tenant.ts';

/** So many people are searched for one by one; more are found in the lists of everybody. */
const FEW = 3;
const COVERS: ObservedSubject['covers'] = ['group', 'role', 'resource'];

/** Reads accounts and API keys as they are now, by the fewest calls: see `WriteDefinition.read`. */
export async function readSubjects(
  context: LaceworkContext,
  subjects: readonly Subject[],
): Promise<ReadonlyMap<string, ObservedSubject>> {
  const observedAt = context.clock.now().toISOString();
  const accounts = subjects.filter(({ kind }) => kind === 'account');
  const people = await readPeople(context, [...new Set(accounts.map(keyOf))]);
  const keys = await readKeys(context, subjects);
  const read = new Map<string, ObservedSubject>();
  for (const subject of subjects) {
    const person = subject.kind === 'account' ? (people.get(keyOf(subject)) ?? null) : null;
    read.set(subject.key, {
      ...(person === null ? NOBODY : await shown(context, person)),
      ...credentialsOf(subject, keys),
      observedAt,
      covers: subject.kind === 'account' ? COVERS : [],
    });
  }
  return read;
}

/** Absent where the tenant has no list of keys: nothing is then known of any. */
function credentialsOf(
  subject: Subject,
  keys: ReadonlyMap<string, readonly CredentialRecord[]>,
): Pick<ObservedSubject, 'credentials'> {
  const credentials = subject.kind === 'credential' ? keys.get(subAccountOf(subject)) : undefined;
  return credentials === undefined ? {} : { credentials };
}

const NOBODY = { account: null, grants: [], records: [] };

async function shown(
  context: LaceworkContext,
  person: Person,
): Promise<Pick<ObservedSubject, 'account' | 'grants' | 'records'>> {
  const records = await withGrants(context, [person]);
  const account = records.find((record) => record.kind === 'account') ?? null;
  return {
    account,
    grants: records.filter((record) => record.kind === 'grant'),
    records: records.filter(({ kind }) => kind === 'account' || kind === 'grant' || kind === 'group'),
  };
}

/** By the key an account has, or will have: its folded address; a service user's GUID. */
async function readPeople(context: LaceworkContext, keys: readonly string[]): Promise<ReadonlyMap<string, Person>> {
  if (keys.length === 0) return new Map();
  const look = async (): Promise<ReadonlyMap<string, Person>> => {
    const found = new Map<string, Person>();
    const isFew = keys.length <= FEW && keys.every((key) => key.includes('@'));
    const everybody = isFew ? null : await readEverybody(context);
    for (const key of keys) {
      const person = everybody === null ? await readOne(context, key) : everybody.person(key);
      if (person !== null) found.set(key, person);
    }
    return found;
  };
  try {
    return await look();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // A sub-account that has gone over to RBAC refuses what worked a moment ago: what was learned is learned anew.
    const learned = learnedIn(context);
    learned.models.clear();
    learned.isListRefused = false;
    return look();
  }
}

/** All API keys of each sub-account that a subject is of: what became of one is told by those beside it. */
async function readKeys(
  context: LaceworkContext,
  subjects: readonly Subject[],
): Promise<ReadonlyMap<string, readonly CredentialRecord[]>> {
  const wanted = new Set(subjects.filter(({ kind }) => kind === 'credential').map(subAccountOf));
  const keys = new Map<string, readonly CredentialRecord[]>();
  for (const name of wanted) {
    if (name === '') continue;
    try {
      const rows = await listApiKeys(clientFor(context, { name }));
      keys.set(name, rows.map((row) => toApiKey(name, row))); // prettier-ignore
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }
  return keys;
}

/**
 * Keys of whoever may administer and can sign in: administrators of the organization where the connection is for one,
 * else of the account. Read from the lists of everybody, so that nobody is missed.
 */
export async function readAdministrators(context: LaceworkContext): Promise<readonly string[]> {
  const everybody = await readEverybody(context);
  const administering = isOrganization(context.settings) ? ['org_admin'] : ['org_admin', 'admin'];
  return everybody.keys.filter((key) => {
    const account = everybody.person(key)?.map();
    return (
      account !== undefined &&
      account.status !== 'disabled' &&
      account.isService !== true &&
      account.roles.some((role) => administering.includes(role))
    );
  });
}

/** The owner of the connection's API key, by address. */
export async function readOwnAccount(context: LaceworkContext): Promise<string | null> {
  const { username } = await profileOf(context);
  return username === '' ? null : fold(username);
}

function keyOf({ key, email }: Subject): string {
  return key.startsWith('new:') ? fold(email ?? key.slice('new:'.length)) : key;
}

function subAccountOf({ key }: Subject): string {
  return apiKeyOf(key.replace(/^new:/, ''))?.subAccount ?? '';
}
