import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { newAccountSubject } from '../../model/changes.ts';
import { UsherError } from '../../model/errors.ts';
import type { ConnectorChange, ItemResult, ObservedSubject, WriteAction, WriteDefinition } from '../changes.ts';
import type { HttpClient, HttpRequest } from '../http/types.ts';
import { writeRules } from './index.ts';
import { createDesk, type DeskContext, type DeskSettings } from './testing/desk-connector.ts';
import { deskOptions } from './testing/desk-options.ts';

// A suite that lets a broken connector pass is worse than none: each of these is broken in one way, and is found out.

type Writes = WriteDefinition<DeskSettings>;
type Change = ConnectorChange<DeskSettings>;

interface Broken {
  readonly how: string;
  readonly spoil: (writes: Writes) => Writes;
  /** The rules, by a part of their names, of which one has to fail. */
  readonly found: string;
}

const BROKEN: readonly Broken[] = [
  // Plans
  { how: 'has an action that nobody tries', spoil: addAction('desk_untried'), found: 'every writing action' },
  { how: 'plans something else each time', spoil: plan('desk_off', (drafts) => drafts.map((draft) => ({ ...draft, params: { at: (times += 1) } }))), found: 'plans the same' },
  { how: 'plans for an address, not for the account', spoil: plan('desk_off', (drafts) => drafts.map((draft) => ({ ...draft, subject: newAccountSubject(draft.subject.email ?? '', null) }))), found: 'plans the same' },
  { how: 'has nothing to say', spoil: change('turn_off', () => ({ summary: () => ' ' })), found: 'says what each change does' },
  { how: 'does not say how it is undone', spoil: change('turn_off', () => ({ undo: { isPossible: true, how: '' } })), found: 'says what each change does' },
  { how: 'is worse than its action says', spoil: change('turn_off', () => ({ effect: () => 'destructive' })), found: 'says what each change does' },
  { how: 'keeps a secret among the params', spoil: plan('desk_phrase', (drafts) => drafts.map((draft) => ({ ...draft, params: { ...draft.secrets } }))), found: 'says what each change does' },
  { how: 'does not declare its secrets', spoil: change('phrase', () => ({ secrets: [] })), found: 'says what each change does' },
  { how: 'does not mask its input', spoil: action('desk_phrase', () => ({ secretInputs: [] })), found: 'says what each change does' },
  { how: 'takes any field', spoil: action('desk_off', () => ({ input: z.looseObject({ accounts: z.array(z.string()) }) })), found: 'inputs of the wrong form' },
  { how: 'takes anything for an account', spoil: action('desk_off', () => ({ input: z.strictObject({ accounts: z.any() }) })), found: 'inputs of the wrong form' },
  { how: 'maps a unified write to an action it has not', spoil: (writes) => ({ ...writes, unified: { ...writes.unified, disable: () => ({ action: 'desk_nap', input: {} }) } }), found: 'every unified write' },
  // Calls
  { how: 'sends something else than it showed', spoil: call('teams', (inner) => (context, items) => inner(marked(context, () => ({ headers: { 'x-time': String((times += 1)) } })), items)), found: 'teams: shows in a dry run' },
  { how: 'reads before it writes', spoil: call('teams', (inner) => async (context, items) => (await context.http.request({ operation: 'teams', method: 'GET', path: '/teams' }), inner(context, items))), found: 'teams: shows in a dry run' },
  { how: 'shows a secret in its request', spoil: call('phrase', (inner) => (context, items) => inner(marked(context, () => ({ secrets: [] })), items)), found: 'phrase: shows in a dry run' },
  { how: 'is never so', spoil: change('turn_off', () => ({ wanted: () => false })), found: 'is so once' },
  { how: 'is always so', spoil: change('turn_off', () => ({ wanted: () => true })), found: 'is so once' },
  { how: 'claims a state for what only the log shows', spoil: change('remind', () => ({ wanted: () => true })), found: 'is so once' },
  { how: 'does not do it', spoil: call('teams', () => async (_context, items) => items.map(() => ({ kind: 'taken' }))), found: 'is so once' },
  { how: 'hides that it sends mail', spoil: change('create', () => ({ sendsMail: false })), found: 'create: is wanted' },
  { how: 'sends a mail twice', spoil: call('remind', (inner) => async (context, items) => (await inner(context, items), inner(context, items))), found: 'remind: is wanted' },
  { how: 'undoes what it has not done', spoil: change('turn_off', () => ({ inverse: () => ({ change: 'turn_on', params: {} }) })), found: 'off: does nothing more' },
  { how: 'undoes it by doing it again', spoil: change('turn_off', ({ id }) => ({ inverse: ({ account }) => (account?.status === 'active' ? { change: id, params: {} } : null) })), found: 'off: goes back' },
  { how: 'promises an undo it has not', spoil: change('remove', () => ({ undo: { isPossible: true, how: 'Somehow.' } })), found: 'remove: goes back' },
  { how: 'undoes what it says cannot be undone', spoil: change('turn_off', ({ undo }) => ({ undo: { ...undo, isPossible: false } })), found: 'off: goes back' },
  { how: 'lets one bad item hide the good ones', spoil: call('turn_off', allOrNothing), found: 'one batch' },
  { how: 'lets the good items hide a bad one', spoil: call('turn_off', (inner) => async (context, items) => (await inner(context, items)).map(() => ({ kind: 'taken' }))), found: 'one batch' },
  // Faults
  { how: 'calls every failure a refusal', spoil: call('turn_off', (inner) => (context, items) => inner(context, items).catch(() => items.map(() => REFUSED))), found: 'off: under every fault' },
  { how: 'takes silence for consent', spoil: call('turn_off', (inner) => (context, items) => inner(context, items).catch(() => items.map(() => ({ kind: 'taken' })))), found: 'off: under every fault' },
  { how: 'calls a mail safe to repeat', spoil: call('remind', (inner) => (context, items) => inner(marked(context, () => ({ isSafeToRepeat: true })), items)), found: 'remind: under every fault' },
  { how: 'tells a secret in an error', spoil: call('phrase', (inner) => (context, items) => inner(context, items).catch(() => Promise.reject(new UsherError('transient', `Could not set ${items[0]?.secrets['phrase']}`)))), found: 'phrase: under every fault' },
  // Readings
  { how: 'reads other content than it pulls', spoil: read((seen) => ({ ...seen, records: seen.records.map((record) => (record.kind === 'group' ? { ...record, name: `${record.name}!` } : record)) })), found: 'what a pull maps' },
  { how: 'reads accounts without their groups', spoil: read((seen) => ({ ...seen, records: seen.records.filter(({ kind }) => kind !== 'group') })), found: 'what a pull maps' },
  { how: 'forgets memberships', spoil: read((seen) => ({ ...seen, grants: seen.grants.slice(1) })), found: 'what a pull maps' },
  { how: 'leaves out who is not there', spoil: (writes) => ({ ...writes, read: async (...given) => new Map([...(await writes.read(...given))].filter(([, { account }]) => account !== null)) }), found: 'not there' },
  { how: 'reads fewer where many are asked for', spoil: (writes) => ({ ...writes, read: async (context, subjects, purpose) => new Map([...(await writes.read(context, subjects, purpose))].map(([key, seen]) => [key, subjects.length > 2 ? NOBODY : seen])) }), found: 'many as one by one' },
  { how: 'has records for a group', spoil: read((seen, kind) => (kind === 'group' ? { ...seen, records: [{ kind: 'group', key: 't-blue', name: '', description: null, extra: {} }] } : seen)), found: 'groups and for the connection' },
  { how: 'does not look whether an address is taken', spoil: read((seen, _kind, key) => (key.startsWith('new:') ? NOBODY : seen)), found: 'account to be made' },
  { how: 'gives up on an account that moved', spoil: (writes) => ({ ...writes, read: (context, subjects) => writes.read(context, subjects, 'after') }), found: 'to its new address' },
  { how: 'takes whoever has the address for the account', spoil: read((seen, kind, key) => (seen.account === null || kind !== 'account' || key.startsWith('new:') ? seen : { ...seen, account: { ...seen.account, key } })), found: 'never takes another person' },
  { how: 'sees ghosts', spoil: read((seen, _kind, key) => (key === 'p3' && seen.account === null ? GHOST : seen)), found: 'is gone' },
  { how: 'overlooks invitations', spoil: read((seen) => (seen.account?.status === 'invited' ? NOBODY : seen)), found: 'an invitation' },
  { how: 'takes a failure for absence', spoil: (writes) => ({ ...writes, read: (context, subjects, purpose) => writes.read(context, subjects, purpose).catch(() => new Map(subjects.map(({ key }) => [key, NOBODY]))) }), found: 'never short under a fault' },
  { how: 'counts administrators who cannot sign in', spoil: (writes) => ({ ...writes, administrators: async (context) => [...((await writes.administrators(context)) ?? []), 'p6'] }), found: 'administrators' },
  { how: 'reads by changing', spoil: (writes) => ({ ...writes, read: async (context, ...rest) => (await context.http.request({ operation: 'off', method: 'POST', path: '/people/p3/remind', headers: { authorization: `Bearer ${context.settings.token}` } }), writes.read(context, ...rest)) }), found: 'changes nothing by reading' },
  // The log
  { how: 'takes any entry for its own', spoil: change('remind', () => ({ isShownBy: () => true })), found: 'finds its own entry' },
  { how: 'does not find its entry', spoil: change('remind', () => ({ isShownBy: () => false })), found: 'finds its own entry' },
  { how: 'always says that the log is complete', spoil: (writes) => ({ ...writes, readLog: async (context, since) => ({ events: (await writes.readLog?.(context, since))?.events ?? [], isCompleteTo: context.clock.now().toISOString() }) }), found: 'complete beyond' },
  { how: 'takes a log that failed for an empty one', spoil: (writes) => ({ ...writes, readLog: (context, since) => writes.readLog?.(context, since).catch(() => ({ events: [], isCompleteTo: context.clock.now().toISOString() })) ?? Promise.reject(new Error('There is a log.')) }), found: 'reads the log whole' },
]; // prettier-ignore

