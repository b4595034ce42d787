import { z } from 'zod';
import type {
  ChangeDefinition,
  ChangeItem,
  ChangeParams,
  ConnectorChange,
  SubjectState,
} from '../../connector-kit/changes.ts';
import { defineChange } from '../../connector-kit/define-change.ts';
import { type Subject, subjectLabel } from '../../model/changes.ts';
import { UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import type { AccountRecord, JsonValue } from '../../model/records.ts';
import type { Settings } from './config.ts';
import { accountOf, changedSince, one } from './item.ts';
import { bodyOf, differences, listsOf, isSame, roleBodySchema, sourceBodySchema, type UserBody } from './user-body.ts';
import { createUser, deleteUser, replaceUser, unlockUser } from './write-calls.ts';
import { rememberMade } from './write-read.ts';

const noParams = z.strictObject({});
type NoParams = z.output<typeof noParams>;

/** What is the same for all changes that replace a user by itself with something changed. */
export function replacing<Params>(
  parts: Pick<
    ChangeDefinition<Settings, Params>,
    'id' | 'summary' | 'params' | 'effect' | 'endsAccess' | 'undo' | 'inverse'
  > & {
    /** All of the user as it should be. */
    readonly wish: (body: UserBody, params: Params) => UserBody;
    /** The fields of it that show that it was done. */
    readonly fields: readonly (keyof UserBody)[];
    /** What of the user is neither as planned from nor as wished: somebody else has changed it meanwhile. */
    readonly moved?: (body: UserBody, params: Params) => readonly string[];
  },
): ConnectorChange<Settings> {
  const { wish, fields, moved = () => [], ...rest } = parts;
  return defineChange<Settings, Params>({
    ...rest,
    secrets: [],
    sendsMail: false,
    wanted({ account }, params) {
      if (account === null) return false;
      const body = bodyOf(account);
      return isSame(body, wish(body, params), fields);
    },
    besides: (before, after, params) => asWished(before, after, (body) => wish(body, params)),
    proof: { by: 'state' },
    batchSize: 1,
    call: (context, items) =>
      one(context, items, async (item) => {
        const account = accountOf(item, context.settings);
        const body = bodyOf(account);
        const since = moved(body, item.params);
        if (since.length > 0) throw changedSince(item.subject, since.join(', '));
        await replaceUser(context, account.key, wish(body, item.params));
      }),
  });
}

/** What else the console changed when a user was replaced by itself as wished; lists stay unless a flag makes them void. */
export function asWished(
  before: SubjectState,
  after: SubjectState,
  wish: (body: UserBody) => UserBody,
): readonly string[] {
  if (before.account === null) return [];
  const body = wish(bodyOf(before.account));
  return differences({ body, ...listsOf(before) }, after);
}

const disable = replacing<NoParams>({
  id: 'disable_user',
  summary: (subject) => `Disable ${subjectLabel(subject)}: no sign-in; role, access and everything owned are kept`,
  params: noParams,
  effect: () => 'write',
  endsAccess: true,
  undo: { isPossible: true, how: 'Enabling gives the sign-in back as it was.' },
  wish: (body) => ({ ...body, enabled: false }),
  fields: ['enabled'],
  inverse: ({ account }) => (account?.status === 'disabled' ? null : { change: 'enable_user', params: {} }),
});

const enable = replacing<NoParams>({
  id: 'enable_user',
  summary: (subject) => `Enable ${subjectLabel(subject)}: sign-in works again`,
  params: noParams,
  effect: () => 'write',
  endsAccess: false,
  undo: { isPossible: true, how: 'Disabling blocks the sign-in again.' },
  wish: (body) => ({ ...body, enabled: true }),
  fields: ['enabled'],
  inverse: ({ account }) => (account?.status === 'disabled' ? { change: 'disable_user', params: {} } : null),
});

const profileSchema = z.strictObject({
  login: z.string().optional(),
  name: z.string().optional(),
  email: z.string().nullable().optional(),
  locale: z.strictObject({ default: z.string().optional(), reports: z.string().optional() }).nullable().optional(),
});
type Profile = z.output<typeof profileSchema>;

/** Fields not given stay; null takes one away. `from`: the same fields as the plan was made for. */
const profileParams = profileSchema.extend({ from: profileSchema });
type ProfileParams = z.output<typeof profileParams>;
const PROFILE = ['login', 'name', 'email', 'locale'] as const;

const update = replacing<ProfileParams>({
  id: 'update_user',
  summary: (subject, params) => `Change ${namesOf(params).join(', ')} of ${subjectLabel(subject)}`,
  params: profileParams,
  effect: () => 'write',
  endsAccess: false,
  undo: { isPossible: true, how: 'The values from before are put back.' },
  wish: (body, params) => withProfile(body, params),
  fields: PROFILE,
  moved(body, { from, ...wish }) {
    const [asPlanned, asWished] = [withProfile(body, from), withProfile(body, wish)];
    return PROFILE.filter((field) => !isSame(body, asPlanned, [field]) && !isSame(body, asWished, [field]));
  },
  inverse({ account }, params) {
    if (account === null) return null;
    const body = bodyOf(account);
    const next = withProfile(body, params);
    const changing = PROFILE.filter((field) => !isSame(body, next, [field]));
    if (changing.length === 0) return null;
    return { change: 'update_user', params: { ...profileOf(body, changing), from: profileOf(next, changing) } };
  },
});

/** The params of `update_user` that bring this about for an account as it is known. */
export function profileChange(account: AccountRecord, wish: JsonProfile): ChangeParams {
  const fields = PROFILE.filter((field) => wish[field] !== undefined);
  return { ...wish, from: profileOf(bodyOf(account), fields) };
}

/** A profile as plans keep it. */
export type JsonProfile = Readonly<Partial<Record<keyof Profile, string | null | Readonly<Record<string, string>>>>>;

function profileOf(
  { login, name, email, locale }: UserBody,
  fields: readonly (keyof Profile)[],
): Record<string, JsonValue> {
  const tags = Object.fromEntries(
    Object.entries(locale ?? {}).flatMap(([tag, value]) => (typeof value === 'string' ? [[tag, value]] : [])),
  );
  const all = { login, name, email: email ?? null, locale: locale === undefined ? null : tags };
  return Object.fromEntries(fields.map((field) => [field, all[field]]));
}

function namesOf(params: Profile): string[] {
  const words = { login: 'the login', name: 'the name', email: 'the address', locale: 'the language' } as const;
  return PROFILE.flatMap((field) => {
    const value = params[field];
    if (value === undefined) return [];
    if (value === null) return [`${words[field]} (to none)`];
    if (typeof value === 'string') return [`${words[field]} to ${value}`];
    return [`${words[field]} to ${[value.default, value.reports].filter((tag) => tag !== undefined).join(' / ')}`];
  });
}

function withProfile({ email: oldEmail, locale: oldLocale, ...body }: UserBody, params: Profile): UserBody {
  const email = params.email === undefined ? oldEmail : (params.email ?? undefined);
  const locale =
    params.locale === undefined ? oldLocale : params.locale === null ? undefined : { ...oldLocale, ...params.locale };
  return {
    ...body,
    ...(params.login === undefined ? {} : { login: params.login }),
    ...(params.name === undefined ? {} : { name: params.name }),
    ...(email === undefined ? {} : { email }),
    ...(locale === undefined ? {} : { locale }),
  };
}

const remove = defineChange<Settings, NoParams>({
  id: 'delete_user',
  summary: (subject) => `Delete ${subjectLabel(subject)} for good, with role, access and second factor`,
  params: noParams,
  secrets: [],
  effect: () => 'destructive',
  endsAccess: true,
  sendsMail: false,
  undo: { isPossible: false, how: 'The console keeps nothing of a deleted user; a new one has another id.' },
  looksAt: [],
  wanted: ({ account }) => account === null,
  proof: { by: 'state' },
  batchSize: 1,
  inverse: () => null,
  call: (context, items) =>
    one(context, items, async (item) => {
      await deleteUser(context, accountOf(item, context.settings).key);
    }),
});

const unlock = defineChange<Settings, NoParams>({
  id: 'unlock_user',
  summary: (subject) => `Unlock ${subjectLabel(subject)}, who was locked after wrong passwords`,
  params: noParams,
  secrets: [],
  effect: () => 'write',
  endsAccess: false,
  sendsMail: false,
  undo: { isPossible: false, how: 'Only wrong passwords lock an account; disabling it blocks the sign-in.' },
  looksAt: [],
  wanted: ({ account }) => account !== null && account.isLocked === false,
  besides: (before, after) => asWished(before, after, (body) => body),
  proof: { by: 'state' },
  batchSize: 1,
  inverse: () => null,
  call: (context, items) =>
    one(context, items, async (item) => {
      const account = accountOf(item, context.settings);
      if (account.status === 'disabled') throw disabledCannotBeUnlocked(item.subject);
      await unlockUser(context, account.key);
    }),
});

/** The console refuses it (its OpenAPI document); the order is the other way round. */
export function disabledCannotBeUnlocked(subject: Subject): UsherError {
  return new UsherError(
    'conflict',
    `${subjectLabel(subject)} is disabled, and the console cannot unlock a disabled account.`,
    {
      code: 'disabledAccount',
      next: 'Enable it first, or have both done by insightvm_unlock_user with enable: true. If it was disabled on purpose, leave it so: a disabled account cannot sign in, locked or not.',
    },
  );
}

const newUserParams = z.strictObject({
  login: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  locale: z.strictObject({ default: z.string().optional(), reports: z.string().optional() }).optional(),
  role: roleBodySchema,
  authentication: sourceBodySchema.optional(),
  hasPassword: z.boolean(),
  passwordResetOnLogin: z.boolean(),
});
type NewUserParams = z.output<typeof newUserParams>;

/**
 * The flags are always sent: a guide says that a console may take a left-out one for true. What the console made of them
 * is compared afterwards; until the changes that follow have given access, the user is half made.
 */
const create = defineChange<Settings, NewUserParams>({
  id: 'create_user',
  summary: (subject, { login, role, enabled }) =>
    `Create ${login} (${subjectLabel(subject)}) with the role ${role.id}, ${reachOf(role)}${enabled ? '' : ', disabled'}; undoing deletes the user again`,
  params: newUserParams,
  secrets: ['password'],
  effect: () => 'write',
  endsAccess: false,
  sendsMail: false,
  undo: { isPossible: true, how: 'The user is deleted again, with whatever access it was given by then.' },
  looksAt: [],
  wanted: ({ account }, { login }) => account !== null && fold(account.username ?? '') === fold(login),
  besides: (_before, after, params) =>
    after.account === null
      ? []
      : differences({ body: newBody(after.account.email, params), sites: [], assetGroups: [] }, after),
  proof: { by: 'state' },
  batchSize: 1,
  inverse: ({ account }) => (account === null ? { change: 'delete_user', params: {} } : null),
  call: (context, items) =>
    one(context, items, async (item) => {
      const { subject, params } = item;
      const password = passwordOf(item);
      const id = await createUser(context, {
        ...newBody(subject.email, params),
        ...(password === null ? {} : { password, passwordResetOnLogin: params.passwordResetOnLogin }),
      });
      rememberMade(context, subject.email ?? '', id);
    }),
});

function newBody(
  email: string | null,
  { login, name, enabled, locale, role, authentication }: NewUserParams,
): UserBody {
  return {
    login,
    name,
    ...(email === null ? {} : { email }),
    enabled,
    ...(locale === undefined ? {} : { locale }),
    role,
    ...(authentication === undefined ? {} : { authentication }),
  };
}

function reachOf({ allSites, allAssetGroups }: NewUserParams['role']): string {
  if (allSites && allAssetGroups) return 'for all sites and asset groups';
  if (allSites) return 'for all sites';
  return allAssetGroups ? 'for all asset groups' : 'for what is granted alone';
}

function passwordOf({ subject, params, secrets }: ChangeItem<NewUserParams>): string | null {
  if (!params.hasPassword) return null;
  const password = secrets['password'];
  if (password !== undefined) return password;
  throw passwordGone(subject);
}

/** The password of a change is no longer kept. */
export function passwordGone(subject: Subject): UsherError {
  return new UsherError('conflict', `The password for ${subjectLabel(subject)} is no longer kept: nothing was sent.`, {
    code: 'secretGone',
    next: 'Make the plan again.',
  });
}

/** Changes of users themselves: made, changed, blocked, ended, unlocked. */
export const userChanges: readonly ConnectorChange<Settings>[] = [create, update, disable, enable, remove, unlock];
