import { z } from 'zod';
import type { ChangeDraft, PlanSnapshot } from '../../connector-kit/changes.ts';
import { writeAction } from '../../connector-kit/define-change.ts';
import { draft } from '../../connector-kit/plan-accounts.ts';
import type { Subject } from '../../model/changes.ts';
import { invalidInput } from '../../model/errors.ts';
import { refuseUnknownGroups, unique } from './group-action.ts';
import { groupKey } from './mapping.ts';
import { accountsOf, refuseInvitation } from './plan-accounts.ts';
import { groupName, reference } from './write-inputs.ts';

const site = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, message: 'Give an http or https address.' })
    .max(2000)
    .meta({ description: 'Its address' }),
  name: z.string().trim().max(255).default('').meta({ description: 'How it is called in the vault' }),
  folder: z.string().trim().max(255).default('').meta({ description: 'The folder of the vault to put it in' }),
  username_type: z
    .enum(['email', 'username', 'custom'])
    .default('email')
    .meta({ description: "What to sign in with: the user's address, the part before its @, or username" }),
  username: z.string().max(500).optional().meta({ description: 'What to sign in with, for username_type custom' }),
  password: z.string().max(1000).optional().meta({ description: 'The password of the site' }),
  notes: z.string().max(10_000).optional().meta({ description: 'Notes, kept as a secret too' }),
  persistent: z.boolean().default(false).meta({ description: 'Push it to those who join later, too' }),
  favorite: z.boolean().default(false).meta({ description: 'Mark it as a favourite' }),
});
type Site = z.output<typeof site>;

/** Pushes sites to users, groups or everybody. Newer help articles say that LastPass has withdrawn it. */
export const pushSites = writeAction({
  id: 'lastpass_push_sites',
  title: 'Push sites to users',
  description:
    'Puts entries with credentials into vaults. LastPass has announced to withdraw this in favour of shared folders: it is then refused as unsupported. Until they are delivered the credentials lie in clear text at LastPass.',
  effect: 'write',
  input: z.strictObject({
    users: z.array(reference).max(1000).default([]).meta({ description: 'Addresses, numeric ids or composite ids' }),
    groups: z.array(groupName).max(100).default([]).meta({ description: 'Exact names of groups' }),
    everybody: z.boolean().default(false).meta({ description: 'To all users of the company' }),
    sites: z.array(site).min(1).max(100).meta({ description: 'One entry a site' }),
  }),
  secretInputs: ['sites.*.username', 'sites.*.password', 'sites.*.notes'],
  async plan({ users, groups, everybody, sites }, snapshot) {
    if (everybody && users.length + groups.length > 0) {
      throw invalidInput('everybody', 'Everybody is everybody: give no users and groups beside it.');
    }
    if (!everybody && users.length + groups.length === 0) {
      throw invalidInput('users', 'Nobody is named to push to.', 'Give users, groups, or everybody: true.');
    }
    sites.forEach(refuseMixedUp);
    const targets = everybody ? [EVERYBODY] : await targetsOf(snapshot, users, groups);
    return targets.flatMap((target) => sites.map((each) => ({ ...target, ...contentOf(each) })));
  },
});

const CHANGE = 'push_site';
const EVERYBODY: ChangeDraft = {
  change: CHANGE,
  subject: { kind: 'connection', key: '', email: null, name: null },
  params: {},
  before: null,
};

async function targetsOf(
  snapshot: PlanSnapshot,
  users: readonly string[],
  groups: readonly string[],
): Promise<readonly ChangeDraft[]> {
  const known = users.length === 0 ? [] : await accountsOf(snapshot, users, 'users');
  for (const each of known) refuseInvitation(each, 'a site in a vault');
  const names = unique(groups);
  await refuseUnknownGroups(snapshot, names, 'groups');
  return [...known.map((each) => draft(CHANGE, each)), ...names.map((name) => forGroup(groupSubject(name)))];
}

function groupSubject(name: string): Subject {
  return { kind: 'group', key: groupKey(name), email: null, name };
}

function forGroup(subject: Subject): ChangeDraft {
  return { change: CHANGE, subject, params: {}, before: null };
}

function contentOf(each: Site): Pick<ChangeDraft, 'params' | 'secrets'> {
  const { username, password, notes } = each;
  return {
    params: {
      url: each.url,
      name: each.name,
      folder: each.folder,
      usernameType: each.username_type,
      isPersistent: each.persistent,
      isFavorite: each.favorite,
    },
    secrets: {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(notes === undefined ? {} : { notes }),
    },
  };
}

function refuseMixedUp(each: Site, index: number): void {
  const field = `sites.${index}`;
  const url = new URL(each.url);
  if (url.username !== '' || url.password !== '') {
    throw invalidInput(
      `${field}.url`,
      'The address has a login in it, and addresses are no secrets.',
      'Use username and password.',
    );
  }
  if (each.username_type === 'custom' && each.username === undefined) {
    throw invalidInput(`${field}.username`, 'username_type custom needs a username.');
  }
  if (each.username_type !== 'custom' && each.username !== undefined) {
    throw invalidInput(`${field}.username`, 'A username goes with username_type custom.');
  }
}
