/* oxlint-disable vitest/no-conditional-expect, vitest/valid-title, vitest/expect-expect, vitest/valid-describe-callback, vitest/no-conditional-tests --
   a suite for any connector: what is expected depends on what the connector has, and stands in helpers */
import { describe, expect, it } from 'vitest';
import { type ErrorKind, UsherError } from '../../model/errors.ts';
import { type AnyRecord, grantKey, type JsonValue } from '../../model/records.ts';
import type { Clock, Connector } from '../connector.ts';
import { accessRules, type BudgetKnobs, type TokenKnobs } from './access-rules.ts';
import { type OpenedConnector, openConnector } from './open.ts';
import { identities, pullEverywhere, pullPages, type Pulled, pullScope } from './pulling.ts';
import { failureOf, holdsNoSecret, outcomeOf } from './seen.ts';

/** A simulator as the suite uses it, running. */
export interface ConformanceTarget {
  readonly settings: Readonly<Record<string, JsonValue>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** Faults as texts of the simulator kit (`429@1-2`, `cut@1`); replaces what was set. */
  setFaults(faults: readonly string[]): void;
  /** Removes one account behind the API's back, one that an early page of the pull has. */
  removeEarlyAccount(): void;
  /** From now on the credentials may not read what the given collection reads. */
  shrinkRights(collection: string): void;
  /** How many requests it has had. */
  requestCount(): number;
  /** Where `has` names tokens. */
  readonly tokens?: TokenKnobs;
  /** Where `has` names a budget. */
  readonly budget?: BudgetKnobs;
  close(): Promise<void>;
}

/** A way to connect wrongly and what the probe must say of it. */
export interface ProbeErrorCase {
  readonly name: string;
  /** Changes the settings or secrets, or the target itself. */
  readonly prepare: (target: ConformanceTarget) => Partial<Pick<ConformanceTarget, 'settings' | 'secrets'>>;
  readonly kind: ErrorKind;
  readonly code?: string;
  readonly says: string | RegExp;
  /** Nothing may be sent at all. */
  readonly sendsNothing?: boolean;
}

export interface ConformanceOptions {
  readonly name: string;
  /** With pages so small that a pull has at least three. */
  readonly connector: Connector;
  start(): Promise<ConformanceTarget>;
  readonly probeErrors: readonly ProbeErrorCase[];
  /** An input for each native action, by id. An action left out is called with {}. */
  readonly inputs: (target: ConformanceTarget) => Promise<Readonly<Record<string, JsonValue>>>;
  /** The collection that is paged, in one part: resuming and removal in mid-pull are tried on it. */
  readonly pagedCollection: string;
  /** The app has no pages for it: all is read before the first page, so that nothing can be removed in mid-pull. */
  readonly isReadAtOnce?: boolean;
  /** Collections of which the app never tells all, with the reason they must give in at least one part. */
  readonly neverWhole?: Readonly<Record<string, RegExp>>;
  /** What the app has that some apps have not: tokens it gives out, a budget of calls that it tells in headers. */
  readonly has?: readonly ('tokens' | 'budget')[];
}

/** Faults of which each may strike any request of a pull; none may lead to a shorter list that is called complete. */
const FAULTS = ['429', '500', '503', 'html-403', 'html-503', 'reset', 'cut', 'truncated', 'wrong-type'] as const;

/**
 * Registers the tests that every connector passes against its simulator: precise probe errors, pulls that are honest and
 * can resume, ids that stay, no secret in anything people see. It needs no store: what the store makes of the pages is
 * tested with the store.
 */
export function connectorConformance(options: ConformanceOptions): void {
  describe(`${options.name} keeps the connector contract`, () => {
    describe('probe', () => probeTests(options));
    describe('pull', () => pullTests(options));
    describe('faults', () => faultTests(options));
    describe('access', () => {
      for (const rule of accessRules(options)) it(rule.name, () => rule.run());
    });
    describe('actions', () => actionTests(options));
    if (options.connector.hasAuditEvents) describe('app events', () => eventTests(options));
  });
}

