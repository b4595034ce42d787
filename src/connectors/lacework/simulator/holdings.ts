import { EUROPE, type KeyRole, keyStories, LAB, PRIMARY } from './cast.ts';
import { guidOf, hexOf, prefixOf } from './guids.ts';
import type { Account, AgentToken, ApiKey, Member, ResourceGroup } from './model.ts';

/** What holdings are made for. */
export interface HoldingWorld {
  readonly accounts: readonly Account[];
  readonly seedHash: number;
  /** The moment all dates are relative to, in epoch milliseconds. */
  readonly anchorMs: number;
}

const DAY_MS = 86_400_000;

/** The API keys of the first day, and which is whose. */
export function keysOf(
  world: HoldingWorld,
  services: readonly Member[],
): { readonly keys: readonly ApiKey[]; readonly keyRoles: ReadonlyMap<KeyRole, string> } {
  const dayAgo = (days: number) => new Date(world.anchorMs - days * DAY_MS).toISOString().slice(0, 10);
  const keyRoles = new Map<KeyRole, string>();
  const keys = keyStories(dayAgo).flatMap((story, index) => {
    if (!world.accounts.some(({ name }) => name === story.account)) return [];
    const service = services.find(({ displayName }) => displayName === story.owner);
    const key = {
      keyId: keyIdOf(story.account, world.seedHash, index),
      secret: secretOf(world.seedHash, index),
      account: story.account,
      owner: service ? { guid: service.guid } : { email: story.owner },
      isEnabled: story.isDisabled !== true,
      description: story.description,
      created: wholeSecond(world.anchorMs - story.createdDaysAgo * DAY_MS),
    };
    if (story.role) keyRoles.set(story.role, key.keyId);
    return [key];
  });
  return { keys, keyRoles };
}

/** The id of a key: told from a real one by nothing but its account. */
export function keyIdOf(account: string, seedHash: number, index: number): string {
  return `${prefixOf(account)}_${hexOf(seedHash, 'key', index, 47)}`;
}

/** A key's secret, as real ones begin with an underscore; told from a real one by the word it starts with. */
export function secretOf(seedHash: number, index: number): string {
  return `_facade${hexOf(seedHash, 'secret', index, 26).toLowerCase()}`;
}

/** The resource groups of the first day. */
export function resourceGroupsOf(world: HoldingWorld): readonly ResourceGroup[] {
  const stories = [
    { account: PRIMARY, name: 'All AWS accounts', type: 'AWS', isDefault: true, field: 'Account', value: '*' },
    {
      account: PRIMARY,
      name: 'Production AWS',
      type: 'AWS',
      isDefault: false,
      field: 'Account',
      value: '123456789012',
    },
    { account: PRIMARY, name: 'Shops cluster', type: 'KUBERNETES', isDefault: false, field: 'Cluster', value: 'shops' },
    {
      account: EUROPE,
      name: 'EU subscriptions',
      type: 'AZURE',
      isDefault: false,
      field: 'Subscription',
      value: 'eu-*',
    },
    { account: LAB, name: 'Lab machines', type: 'MACHINE', isDefault: false, field: 'Machine Tag', value: 'lab' },
  ];
  return stories.flatMap((story, index) =>
    world.accounts.some(({ name }) => name === story.account)
      ? [
          {
            guid: guidOf(story.account, world.seedHash, 'resourceGroup', index),
            account: story.account,
            name: story.name,
            description: `${story.name} of Northwind`,
            type: story.type,
            isEnabled: true,
            isDefault: story.isDefault,
            createdBy: 'ada.okonkwo@northwind.example',
            created: wholeSecond(world.anchorMs - (300 + index) * DAY_MS),
            updatedBy: 'ada.okonkwo@northwind.example',
            updated: wholeSecond(world.anchorMs - (30 + index) * DAY_MS),
            query: {
              filters: { filter0: { field: story.field, operation: 'EQUALS', values: [story.value] } },
              expression: { operator: 'AND', children: [{ filterName: 'filter0' }] },
            },
          },
        ]
      : [],
  );
}

/** The tokens of agents on the first day. */
export function agentTokensOf(world: HoldingWorld): readonly AgentToken[] {
  const aliases = ['web servers', 'build machines'];
  return aliases.map((alias, index) => ({
    accessToken: hexOf(world.seedHash, 'agentToken', index, 48).toLowerCase(),
    account: PRIMARY,
    alias,
    description: `Agents of the ${alias}`,
    os: 'Linux',
    isEnabled: index === 0,
    created: wholeSecond(world.anchorMs - (800 - index) * DAY_MS),
  }));
}

function wholeSecond(epochMs: number): number {
  return Math.floor(epochMs / 1_000) * 1_000;
}
