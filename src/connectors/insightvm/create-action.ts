import { z } from 'zod';
import type { ChangeDraft, KnownAccount, PlanSnapshot } from '../../connector-kit/changes.ts';
import { writeAction } from '../../connector-kit/define-change.ts';
import { newAccountSubject } from '../../model/changes.ts';
import { invalidInput, UsherError } from '../../model/errors.ts';
import { fold } from '../../model/ids.ts';
import type { Settings } from './config.ts';
import * as fields from './inputs.ts';
import { ASSET_GROUP, GLOBAL_ADMIN, isLocalType, SITE } from './mapping.ts';
import { following, type KnownSource, placesOf, roleBody, roleOf, sourcesOf } from './plan-accounts.ts';
import type { SourceBody } from './user-body.ts';

const input = z.strictObject({
  login: fields.login.meta({ description: 'The user name to sign in with; the console has each once' }),
  name: fields.name.meta({ description: 'The full name' }),
  email: fields.email.meta({
    description: 'The e-mail address; for SAML exactly as the identity provider sends it, letter case included',
  }),
  role: fields.role.default('user'),
  all_sites: z.boolean().default(false).meta({ description: 'Let the user see every site' }),
  sites: fields.sites.default([]).meta({ description: 'Ids of the sites to see, where not all' }),
  all_asset_groups: z.boolean().default(false).meta({ description: 'Let the user see every asset group' }),
  asset_groups: fields.assetGroups.default([]).meta({ description: 'Ids of the asset groups to see, where not all' }),
  authentication_source: z.coerce.number().int().positive().optional().meta({
    description:
      "Id of the source that checks the sign-in: insightvm_list_authentication_sources; default: the console's own",
  }),
  password: fields.password.optional().meta({ description: 'A first password, where the console checks it' }),
  generate_password: z.boolean().default(false).meta({
    description: 'Make a strong first password, handed to you once when the user is there',
  }),
  password_reset_on_login: z
    .boolean()
    .default(true)
    .meta({ description: 'Have the first password changed at the first sign-in' }),
  enabled: z.boolean().default(true).meta({ description: 'false: make the user, without sign-in for now' }),
  language: fields.language.optional().meta({ description: 'Language of the pages, such as en-US' }),
  report_language: fields.language.optional().meta({ description: 'Language of reports' }),
});
type NewUser = z.output<typeof input>;

/**
 * A user with what it may see: the user first, with explicit flags; then each site and asset group, each only where the
 * one before it came off. `newPassword` makes a password where one is asked for.
 */
export function createUserAction(newPassword: () => string = fields.strongPassword) {
  return writeAction<typeof input, Settings>({
    id: 'insightvm_create_user',
    title: 'Create a user',
    description:
      'Creates a user and lets it see exactly these sites and asset groups. What is half made when something fails is in the run, and undoing deletes the user.',
    effect: 'write',
    input,
    secretInputs: ['password'],
    async plan(asked, snapshot) {
      const source = await sourceOf(snapshot, asked);
      refuseMixedUp(asked, source);
      const taken = await snapshot.accountsAt([asked.email]);
      if (taken.has(fold(asked.email))) throw alreadyThere(asked.email);
      const role = roleBody(
        await roleOf(snapshot, asked.role),
        { allSites: asked.all_sites, allAssetGroups: asked.all_asset_groups },
        true,
      );
      const sites = await placesOf(snapshot, SITE, asked.sites, 'sites');
      const groups = await placesOf(snapshot, ASSET_GROUP, asked.asset_groups, 'asset_groups');
      const subject = newAccountSubject(asked.email, asked.name);
      const known: KnownAccount = { subject, state: { account: null, grants: [] } };
      const grants = [
        ...sites.map((site) => following('grant_site', known, { ...site })),
        ...groups.map((group) => following('grant_asset_group', known, { ...group })),
      ].map((each) => ({ ...each, before: null }));
      return [firstOf(asked, { subject, role, source: source.body }, newPassword), ...grants];
    },
  });
}