/** Runs a test on a fresh simulator with the connector opened on it. */
async function withTarget(
  options: ConformanceOptions,
  work: (connector: OpenedConnector, target: ConformanceTarget) => Promise<void>,
  overrides: { readonly attempts?: number; readonly maxTimeoutMs?: number } = {},
): Promise<void> {
  const target = await options.start();
  try {
    await using connector = open(options, target, overrides);
    await work(connector, target);
  } finally {
    await target.close();
  }
}

function open(
  options: ConformanceOptions,
  target: Pick<ConformanceTarget, 'settings' | 'secrets' | 'clock'>,
  overrides: { readonly attempts?: number; readonly maxTimeoutMs?: number } = {},
): OpenedConnector {
  const { settings, secrets, clock } = target;
  return openConnector({ connector: options.connector, settings, secrets, clock, ...overrides });
}

function probeTests(options: ConformanceOptions): void {
  it('tells whose app it is and what it can do, sorted', () =>
    withTarget(options, async (connector) => {
      const { tenant, capabilities } = await connector.probe();
      expect(tenant.id).not.toBe('');
      expect(tenant.name).not.toBe('');
      expect(capabilities).toEqual([...capabilities].sort());
      expect(capabilities.length).toBeGreaterThan(0);
    }));

  it.each(options.probeErrors)('says what is wrong: $name', async ({ prepare, kind, code, says, sendsNothing }) => {
    const target = await options.start();
    try {
      const secretsInUse = { ...target.secrets };
      const changed = { ...target, ...prepare(target) };
      await using connector = open(options, changed);
      const before = target.requestCount();
      const error = await failureOf(connector.probe());
      expect(error.kind).toBe(kind);
      if (code !== undefined) expect(error.details.code).toBe(code);
      expect(error.message).toMatch(says);
      expect(error.details.next ?? '').not.toBe('');
      if (sendsNothing === true) expect(target.requestCount()).toBe(before);
      holdsNoSecret([error.message, error.details, connector.traces], { ...secretsInUse, ...changed.secrets });
    } finally {
      await target.close();
    }
  });

  it('notices rights that shrank: the probe has fewer capabilities or fails', () =>
    withTarget(options, async (connector, target) => {
      const before = await connector.probe();
      for (const { id } of options.connector.collections) target.shrinkRights(id);
      const after = await connector.probe().catch(() => null);
      if (after !== null) expect(after.capabilities.length).toBeLessThan(before.capabilities.length);
    }));
}

