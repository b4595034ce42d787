import { z } from 'zod';
import type { ConnectorContext, SettingsOf } from '../../connector-kit/connector.ts';

/** What a person tells about an Insight Platform organization; no secret among it. */
export const settingsSchema = z.strictObject({
  region: z
    .string()
    .trim()
    .toLowerCase()
    .regex(
      /^[a-z0-9-]{2,16}$/,
      'Give the code of the region alone (us, eu …). For the address of an InsightVM console use the connector insightvm.',
    )
    .meta({
      title: 'Region',
      description:
        'The first part of the address in the browser: us, us2, us3 (United States), eu (Europe), ca (Canada), au (Australia), ap (Japan), aps2 or ap-south-2 (India), me1 or me-central-1 (Middle East)',
    }),
  keyKind: z.enum(['auto', 'user', 'organization']).default('auto').meta({
    title: 'Kind of key',
    description:
      'user: has the rights of its owner and dies with them. organization: made by a Platform Admin for the whole organization. auto: not known; the API does not tell',
  }),
  keyOwner: z
    .string()
    .trim()
    .regex(/^[^\s@]+@[^\s@]+$/, 'Give one mail address.')
    .optional()
    .meta({
      title: 'Owner of a user key',
      description:
        'The address of whom the user key belongs to: Usher then refuses to delete them, and the key with them',
    }),
  organizationId: z.guid('Give the id of the organization, a UUID.').optional().meta({
    title: 'Organization id',
    description: 'Only for keys that serve several organizations (managed service providers): sent with each request',
  }),
  userList: z.enum(['account', 'vm_v4']).default('account').meta({
    title: 'List of users',
    description:
      "account: the platform's own Account API. vm_v4: GET /vm/v4/users, known from one guide only: numbers, logins and addresses, and nothing can be changed",
  }),
  updateVerb: z.enum(['auto', 'PATCH', 'PUT']).default('auto').meta({
    title: 'Verb of updates',
    description:
      'How names are changed is not published. auto: PATCH with the names alone, and PUT where that is refused',
  }),
  auditLog: z.string().trim().min(1).optional().meta({
    title: 'Audit log',
    description: 'The name of the log in Log Search that holds audit events; default: all with "audit" in their name',
  }),
  requestsPerMinute: z.coerce.number().int().min(1, 'Give 1 or more.').max(10_000_000).default(50).meta({
    title: 'Requests a minute',
    description: 'What the Account API allows: 50 as recorded. Fewer where others use the same key',
  }),
  baseUrl: z
    .url({ protocol: /^https?$/, message: 'Give an http or https address.' })
    .transform((url) => url.replace(/\/+$/, ''))
    .refine((url) => !isConsole(url), {
      message:
        'This is the address of an InsightVM Security Console. For it use the connector insightvm; the Insight Platform, the cloud, needs no address but its region.',
    })
    .refine((url) => url.startsWith('https:') || isLoopback(new URL(url).hostname), {
      message: 'The platform speaks https only; http would send the key in clear text.',
    })
    .optional()
    .meta({ title: 'Address', description: 'Only for tests: instead of https://{region}.api.insight.rapid7.com' }),
});

export const secretsSchema = z.strictObject({
  apiKey: z.string().trim().min(1, 'Give the key.').meta({
    title: 'API key',
    description:
      'Settings > API Keys: a user key of a Platform Admin made for Usher alone, or an organization key. No smaller right reads users. It is shown only once',
  }),
});

export type InsightSettings = z.output<typeof settingsSchema>;
export type Settings = SettingsOf<typeof settingsSchema, typeof secretsSchema>;
export type InsightContext = ConnectorContext<Settings>;

/** A console listens on 3780 and has its API below /api/3. */
function isConsole(url: string): boolean {
  return new URL(url).port === '3780' || url.endsWith('/api/3');
}

function isLoopback(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

/** Where all requests go. */
export function baseUrlOf(settings: InsightSettings): string {
  return settings.baseUrl ?? `https://${settings.region}.api.insight.rapid7.com`;
}
