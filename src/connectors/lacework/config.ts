import { z } from 'zod';
import type { ConnectorContext, SettingsOf } from '../../connector-kit/connector.ts';

/** What the vendor allows an hour for each functionality; a bucket of so many, refilled evenly (API reference, "Rate limiting"). */
const VENDOR_PER_HOUR = 480;

/** What a person tells about a Lacework account or organization; no secret among it. */
export const settingsSchema = z
  .strictObject({
    account: z
      .string()
      .transform(accountOf)
      .pipe(
        z
          .string()
          .regex(
            /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9-]{1,63}){0,2}$/,
            'Give the first part of the address of the console: acme for acme.lacework.net.',
          ),
      )
      .meta({
        title: 'Account',
        description:
          'The first part of the address of the console: acme for acme.lacework.net, acme.fra for acme.fra.lacework.net. For an organization: its primary account',
      }),
    organization: z.enum(['yes', 'no']).default('no').meta({
      title: 'Organization',
      description:
        'yes: all sub-accounts of the organization, by the key of an organization administrator made in the primary account. no: one account',
    }),
    subAccount: z
      .string()
      .trim()
      .toLowerCase()
      .regex(/^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/, 'Give the name of the sub-account as the console shows it.')
      .optional()
      .meta({ title: 'Sub-account', description: 'Only without organization: the one sub-account to read' }),
    keyId: z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9._-]{3,200}$/, 'Give the keyId of the downloaded file.')
      .meta({
        title: 'API key ID',
        description: 'Settings > API keys > Add new, then Download: keyId in the downloaded file',
      }),
    baseUrl: z
      .url({ protocol: /^https?$/, message: 'Give an http or https address.' })
      .refine((url) => url.startsWith('https:') || isLoopback(new URL(url).hostname), {
        message: 'Lacework speaks https only; http would send the secret in clear text.',
      })
      .transform((url) => url.replace(/\/+$/, '').replace(/\/api\/v2$/, ''))
      .optional()
      .meta({ title: 'Address', description: 'Only where the API is not at https://<account>.lacework.net' }),
    requestsPerHour: z.coerce.number().min(1, 'Give 1 or more.').max(1_000_000).default(VENDOR_PER_HOUR).meta({
      title: 'Requests an hour',
      description:
        'For each functionality of the API. Lacework allows 480 a user; give less where others use the same key',
    }),
  })
  .refine((settings) => settings.organization === 'no' || settings.subAccount === undefined, {
    path: ['subAccount'],
    message: 'A sub-account goes with organization no: with yes, all of them are read.',
  });

export const secretsSchema = z.strictObject({
  secret: z
    .string()
    .trim()
    .min(1, 'Give the secret.')
    .meta({ title: 'API key secret', description: 'secret in the downloaded file' }),
});

export type LaceworkSettings = z.output<typeof settingsSchema>;
export type Settings = SettingsOf<typeof settingsSchema, typeof secretsSchema>;
export type LaceworkContext = ConnectorContext<Settings>;

function isLoopback(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

/** Where all requests of this account go. */
export function baseUrlOf(settings: LaceworkSettings): string {
  return settings.baseUrl ?? `https://${settings.account}.lacework.net`;
}

/** Whether the connection is for all sub-accounts of the organization. */
export function isOrganization(settings: Pick<LaceworkSettings, 'organization'>): boolean {
  return settings.organization === 'yes';
}

/** The account the key belongs to, by its own name: the cluster of a regional address apart. */
export function homeAccount(settings: Pick<LaceworkSettings, 'account'>): string {
  return settings.account.split('.')[0] ?? settings.account;
}

/** Takes the address of the console as well. */
function accountOf(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/[/?#].*$/, '')
    .replace(/\.lacework\.net$/, '');
}
