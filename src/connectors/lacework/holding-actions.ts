import { z } from 'zod';
import type { ReadAction } from '../../connector-kit/connector.ts';
import { readAction } from '../../connector-kit/define.ts';
import type { LaceworkContext, Settings } from './config.ts';
import { sideBySide, SIDE_BY_SIDE } from './directory.ts';
import { descriptionOf, listApiKeys, toApiKey, toResourceGroup } from './holdings.ts';
import { accountsAskedFor } from './live.ts';
import { byCode, textIn } from './mapping.ts';
import { clientFor } from './tenant.ts';

const input = z.strictObject({
  sub_account: z.string().min(1).optional().meta({ description: 'Only of this sub-account; default: of all' }),
});

const listResourceGroups = readAction({
  id: 'lacework_list_resource_groups',
  title: 'List resource groups',
  description: 'Lists the resource groups of every sub-account. Which user group sees which, the console alone tells.',
  input,
  output: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      sub_account: z.string(),
      guid: z.string(),
      covers: z.string().nullable().meta({ description: 'aws, azure, gcp, container …' }),
      enabled: z.boolean().nullable(),
      is_default: z.boolean().nullable(),
      description: z.string().nullable(),
    }),
  ),
  async run(context: LaceworkContext, { sub_account: name }) {
    const accounts = await accountsAskedFor(context, name);
    const data: {
      id: string; name: string; sub_account: string; guid: string; covers: string | null; enabled: boolean | null;
      is_default: boolean | null; description: string | null;
    }[] = []; // prettier-ignore
    await sideBySide(accounts, SIDE_BY_SIDE, async (account) => {
      const rows = await clientFor(context, account).list({ method: 'GET', path: 'ResourceGroups' });
      for (const row of rows) {
        const { key, name: groupName, extra } = toResourceGroup(account.name, row);
        data.push({
          id: key,
          name: groupName,
          sub_account: account.name,
          guid: textIn(extra, 'guid') ?? '',
          covers: textIn(extra, 'covers'),
          enabled: flagOrNull(extra['enabled']),
          is_default: flagOrNull(extra['is_default']),
          description: textIn(extra, 'description'),
        });
      }
    });
    return { data: data.sort((a, b) => byCode(a.id, b.id)) };
  },
});

const listApiKeysAction = readAction({
  id: 'lacework_list_api_keys',
  title: 'List API keys',
  description:
    'Lists the API keys of every sub-account, never a secret. Where the tenant has no such list, that is said: keys are then managed in the console.',
  input,
  output: z.array(
    z.object({
      key_id: z.string(),
      sub_account: z.string(),
      enabled: z.boolean(),
      description: z.string().nullable(),
      in_use_by_usher: z.boolean().meta({ description: 'Whether it is the key of this connection' }),
    }),
  ),
  async run(context: LaceworkContext, { sub_account: name }) {
    const accounts = await accountsAskedFor(context, name);
    const data: {
      key_id: string; sub_account: string; enabled: boolean; description: string | null; in_use_by_usher: boolean;
    }[] = []; // prettier-ignore
    await sideBySide(accounts, SIDE_BY_SIDE, async (account) => {
      for (const row of await listApiKeys(clientFor(context, account))) {
        const { isEnabled, extra } = toApiKey(account.name, row);
        const keyId = textIn(extra, 'key_id') ?? '';
        data.push({
          key_id: keyId,
          sub_account: account.name,
          enabled: isEnabled === true,
          description: descriptionOf(row),
          in_use_by_usher: keyId === context.settings.keyId,
        });
      }
    });
    return { data: data.sort((a, b) => byCode(a.sub_account, b.sub_account) || byCode(a.key_id, b.key_id)) };
  },
});

/** The actions that read what a sub-account has beside its users. */
export const holdingActions: readonly ReadAction<Settings, z.ZodObject, z.ZodType>[] = [
  listApiKeysAction,
  listResourceGroups,
];

function flagOrNull(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null;
}
