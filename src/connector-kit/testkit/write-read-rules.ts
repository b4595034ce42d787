import { expect } from 'vitest';
import type { Subject } from '../../model/changes.ts';
import { newAccountSubject } from '../../model/changes.ts';
import { UsherError } from '../../model/errors.ts';
import type { AccountRecord, AnyRecord } from '../../model/records.ts';
import type { ObservedSubject } from '../changes.ts';
import type { Company } from './snapshot.ts';
import { holdsNoSecret, outcomeOf } from './seen.ts';
import type { WriteRule } from './write-conformance.ts';
import type { WriteConformanceOptions } from './write-options.ts';
import { entryOf, type Known, onStage, type Stage } from './write-stage.ts';

const FAULTS = [
  '429',
  '500',
  'html-403',
  'html-503',
  'reset',
  'cut',
  'truncated',
  'wrong-type',
  'lost-answer',
] as const;
/** How many accounts are read one by one to compare. */
const COMPARED = 25;

type OnCompany = (stage: Stage, company: Company) => Promise<void>;

/** What holds of reading subjects and administrators: it is what a pull says, and never less because something failed. */
export function readRules(options: WriteConformanceOptions, known: Known): readonly WriteRule[] {
  const rule = (name: string, run: OnCompany): WriteRule => ({
    name,
    run: () => onStage(options, async (stage) => run(stage, await known.company())),
  });
  const { people } = options;
  return [
    rule('reads of an account what a pull maps: the same keys, the same content, its groups with it', readsAsPulled),
    rule('reads many as one by one, each for itself', readsManyAsOne),
    rule('says of somebody who is not there that nobody is', (stage) => readsAbsent(stage)),
    rule('has an entry without records for groups and for the connection itself', (stage) =>
      readsOthers(stage, options),
    ),
    rule('finds whoever has the address of an account to be made', (stage, company) =>
      readsNew(stage, company, people.active),
    ),
    rule('sees that an account is gone', (stage, company) => readsRemoved(stage, company, people.active)),
    rule('follows an account to its new address', (stage, company) => readsMoved(stage, company, people)),
    rule('never takes another person for the account that had the address', (stage, company) =>
      readsGivenAway(stage, company, people),
    ),
    rule('reads an invitation', (stage, company) => readsInvited(stage, company, people.invited)),
    rule('is never short under a fault: it fails, or it is right', (stage, company) =>
      readsWholeOrFails(stage, company, people.active),
    ),
    rule('names the administrators that a pull finds', (stage, company) =>
      namesAdministrators(stage, company, options),
    ),
    rule('changes nothing by reading', async (stage, company) => {
      const before = stage.target.effects().length;
      await stage.writes.read(
        company.accounts.map(({ subject }) => subject),
        'before',
      );
      await stage.writes.administrators();
      expect(stage.target.effects().length).toBe(before);
    }),
  ];
}

async function readsAsPulled({ writes }: Stage, { accounts, records }: Company): Promise<void> {
  const pulled = new Map(records.map((record) => [idOf(record), content(record)]));
  const groups = new Map(records.filter(({ kind }) => kind === 'group').map((group) => [group.key, group]));
  const seen = await writes.read(
    accounts.map(({ subject }) => subject),
    'before',
  );
  expect([...seen.keys()].sort()).toEqual(accounts.map(({ subject }) => subject.key).sort());
  for (const { subject, state } of accounts) {
    const { account, grants, records: read, covers, observedAt } = entryOf(seen, subject.key);
    expect(content(account)).toEqual(content(state.account));
    expect(new Date(observedAt).toISOString()).toBe(observedAt);
    const held = state.grants.filter(({ targetKind }) => covers.includes(targetKind));
    expect(grants.map(content).sort(byKey)).toEqual(held.map(content).sort(byKey));
    for (const record of read) expect(content(record), idOf(record)).toEqual(pulled.get(idOf(record)));
    const ids = read.map(idOf);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain(`account ${subject.key}`);
    for (const grant of held) {
      expect(ids).toContain(idOf(grant));
      if (grant.targetKind === 'group' && groups.has(grant.targetKey))
        expect(ids).toContain(`group ${grant.targetKey}`);
    }
  }
}

async function readsManyAsOne({ writes }: Stage, { accounts }: Company): Promise<void> {
  const some = accounts.slice(0, COMPARED).map(({ subject }) => subject);
  const subjects = [...some, nobody('one'), nobody('two')];
  const together = await writes.read(subjects, 'before');
  for (const subject of subjects) {
    const alone = await writes.read([subject], 'before');
    expect(reading(entryOf(together, subject.key))).toEqual(reading(entryOf(alone, subject.key)));
  }
}

async function readsAbsent({ writes }: Stage): Promise<void> {
  for (const purpose of ['before', 'after'] as const) {
    for (const subject of [nobody('one'), newAccountSubject('new.person@nowhere.example', null)]) {
      const seen = entryOf(await writes.read([subject], purpose), subject.key);
      expect(seen).toMatchObject({ account: null, grants: [] });
      expect(seen.records.filter(({ kind }) => kind === 'account' || kind === 'grant')).toEqual([]);
    }
  }
}

async function readsOthers({ writes }: Stage, { unified }: WriteConformanceOptions): Promise<void> {
  const group: Subject = { kind: 'group', key: unified.group, email: null, name: unified.group };
  const connection: Subject = { kind: 'connection', key: '', email: null, name: null };
  const seen = await writes.read([group, connection], 'before');
  for (const { key } of [group, connection]) {
    expect(entryOf(seen, key)).toMatchObject({ account: null, grants: [], records: [] });
  }
}