describe('the contract of writes', () => {
  it.each(BROKEN)('finds out a connector that $how', async ({ spoil, found }) => {
    const rules = writeRules({ ...deskOptions, connector: createDesk(spoil) });
    const meant = rules.filter(({ name }) => name.includes(found));
    expect(meant.length).toBeGreaterThan(0);
    const outcomes = await Promise.allSettled(meant.map((rule) => rule.run()));
    // The sound connector passes every rule, so whatever goes wrong here is the one thing that is broken.
    expect(outcomes.map(({ status }) => status)).toContain('rejected');
  });
});

let times = 0;
const NOBODY: ObservedSubject = {
  account: null,
  grants: [],
  records: [],
  observedAt: '2026-03-02T15:00:00.000Z',
  covers: ['group'],
};
const GHOST: ObservedSubject = {
  ...NOBODY,
  account: {
    kind: 'account', key: 'p3', email: 'cleo@desk.example', username: null, displayName: 'cleo', givenName: null,
    familyName: null, status: 'active', isLocked: null, isService: null, mfa: null, roles: ['user'], employeeNumber: null,
    createdAt: null, extra: {}, volatile: { lastLoginAt: null, extra: {} },
  },
}; // prettier-ignore
const REFUSED: ItemResult = { kind: 'refused', error: new UsherError('transient', 'It failed.') };

