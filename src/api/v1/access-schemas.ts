import { z } from 'zod';
import { ROLES, principalKindSchema, roleSchema } from '../../model/access.ts';
import { connectionIdSchema } from '../../model/ids.ts';
import { time } from './common-schemas.ts';

/** Principals and tokens. */

export const principalSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    kind: principalKindSchema,
    role: roleSchema,
    disabled_at: time.nullable(),
    created_at: time,
  })
  .meta({
    id: 'Principal',
    examples: [
      {
        id: 'p_2kq9',
        name: 'Reporting',
        email: null,
        kind: 'service',
        role: 'viewer',
        disabled_at: null,
        created_at: '2026-02-27T08:00:00.000Z',
      },
    ],
  });

const name = z.string().trim().min(1).max(200);
export const principalBody = z.strictObject({
  name,
  email: z.email().max(320).optional(),
  kind: principalKindSchema,
  role: roleSchema.meta({ description: `One of ${ROLES.join(', ')}; agent only and always for kind agent.` }),
});
export const principalChangeBody = z.strictObject({
  name: name.optional(),
  role: roleSchema.optional(),
  disabled: z.boolean().optional(),
});

export const tokenSchema = z
  .object({
    id: z.string(),
    principal_id: z.string(),
    name: z.string(),
    hint: z.string().meta({ description: 'Its first characters; the token itself is not kept.' }),
    role: roleSchema,
    connections: z.array(z.string()).nullable().meta({ description: 'null: all connections.' }),
    created_at: time,
    expires_at: time.nullable(),
    last_used_at: time.nullable(),
    revoked_at: time.nullable(),
  })
  .meta({
    id: 'Token',
    examples: [
      {
        id: 't_7fd2',
        principal_id: 'p_2kq9',
        name: 'nightly report',
        hint: 'ush_3f9a',
        role: 'viewer',
        connections: ['lastpass'],
        created_at: '2026-02-27T08:00:00.000Z',
        expires_at: '2026-05-28T08:00:00.000Z',
        last_used_at: null,
        revoked_at: null,
      },
    ],
  });

export const tokenBody = z.strictObject({
  principal_id: z.string().min(1).max(200).optional().meta({ description: 'Default: your own.' }),
  name,
  role: roleSchema.optional().meta({ description: "Default: the principal's, capped by your own." }),
  connections: z
    .array(connectionIdSchema)
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Default: all you may see.' }),
  expires_in_days: z.int().min(1).max(3650).optional(),
});

export const meSchema = z
  .object({
    principal: z.object({ id: z.string(), name: z.string(), kind: principalKindSchema, role: roleSchema }),
    permissions: z.array(z.string()),
    connections: z.array(z.string()).nullable(),
  })
  .meta({
    id: 'Me',
    examples: [
      {
        principal: { id: 'p_2kq9', name: 'Reporting', kind: 'service', role: 'viewer' },
        permissions: ['snapshot:read'],
        connections: ['lastpass'],
      },
    ],
  });
