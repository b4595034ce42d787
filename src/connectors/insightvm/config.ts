import { z } from 'zod';
import type { ConnectorContext, SettingsOf } from '../../connector-kit/connector.ts';
import type { HttpAuth } from '../../connector-kit/http/auth.ts';
import { basicAuth } from '../../connector-kit/http/auth.ts';
import type { TlsSettings } from '../../connector-kit/http/transport.ts';

/** Where the API is below the console's address. */
export const API = '/api/3';

/** What a person tells about an InsightVM (Nexpose) Security Console; no secret among it. */
export const settingsSchema = z
  .strictObject({
    baseUrl: z
      .url({ protocol: /^https?$/, message: 'Give the https address of the console with its port.' })
      .transform((url) => url.replace(/\/+$/, '').replace(/\/api\/3$/, ''))
      .refine((url) => !isCloudHost(new URL(url).hostname), {
        message:
          'This is the address of the Insight Platform, the cloud. For it use the connector insight-platform; here goes the address of your own Security Console.',
      })
      .refine((url) => url.startsWith('https:') || isLoopback(new URL(url).hostname), {
        message: 'The console speaks https only; http would send the password in clear text.',
      })
      .meta({
        title: 'Address',
        description: 'The Security Console with its port, for example https://console.example.com:3780',
      }),
    user: z.string().trim().min(1, 'Give the user name.').max(255).meta({
      title: 'User name',
      description:
        'A login of the console made for Usher. Only a Global Administrator sees and changes users: Administration > Users > Add, role Global Administrator',
    }),
    trustedCa: z
      .string()
      .trim()
      .regex(/-----BEGIN CERTIFICATE-----/, 'Give the certificate as PEM, with its BEGIN and END lines.')
      .optional()
      .meta({
        title: 'Certificate authority',
        description: "PEM of the authority that signed the console's certificate, where that is a private one",
      }),
    certificateFingerprint: z
      .string()
      .trim()
      .regex(/^(?:sha256:)?(?:[0-9a-f]{2}:?){31}[0-9a-f]{2}$/i, 'Give the SHA-256 fingerprint: 64 hexadecimal digits.')
      .optional()
      .meta({
        title: 'Certificate fingerprint',
        description:
          "SHA-256 fingerprint of the console's own certificate, where it signed that itself, as consoles do out of the box: only that certificate is then trusted",
      }),
    secondFactors: z.enum(['skip', 'ask']).default('skip').meta({
      title: 'Second factors',
      description:
        'ask: find out of each user whether two-factor authentication is configured, which takes one more request a user. skip: leave it unknown',
    }),
    requestsPerSecond: z.coerce
      .number()
      .min(0.01, 'Give 0.01 or more: one request in a hundred seconds.')
      .max(1_000_000)
      .default(20)
      .meta({ title: 'Requests a second', description: 'Rapid7 publishes no limit for the console' }),
  })
  .refine(({ trustedCa, certificateFingerprint }) => trustedCa === undefined || certificateFingerprint === undefined, {
    path: ['certificateFingerprint'],
    message: 'Give a certificate authority or a fingerprint, not both.',
  });

export const secretsSchema = z.strictObject({
  password: z
    .string()
    .min(1, 'Give the password.')
    .meta({ title: 'Password', description: 'The password of that login' }),
  twoFactorToken: z
    .string()
    .trim()
    .regex(/^\d{6,8}$/, 'Give the digits of the code.')
    .optional()
    .meta({
      title: 'Two-factor code',
      description:
        'Only where that login has two-factor authentication. A code works for seconds, so it serves a try at most: for Usher use a login without it, restricted to its address',
    }),
});

export type InsightVmSettings = z.output<typeof settingsSchema>;
export type Settings = SettingsOf<typeof settingsSchema, typeof secretsSchema>;
export type InsightVmContext = ConnectorContext<Settings>;

/** How the console's certificate is trusted: by a private authority, by its fingerprint, else by the public ones. */
export function tlsOf({ trustedCa, certificateFingerprint }: InsightVmSettings): TlsSettings {
  return {
    ...(trustedCa === undefined ? {} : { ca: trustedCa }),
    ...(certificateFingerprint === undefined ? {} : { pinnedSha256: certificateFingerprint.replace(/^sha256:/i, '') }),
  };
}

/** HTTP Basic with every request, and the header `Token` where the login has a second factor (console API, overview). */
export function authOf({ user, password, twoFactorToken }: Settings): HttpAuth {
  return basicAuth(user, password, twoFactorToken === undefined ? {} : { token: twoFactorToken });
}

/** Whether a host is of the cloud, which speaks another API with other credentials. */
function isCloudHost(hostname: string): boolean {
  return /(?:^|\.)insight\.rapid7\.com$/i.test(hostname);
}

function isLoopback(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