function pullTests(options: ConformanceOptions): void {
  it('gives every collection whole, with sound records and no dangling grants', () =>
    withTarget(options, async (connector, target) => {
      const all: AnyRecord[] = [];
      for (const { id, yields } of options.connector.collections) {
        const reasons: string[] = [];
        for (const scope of await connector.scopes(id)) {
          const pulled = await pullScope(connector, id, scope);
          if (!pulled.end.isComplete) reasons.push(pulled.end.reason);
          expect(pulled.isTotalStable).toBe(true);
          for (const { kind } of pulled.records) expect(yields).toContain(kind);
          areSound(pulled);
          holdsNoSecret(pulled.records, target.secrets);
          all.push(...pulled.records);
        }
        const why = options.neverWhole?.[id];
        if (why === undefined) expect(reasons, id).toEqual([]);
        else expect(reasons.join('\n'), id).toMatch(why);
      }
      dangleNowhere(all);
      expect(connector.drifts).toEqual([]);
    }));

  it('gives the same ids each time', () =>
    withTarget(options, async (connector) => {
      for (const { id } of options.connector.collections) {
        for (const scope of await connector.scopes(id)) {
          const [one, two] = [await pullScope(connector, id, scope), await pullScope(connector, id, scope)];
          expect(identities(two.records)).toEqual(identities(one.records));
        }
      }
    }));

  it('resumes at every page as if it had not been interrupted', () =>
    withTarget(options, async (connector) => {
      const whole = await pullScope(connector, options.pagedCollection, '');
      expect(whole.pages.length).toBeGreaterThanOrEqual(3);
      for (let kept = 1; kept <= whole.pages.length; kept += 1) {
        const before = await pullPages(connector, options.pagedCollection, '', kept);
        const checkpoint = before.at(-1)?.checkpoint ?? null;
        // What is stored is text: a checkpoint must survive that.
        const stored: JsonValue = JSON.parse(JSON.stringify(checkpoint));
        const isAtEnd = kept === whole.pages.length;
        const rest = isAtEnd ? null : await pullScope(connector, options.pagedCollection, '', stored);
        if (rest !== null) expect(rest.end).toEqual({ isComplete: true });
        const records = [...before.flatMap((page) => page.records), ...(rest?.records ?? [])];
        expect(identities(records)).toEqual(identities(whole.records));
      }
    }));

  it('lets the driver see a row that was removed in mid-pull: another total, or an end that is not complete', () =>
    withTarget(options, async (connector, target) => {
      const before = options.isReadAtOnce ? await pullScope(connector, options.pagedCollection, '') : null;
      const pulled = await outcomeOf(
        pullScope(connector, options.pagedCollection, '', null, (count) => {
          if (count === 1) target.removeEarlyAccount();
        }),
      );
      if (before !== null && !(pulled instanceof UsherError)) {
        expect(identities(pulled.records)).toEqual(identities(before.records));
        const after = await pullScope(connector, options.pagedCollection, '');
        expect(identities(after.records).length).toBeLessThan(identities(before.records).length);
        return;
      }
      if (pulled instanceof UsherError) return;
      expect(pulled.isTotalStable && pulled.end.isComplete).toBe(false);
    }));

  it('does not end completely when rights shrink under it', () =>
    withTarget(options, async (connector, target) => {
      for (const { id } of options.connector.collections) target.shrinkRights(id);
      for (const { id } of options.connector.collections) {
        const pulled = await outcomeOf(pullEverywhere(connector, id));
        if (!(pulled instanceof UsherError)) expect(pulled.end.isComplete).toBe(false);
      }
    }));
}

function faultTests(options: ConformanceOptions): void {
  it.each(FAULTS)('is never short and complete when %s strikes any request of a pull', (fault) =>
    withTarget(options, async (connector, target) => {
      for (const { id } of options.connector.collections) {
        target.setFaults([]);
        const whole = await pullEverywhere(connector, id);
        const requests = await countRequests(target, () => pullEverywhere(connector, id));
        for (let at = 1; at <= requests; at += 1) {
          target.setFaults([`${fault}@${at}`]);
          const pulled = await outcomeOf(pullEverywhere(connector, id));
          if (pulled instanceof UsherError) holdsNoSecret([pulled.message, pulled.details], target.secrets);
          else if (pulled.end.isComplete) expect(identities(pulled.records)).toEqual(identities(whole.records));
        }
      }
      holdsNoSecret([connector.traces, connector.drifts], target.secrets);
    }),
  );

  it.each(['429@1-2', '429-retry-after=1@1', '503@1', 'reset@1', 'cut@1'])('gets over %s by itself', (fault) =>
    withTarget(
      options,
      async (connector, target) => {
        target.setFaults([fault]);
        expect((await pullScope(connector, options.pagedCollection, '')).end).toEqual({ isComplete: true });
      },
      { attempts: 4 },
    ),
  );

  it('does not wait for ever for a slow app', () =>
    withTarget(
      options,
      async (connector, target) => {
        target.setFaults(['slow=1500']);
        const error = await failureOf(connector.probe());
        expect(error).toMatchObject({ kind: 'transient', details: { code: 'timeout' } });
        target.setFaults([]);
      },
      { maxTimeoutMs: 150 },
    ));
}