function change(id: string, spoilt: (change: Change) => Partial<Change>): Broken['spoil'] {
  return (writes) => ({
    ...writes,
    changes: writes.changes.map((each) => (each.id === id ? { ...each, ...spoilt(each) } : each)),
  });
}

function call(id: string, spoilt: (inner: Change['call']) => Change['call']): Broken['spoil'] {
  return change(id, (each) => ({ call: spoilt((context, items) => each.call(context, items)) }));
}

function action(
  id: string,
  spoilt: (action: WriteAction<z.ZodObject>) => Partial<WriteAction<z.ZodObject>>,
): Broken['spoil'] {
  return (writes) => ({
    ...writes,
    actions: writes.actions.map((each) => (each.id === id ? { ...each, ...spoilt(each) } : each)),
  });
}

type Plan = WriteAction<z.ZodObject>['plan'];

function plan(id: string, spoilt: (drafts: Awaited<ReturnType<Plan>>) => Awaited<ReturnType<Plan>>): Broken['spoil'] {
  return action(id, (each) => ({
    plan: async (input, snapshot, settings) => spoilt(await each.plan(input, snapshot, settings)),
  }));
}

function addAction(id: string): Broken['spoil'] {
  return (writes) => ({
    ...writes,
    actions: [...writes.actions, ...writes.actions.slice(0, 1).map((each) => ({ ...each, id }))],
  });
}

function read(spoilt: (seen: ObservedSubject, kind: string, key: string) => ObservedSubject): Broken['spoil'] {
  return (writes) => ({
    ...writes,
    async read(context, subjects, purpose) {
      const seen = await writes.read(context, subjects, purpose);
      return new Map(subjects.map(({ kind, key }) => [key, spoilt(seen.get(key) ?? NOBODY, kind, key)]));
    },
  });
}

/** The same context with something else in each of its requests. */
function marked(context: DeskContext, more: (request: HttpRequest) => Partial<HttpRequest>): DeskContext {
  const request: HttpClient['request'] = (asked) => {
    const { headers, ...rest } = more(asked);
    return context.http.request({ ...asked, ...rest, headers: { ...asked.headers, ...headers } });
  };
  return { ...context, http: { ...context.http, request } };
}

function allOrNothing(inner: Change['call']): Change['call'] {
  return async (context, items) => {
    const results = await inner(context, items);
    return results.some(({ kind }) => kind !== 'taken') ? items.map(() => REFUSED) : results;
  };
}
