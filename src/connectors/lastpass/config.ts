import { z } from 'zod';
import type { ConnectorContext, SettingsOf } from '../../connector-kit/connector.ts';
import { isTimeZone } from '../../connector-kit/time.ts';

const REGIONS = { us: 'https://lastpass.com', eu: 'https://lastpass.eu' } as const;
const ENDPOINT = '/enterpriseapi.php';

/** What a person tells about a LastPass Business company; no secret among it. */
export const settingsSchema = z
  .strictObject({
    companyId: z
      .string()
      .trim()
      .regex(/^\d{1,15}$/, 'Give the digits of the account number alone.')
      .meta({
        title: 'Company ID',
        description: 'Admin console > Dashboard > account number',
      }),
    region: z.enum(['us', 'eu', 'custom']).default('us').meta({
      title: 'Region',
      description: 'us for lastpass.com, eu for lastpass.eu, custom for an address of your own',
    }),
    baseUrl: z
      .url({ protocol: /^https?$/, message: 'Give an http or https address.' })
      .transform((url) => url.replace(/\/+$/, '').replace(/\/enterpriseapi\.php$/, ''))
      .optional()
      .meta({ title: 'Address', description: 'Only for region custom: for example https://lastpass.example' }),
    timeZone: z
      .string()
      .refine(isTimeZone, 'Give an IANA time zone such as America/New_York.')
      .default('America/New_York')
      .meta({
        title: 'Time zone of the account',
        description: "LastPass reports times without a zone: US Eastern, or the oldest administrator's",
      }),
    requestsPerSecond: z.coerce
      .number()
      .min(0.01, 'Give 0.01 or more: one request in a hundred seconds.')
      .max(1_000_000)
      .default(2)
      .meta({ title: 'Requests a second', description: 'LastPass publishes no limit; 2 is what others keep to' }),
  })
  .refine((settings) => settings.region !== 'custom' || settings.baseUrl !== undefined, {
    path: ['baseUrl'],
    message: 'Region custom needs an address.',
  })
  .refine((settings) => settings.region === 'custom' || settings.baseUrl === undefined, {
    path: ['baseUrl'],
    message: 'An address of your own goes with region custom.',
  });

export const secretsSchema = z.strictObject({
  provisioningHash: z
    .string()
    .trim()
    .min(1, 'Give the hash.')
    .meta({ title: 'Provisioning hash', description: 'Admin console > Advanced > Enterprise API' }),
});

export type LastPassSettings = z.output<typeof settingsSchema>;
export type LastPassContext = ConnectorContext<SettingsOf<typeof settingsSchema, typeof secretsSchema>>;

/** Where all requests of this company go. The path on lastpass.eu is the same as on lastpass.com. */
export function baseUrlOf(settings: LastPassSettings): string {
  return settings.region === 'custom' ? (settings.baseUrl ?? REGIONS.us) : REGIONS[settings.region];
}

export { ENDPOINT };