async function readsNew({ writes }: Stage, company: Company, email: string): Promise<void> {
  const subject = newAccountSubject(email.toUpperCase(), null);
  const { account } = entryOf(await writes.read([subject], 'before'), subject.key);
  expect(account?.key).toBe(subjectOf(company, email).key);
}

async function readsRemoved({ writes, target }: Stage, company: Company, email: string): Promise<void> {
  target.removeAccount(email);
  const subject = subjectOf(company, email);
  for (const purpose of ['before', 'after'] as const) {
    expect(entryOf(await writes.read([subject], purpose), subject.key).account).toBeNull();
  }
}

async function readsMoved({ writes, target }: Stage, company: Company, { active }: People): Promise<void> {
  if (target.changeAddress === undefined) return;
  target.changeAddress(active, 'moved.away@nowhere.example');
  const subject = subjectOf(company, active);
  const { account } = entryOf(await writes.read([subject], 'before'), subject.key);
  expect(account).toMatchObject({ key: subject.key, email: 'moved.away@nowhere.example' });
}

/** Twice: the account has another address now, and the account is gone. */
async function readsGivenAway({ writes, target }: Stage, company: Company, { active, other }: People): Promise<void> {
  if (target.changeAddress === undefined) return;
  target.changeAddress(active, 'moved.away@nowhere.example');
  target.changeAddress(other, active);
  const subject = subjectOf(company, active);
  const moved = entryOf(await writes.read([subject], 'before'), subject.key);
  expect(moved.account).toMatchObject({ key: subject.key, email: 'moved.away@nowhere.example' });
  target.removeAccount('moved.away@nowhere.example');
  const gone = entryOf(await writes.read([subject], 'before'), subject.key);
  expect(gone.account?.key ?? null).not.toBe(subject.key);
}

async function readsInvited({ writes }: Stage, company: Company, invited: string | null): Promise<void> {
  if (invited === null) return;
  const subject = subjectOf(company, invited);
  const { account } = entryOf(await writes.read([subject], 'before'), subject.key);
  expect(account).toMatchObject({ key: subject.key, status: 'invited' });
}

async function readsWholeOrFails({ writes, target, connector }: Stage, company: Company, email: string): Promise<void> {
  const subjects = [subjectOf(company, email), nobody('one')];
  const attempts = [
    async () => [...(await writes.read(subjects, 'before')).values()].map(reading),
    async () => [...(await writes.read(subjects, 'after')).values()].map(reading),
    async () => [...((await writes.administrators()) ?? [])].sort(),
  ];
  for (const attempt of attempts) {
    const asked = target.requestCount();
    const healthy = await attempt();
    const requests = target.requestCount() - asked;
    for (const fault of FAULTS) {
      for (let at = 1; at <= requests; at += 1) {
        target.setFaults([`${fault}@${at}`]);
        const outcome = await outcomeOf<unknown>(attempt());
        if (outcome instanceof UsherError) holdsNoSecret([outcome.message, outcome.details], target.secrets);
        else expect(outcome, `${fault}@${at}`).toEqual(healthy);
      }
    }
    target.setFaults([]);
  }
  holdsNoSecret([connector.traces, connector.drifts], target.secrets);
}

async function namesAdministrators(stage: Stage, company: Company, options: WriteConformanceOptions): Promise<void> {
  const { writes, target } = stage;
  const named = await writes.administrators();
  if (named === null) return;
  const { roles } = options.connector.unified;
  const known = roles === 'collected' ? company.records.filter((record) => record.kind === 'role') : roles;
  const high = new Set(known.filter(({ type }) => type === 'admin').map(({ key }) => key));
  const isAdministrator =
    options.isAdministrator ??
    ((account) => account.status === 'active' && account.roles.some((role) => high.has(role)));
  const pulled = ({ accounts }: Company): AccountRecord[] =>
    accounts.flatMap(({ state }) => (state.account !== null && isAdministrator(state.account) ? [state.account] : []));
  const before = pulled(company);
  expect([...named].sort()).toEqual(before.map(({ key }) => key).sort());
  expect(before.length).toBeGreaterThan(0);
  const [first] = before;
  target.removeAccount(first?.email ?? '');
  const after = await writes.administrators();
  expect([...(after ?? [])].sort()).toEqual(
    before
      .slice(1)
      .map(({ key }) => key)
      .sort(),
  );
}

type People = WriteConformanceOptions['people'];

function subjectOf({ accounts }: Company, email: string): Subject {
  const found = accounts.find(({ subject }) => subject.email?.toLowerCase() === email.toLowerCase());
  if (found !== undefined) return found.subject;
  throw new Error(`The company has no ${email}.`);
}

function nobody(name: string): Subject {
  return { kind: 'account', key: `no-such-${name}`, email: `${name}.absent@nowhere.example`, name: null };
}

function reading({ observedAt: _observedAt, account, grants, records, covers }: ObservedSubject): object {
  return {
    account: content(account),
    grants: grants.map(content).sort(byKey),
    records: records.map(content).sort(byKey),
    covers: [...covers].sort(),
  };
}

/** A record without what the app sent it in. */
function content<R extends AnyRecord>(record: R | null): (Omit<R, 'raw'> & { readonly key: string }) | null {
  if (record === null) return null;
  const { raw: _raw, ...rest } = record;
  return rest;
}

function byKey(one: { readonly key: string } | null, two: { readonly key: string } | null): number {
  return (one?.key ?? '') < (two?.key ?? '') ? -1 : 1;
}

function idOf({ kind, key }: AnyRecord): string {
  return `${kind} ${key}`;
}
