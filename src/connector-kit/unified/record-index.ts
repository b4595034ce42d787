import { fold } from '../../model/ids.ts';
import type {
  AccountRecord,
  AnyRecord,
  GrantRecord,
  GroupRecord,
  ResourceRecord,
  RoleRecord,
} from '../../model/records.ts';
import type { Access, Holder, UnifiedShape, UserParts } from './shape.ts';

/** How a grant names a holder of which only the address is known. */
const EMAIL_HOLDER = 'email:';

/**
 * Records of one connection, related: what the unified objects are made from, whether they were read live or from the
 * store. References to records that are not at hand are answered with the key alone, never left out.
 */
export class RecordIndex {
  readonly accounts: readonly AccountRecord[];
  readonly groups: readonly GroupRecord[];
  readonly resources: readonly ResourceRecord[];
  readonly #shape: UnifiedShape;
  readonly #accountByKey: ReadonlyMap<string, AccountRecord>;
  readonly #accountByEmail: ReadonlyMap<string, AccountRecord>;
  readonly #groupByKey: ReadonlyMap<string, GroupRecord>;
  readonly #roleByKey: ReadonlyMap<string, RoleRecord>;
  readonly #resourceByKey: ReadonlyMap<string, ResourceRecord>;
  readonly #grantsByHolder: ReadonlyMap<string, readonly GrantRecord[]>;
  readonly #grantsByTarget: ReadonlyMap<string, readonly GrantRecord[]>;

  constructor(shape: UnifiedShape, records: Iterable<AnyRecord>) {
    const all = [...records];
    const roles = [...(shape.roles === 'collected' ? [] : shape.roles), ...all.filter(isKind('role'))];
    const grants = [...new Map(all.filter(isKind('grant')).map((grant) => [grant.key, grant])).values()];
    this.#shape = shape;
    this.#accountByKey = byKey(all.filter(isKind('account')));
    this.#groupByKey = byKey(all.filter(isKind('group')));
    this.#resourceByKey = byKey(all.filter(isKind('resource')));
    this.#roleByKey = byKey(roles);
    this.accounts = [...this.#accountByKey.values()];
    this.groups = [...this.#groupByKey.values()];
    this.resources = [...this.#resourceByKey.values()];
    this.#accountByEmail = new Map(
      this.accounts.flatMap((account) => (account.email === null ? [] : [[fold(account.email), account] as const])),
    );
    const holderOf = (grant: GrantRecord) => this.#holderKey(grant);
    this.#grantsByHolder = Map.groupBy(grants, holderOf);
    this.#grantsByTarget = Map.groupBy(grants, (grant) => `${grant.targetKind} ${grant.targetKey}`);
  }

  /** The records an IamUser of this account is made from. */
  userParts(account: AccountRecord): UserParts {
    const grants = this.#grantsByHolder.get(`account ${account.key}`) ?? [];
    const groupKeys = new Set(grants.filter((grant) => grant.targetKind === 'group').map((grant) => grant.targetKey));
    return {
      account,
      roles: account.roles.map((key) => this.role(key)),
      groups: [...groupKeys].sort().map((key) => this.group(key)),
      access: this.#accessOf(grants),
    };
  }

  /** Who is a member of a group, in key order. */
  members(groupKey: string): readonly Holder[] {
    const grants = this.#grantsByTarget.get(`group ${groupKey}`) ?? [];
    return this.#holders(grants).map(({ holder }) => holder);
  }

  /** Who holds access to a resource, with all grants of each: in holder order. */
  holdersOf(resourceKey: string): readonly { readonly holder: Holder; readonly grants: readonly GrantRecord[] }[] {
    return this.#holders(this.grantsOn(resourceKey));
  }

  /** All grants on a resource. */
  grantsOn(resourceKey: string): readonly GrantRecord[] {
    return this.#grantsByTarget.get(`resource ${resourceKey}`) ?? [];
  }

  /** A role by key; one with only its key where the app or the connector tells no more. */
  role(key: string): RoleRecord {
    return (
      this.#roleByKey.get(key) ?? { kind: 'role', key, name: key, description: null, type: 'unmapped_value', extra: {} }
    );
  }

  /** A group by key; one with only its key where it is not at hand. */
  group(key: string): GroupRecord {
    return this.#groupByKey.get(key) ?? { kind: 'group', key, name: key, description: null, extra: {} };
  }

  /** Whom a grant's holder key means. */
  holder(kind: GrantRecord['holderKind'], key: string): Holder {
    if (kind === 'group') return { kind, key, group: this.#groupByKey.get(key) ?? null };
    const account = key.startsWith(EMAIL_HOLDER)
      ? this.#accountByEmail.get(key.slice(EMAIL_HOLDER.length))
      : this.#accountByKey.get(key);
    if (account !== undefined) return { kind: 'account', account };
    // A live read of resources alone brings no accounts: then nothing is known against the address.
    return { kind: this.accounts.length === 0 ? 'address' : 'unmatched', key };
  }

  get shape(): UnifiedShape {
    return this.#shape;
  }

  #holders(grants: readonly GrantRecord[]) {
    const byHolder = Map.groupBy(grants, (grant) => this.#holderKey(grant));
    return [...byHolder.keys()].sort().flatMap((key) => {
      const held = byHolder.get(key) ?? [];
      const first = held[0];
      return first ? [{ key, holder: this.holder(first.holderKind, first.holderKey), grants: held }] : [];
    });
  }

  #holderKey(grant: GrantRecord): string {
    const holder = this.holder(grant.holderKind, grant.holderKey);
    return holder.kind === 'account' ? `account ${holder.account.key}` : `${grant.holderKind} ${grant.holderKey}`;
  }

  #accessOf(grants: readonly GrantRecord[]): readonly Access[] {
    return grants
      .filter((grant) => grant.targetKind === 'resource')
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map((grant) => ({ grant, resource: this.#resourceByKey.get(grant.targetKey) ?? null }));
  }
}

function isKind<K extends AnyRecord['kind']>(kind: K) {
  return (record: AnyRecord): record is Extract<AnyRecord, { kind: K }> => record.kind === kind;
}

function byKey<Item extends { readonly key: string }>(items: readonly Item[]): ReadonlyMap<string, Item> {
  return new Map(items.map((item) => [item.key, item]));
}