function firstOf(
  asked: NewUser,
  made: {
    readonly subject: ChangeDraft['subject'];
    readonly role: ReturnType<typeof roleBody>;
    readonly source: SourceBody | undefined;
  },
  newPassword: () => string,
): ChangeDraft {
  const generated = asked.generate_password ? newPassword() : undefined;
  const password = asked.password ?? generated;
  const locale = {
    ...(asked.language === undefined ? {} : { default: asked.language }),
    ...(asked.report_language === undefined ? {} : { reports: asked.report_language }),
  };
  return {
    change: 'create_user',
    subject: made.subject,
    params: {
      login: asked.login,
      name: asked.name,
      enabled: asked.enabled,
      ...(Object.keys(locale).length === 0 ? {} : { locale }),
      role: { ...made.role },
      ...(made.source === undefined ? {} : { authentication: { ...made.source } }),
      hasPassword: password !== undefined,
      passwordResetOnLogin: asked.password_reset_on_login,
    },
    ...(password === undefined ? {} : { secrets: { password } }),
    ...(generated === undefined
      ? {}
      : { handoff: { label: `Password of ${asked.login} (${asked.email})`, secret: generated } }),
    before: null,
  };
}

/** The source to name; local ones go with the role, and are named so that a role of another kind is refused. */
async function sourceOf(
  snapshot: PlanSnapshot,
  { authentication_source: id, role }: NewUser,
): Promise<{ readonly body: SourceBody | undefined; readonly isLocal: boolean }> {
  const sources = await sourcesOf(snapshot);
  const local = role === GLOBAL_ADMIN ? 'admin' : 'normal';
  const found: KnownSource | undefined =
    id === undefined ? sources.find(({ type }) => type === local) : sources.find((source) => source.id === id);
  if (id === undefined) {
    return { body: { type: local, ...(found === undefined ? {} : { id: found.id }) }, isLocal: true };
  }
  if (found === undefined) {
    throw new UsherError('notFound', `The console has no authentication source ${id}.`, {
      field: 'authentication_source',
      next: 'See which there are: insightvm_list_authentication_sources.',
    });
  }
  if (isLocalType(found.type) && found.type !== local) {
    throw invalidInput(
      'authentication_source',
      `The role ${role} does not go with the source ${found.name}, which is of type ${found.type}.`,
      `Leave the source out, or take one of type ${local}.`,
    );
  }
  return { body: { type: found.type, id: found.id }, isLocal: isLocalType(found.type) };
}

function refuseMixedUp(asked: NewUser, { isLocal }: { readonly isLocal: boolean }): void {
  if (asked.password !== undefined && asked.generate_password) {
    throw invalidInput('generate_password', 'Give a password, or have one made; not both.');
  }
  const hasPassword = asked.password !== undefined || asked.generate_password;
  if (isLocal && !hasPassword) {
    throw invalidInput(
      'password',
      'The console checks the password of this user, so it needs one.',
      'Give password, or generate_password: true; or name an external authentication_source.',
    );
  }
  if (!isLocal && hasPassword) {
    const field = asked.generate_password ? 'generate_password' : 'password';
    throw invalidInput(
      field,
      'This user signs in elsewhere: a password means nothing to the console.',
      'Leave it out.',
    );
  }
  if (asked.all_sites && asked.sites.length > 0) {
    throw invalidInput(
      'sites',
      'A user for all sites takes no single ones: the console ignores them.',
      'Give the one or the other.',
    );
  }
  if (asked.all_asset_groups && asked.asset_groups.length > 0) {
    throw invalidInput(
      'asset_groups',
      'A user for all asset groups takes no single ones.',
      'Give the one or the other.',
    );
  }
}

function alreadyThere(email: string): UsherError {
  return new UsherError('alreadyExists', `${email} is the address of a user already.`, {
    field: 'email',
    next: 'Change that user: insightvm_update_user, insightvm_set_role, insightvm_set_site_access.',
  });
}
