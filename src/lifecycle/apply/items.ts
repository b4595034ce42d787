import { z } from 'zod';
import type {
  Adoption, ChangeItem, ChangeParams, EarlierChange, ItemResult,
} from '../../connector-kit/changes.ts'; // prettier-ignore
import { UsherError } from '../../model/errors.ts';
import type { JsonValue } from '../../model/records.ts';
import { endedBefore, type EndedWell, type MadeByChange } from '../../store/lifecycle/chains.ts';
import { handoffSecretOwner } from '../../store/lifecycle/handoffs.ts';
import { planChangesByOrdinal } from '../../store/lifecycle/plans.ts';
import { type OwnedSecret, type SealedSecret, secretsOf, secretsOfOwners } from '../../store/secrets.ts';
import { restoreParams } from '../builtin.ts';
import { verifyChange } from '../sign.ts';
import { adoptionOwner, changeSecretOwner, madeSecretOwner, priorOwner } from '../stored-plan.ts';
import type { ApplyDependencies } from './dependencies.ts';
import type { Called, Finished, Work } from './work.ts';

/** What goes with the changes of a plan: secrets they take, what those before them made, what their answers told. */
export interface Items {
  /** As a call takes them, secrets opened. */
  of(works: readonly Work[]): Promise<readonly ChangeItem<ChangeParams>[]>;
  /** Ordinals of works whose secrets are gone: shredded when they ended once. */
  withoutSecrets(works: readonly Work[]): Promise<ReadonlySet<number>>;
  /** The hand-off of the secret a change made; null: it made none. */
  handoffOf(work: Work): Promise<Finished['handoff']>;
  /** What the answers of these told, sealed; noted in the works as well. */
  madeBy(called: readonly Called[]): readonly MadeByChange[];
  /** The credentials that a change found half-way is to hand to its connection; null: none. */
  adoptionOf(ordinal: number): Promise<Adoption | null>;
  /** The answer to a change that puts credentials back: they are taken from where they were kept. */
  restored(work: Work): Promise<ItemResult>;
  /** What a connection had before a change of this plan, sealed to be kept. */
  priorSecret(ordinal: number, prior: Adoption): OwnedSecret;
}

const HANDOFF = 'handoff';
const ADOPTION = 'adoption';
const adoptionSchema: z.ZodType<Adoption> = z.strictObject({
  settings: z.record(z.string(), z.json()),
  secrets: z.record(z.string(), z.string()),
});