function actionTests(options: ConformanceOptions): void {
  // An app without resources has nobody on them to list: that action is refused there, and sends nothing.
  const hasResources = options.connector.unified.resourceTypes.length > 0;
  // Nor has an app without groups one to get.
  const hasGroups = options.connector.collections.some(({ yields }) => yields.includes('group'));
  const actions = options.connector.actions.filter(
    ({ id, effect }) =>
      effect === 'read' &&
      (hasResources || !id.endsWith('_unified_list_resource_users')) &&
      (hasGroups || !id.endsWith('_unified_get_group')),
  );
  it('answers every reading action in the form it promises, without a secret in answer or trace', () =>
    withTarget(options, async (connector, target) => {
      const inputs = await options.inputs(target);
      for (const { id } of actions) {
        const result = await connector.call(id, inputs[id] ?? {});
        expect(result.data, id).not.toBeNull();
        holdsNoSecret([result], target.secrets);
      }
      holdsNoSecret([connector.traces], target.secrets);
      expect(connector.traces.length).toBeGreaterThan(0);
    }));

  it('performs nothing in a dry run and shows what it would send, masked', () =>
    withTarget(options, async (connector, target) => {
      const inputs = await options.inputs(target);
      const before = target.requestCount();
      for (const { id } of actions) {
        const preview = await connector.dryRun(id, inputs[id] ?? {});
        expect(preview, id).not.toBeNull();
        holdsNoSecret([preview], target.secrets);
      }
      expect(target.requestCount()).toBe(before);
    }));

  it('refuses an input field that is not known, naming it, before anything is sent', () =>
    withTarget(options, async (connector, target) => {
      const before = target.requestCount();
      for (const { id } of actions) {
        const error = await failureOf(connector.call(id, { no_such_field: 1 }));
        expect(error.kind, id).toBe('invalidInput');
      }
      expect(target.requestCount()).toBe(before);
    }));
}

function eventTests(options: ConformanceOptions): void {
  it('gives an entry the same id in every poll, and goes on from its cursor', () =>
    withTarget(options, async (connector) => {
      const read = async (cursor: JsonValue): Promise<{ ids: string[]; cursor: JsonValue }> => {
        const ids: string[] = [];
        let last = cursor;
        for await (const page of connector.auditEvents(cursor)) {
          ids.push(...page.events.map(({ id }) => id));
          last = page.cursor;
        }
        return { ids, cursor: last };
      };
      const first = await read(null);
      const again = await read(null);
      expect(first.ids.length).toBeGreaterThan(0);
      expect(new Set(again.ids).size).toBe(again.ids.length);
      for (const id of first.ids) expect(again.ids).toContain(id);
      const stored: JsonValue = JSON.parse(JSON.stringify(again.cursor));
      const later = await read(stored);
      expect(later.ids.length).toBeLessThan(again.ids.length);
    }));
}

function areSound({ records, pages }: Pulled): void {
  for (const page of pages) {
    const inPage = page.records.map(({ kind, key }) => `${kind} ${key}`);
    expect(new Set(inPage).size).toBe(inPage.length);
    expect(page.observedAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  }
  for (const record of records) {
    expect(record.key).not.toBe('');
    if (record.kind === 'credential') {
      const { createdAt, expiresAt, volatile } = record;
      for (const time of [createdAt, expiresAt, volatile.lastUsedAt]) {
        if (time !== null) expect(new Date(time).toISOString()).toBe(time);
      }
    }
    if (record.kind === 'account') {
      expect([...record.roles]).toEqual([...record.roles].sort());
      for (const time of [record.createdAt, record.volatile.lastLoginAt]) {
        if (time !== null) expect(new Date(time).toISOString()).toBe(time);
      }
    }
    if (record.kind === 'grant') expect(record.key).toBe(grantKey(record));
  }
}

/** A holder of whom only the address is known is no dangling grant: the store resolves it. */
function dangleNowhere(records: readonly AnyRecord[]): void {
  const known = new Set(identities(records));
  for (const record of records) {
    if (record.kind !== 'grant') continue;
    expect(known).toContain(`${record.targetKind} ${record.targetKey}`);
    if (!record.holderKey.startsWith('email:')) expect(known).toContain(`${record.holderKind} ${record.holderKey}`);
  }
  const roles = records.flatMap((record) => (record.kind === 'account' ? record.roles : []));
  for (const role of new Set(roles)) expect(known).toContain(`role ${role}`);
}

async function countRequests(target: ConformanceTarget, work: () => Promise<unknown>): Promise<number> {
  const before = target.requestCount();
  await work();
  return target.requestCount() - before;
}