/** For the plan of a run. */
export function openItems(
  { database, vault, newId }: Pick<ApplyDependencies, 'database' | 'vault' | 'newId'>,
  { runId, planId }: { readonly runId: string; readonly planId: string },
): Items {
  const ownerOf = ({ content }: Work): string => changeSecretOwner(planId, content.ordinal);
  const opened = (owner: string, { name, sealed }: SealedSecret): string =>
    vault.decrypt(sealed, { table: 'secret', row: owner, column: name });
  const sealedFor = (owner: string, name: string, value: string): OwnedSecret => ({
    owner,
    name,
    sealed: vault.encrypt(value, { table: 'secret', row: owner, column: name }),
  });
  /** The sealed secrets of the works that take some, by owner. */
  const sealedSecrets = (works: readonly Work[]): Promise<ReadonlyMap<string, readonly SealedSecret[]>> =>
    secretsOfOwners(database.pool, works.filter(({ content }) => content.secrets.length > 0).map(ownerOf));

  const adoptionIn = async (owner: string): Promise<Adoption | null> => {
    const sealed = (await secretsOf(database.pool, owner)).find(({ name }) => name === ADOPTION);
    return sealed === undefined ? null : adoptionSchema.parse(JSON.parse(opened(owner, sealed)));
  };

  /** What came of the changes before those that follow some, by the ordinal of the later one. */
  const earlierOf = async (works: readonly Work[]): Promise<ReadonlyMap<number, readonly EarlierChange[]>> => {
    const ordinals = works.flatMap(({ content }) => (content.follows === true ? [content.ordinal] : []));
    if (ordinals.length === 0) return new Map();
    const before = await endedBefore(database.pool, runId, ordinals);
    const all = [...new Set([...before.values()].flatMap((ended) => ended.map(({ ordinal }) => ordinal)))];
    const rows = await planChangesByOrdinal(database.pool, planId, all);
    const changes = new Map(rows.map((row) => [row.ordinal, verifyChange(vault, planId, row).change]));
    const secrets = await secretsOfOwners(
      database.pool,
      all.map((ordinal) => madeSecretOwner(planId, ordinal)),
    );
    const earlier = ({ ordinal, made }: EndedWell): EarlierChange => {
      const owner = madeSecretOwner(planId, ordinal);
      const kept = secrets.get(owner) ?? [];
      return {
        change: changes.get(ordinal) ?? '',
        facts: made ?? {},
        secrets: Object.fromEntries(kept.map((secret) => [secret.name, opened(owner, secret)])),
      };
    };
    return new Map(ordinals.map((ordinal) => [ordinal, (before.get(ordinal) ?? []).map(earlier)]));
  };

  return {
    async of(works) {
      const sealed = await sealedSecrets(works);
      const earlier = await earlierOf(works);
      return works.map((work) => {
        const { subject, params, secrets: names, ordinal } = work.content;
        const owner = ownerOf(work);
        const own = (sealed.get(owner) ?? []).filter(({ name }) => names.includes(name));
        const before = earlier.get(ordinal);
        return {
          subject,
          params,
          secrets: Object.fromEntries(own.map((secret) => [secret.name, opened(owner, secret)])),
          before: work.before ?? { account: null, grants: [] },
          ...(before === undefined ? {} : { earlier: before }),
        };
      });
    },

    async withoutSecrets(works) {
      const sealed = await sealedSecrets(works);
      const isGone = (work: Work): boolean => {
        const names = (sealed.get(ownerOf(work)) ?? []).map(({ name }) => name);
        return work.content.secrets.some((name) => !names.includes(name));
      };
      return new Set(works.filter(isGone).map(({ content }) => content.ordinal));
    },

    async handoffOf({ content }) {
      const { ordinal, handoff: label, handoffMade } = content;
      if (label === null) return null;
      const [owner, kept] =
        handoffMade === undefined
          ? [changeSecretOwner(planId, ordinal), HANDOFF]
          : [madeSecretOwner(planId, ordinal), handoffMade];
      const sealed = (await secretsOf(database.pool, owner)).find(({ name }) => name === kept);
      if (sealed === undefined) return null;
      const id = newId();
      const place = { table: 'secret', row: handoffSecretOwner(id), column: 'secret' };
      return { id, label, sealed: vault.encrypt(opened(owner, sealed), place) };
    },

    madeBy: (called) =>
      called.flatMap(({ work, result }) => {
        const told = toldBy(result);
        if (told === null) return [];
        const { ordinal, params, subject } = work.content;
        work.made = told.facts;
        work.adopts = told.adopts;
        work.inverse = work.change.inverse(work.before ?? { account: null, grants: [] }, params, subject, told.facts);
        const [made, adopts] = [madeSecretOwner(planId, ordinal), adoptionOwner(planId, ordinal)];
        return {
          ordinal,
          facts: told.facts,
          held: { before: work.beforeSummary, inverse: work.inverse },
          owners: [made, adopts],
          secrets: [
            ...Object.entries(told.secrets).map(([name, value]) => sealedFor(made, name, value)),
            ...(told.adopts === null ? [] : [sealedFor(adopts, ADOPTION, JSON.stringify(told.adopts))]),
          ],
        };
      }),

    adoptionOf: (ordinal) => adoptionIn(adoptionOwner(planId, ordinal)),

    async restored({ content }) {
      const { plan, ordinal } = restoreParams(content.params);
      const adopts = await adoptionIn(priorOwner(plan, ordinal));
      if (adopts !== null) return { kind: 'taken', adopts };
      const message = 'The credentials that the connection had before are kept no longer.';
      return { kind: 'refused', error: new UsherError('conflict', message, { code: 'secretsGone' }) };
    },

    priorSecret: (ordinal, prior) => sealedFor(priorOwner(planId, ordinal), ADOPTION, JSON.stringify(prior)),
  };
}

/** What only an answer tells; null: nothing. */
function toldBy(result: ItemResult): {
  readonly facts: Readonly<Record<string, JsonValue>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly adopts: Adoption | null;
} | null {
  if (result.kind !== 'taken' || (result.made === undefined && result.adopts === undefined)) return null;
  const { facts, secrets } = result.made ?? { facts: {}, secrets: {} };
  return { facts, secrets, adopts: result.adopts ?? null };
}
