import type {
  Lifecycle, MarkView, PlanChangeView, PlanRequest, PlanView, PolicyView, RunProgress, RunView,
} from '../../lifecycle/surface.ts'; // prettier-ignore
import type { Caller } from '../../model/access.ts';
import { policySchema } from '../../model/changes.ts';
import { UsherError } from '../../model/errors.ts';

export const PLAN_ID = 'pln_0000000000a1';
export const RUN_ID = 'run_0000000000b2';
export const HANDOFF_ID = 'hnd_0000000000c3';
const AT = '2026-03-02T10:15:00.000Z';
const ada = { id: 'p_ada', name: 'Ada', kind: 'person' } as const;

export const change: PlanChangeView = {
  ordinal: 0,
  subject: { kind: 'account', key: '101', email: 'ada@northwind.example', name: 'Ada Okonkwo' },
  change: 'disable',
  summary: 'Disable ada@northwind.example',
  effect: 'write',
  undo: { isPossible: true, how: 'Enable it again.' },
  params: {},
  before: { status: 'active' },
  preview: { method: 'POST', url: 'https://paper.example/disable', headers: { authorization: '••••' }, body: '{}' },
  follows: false,
  hold: null,
  outcome: null,
};

export const doneChange: PlanChangeView = {
  ...change,
  outcome: {
    state: 'done',
    attempt: 1,
    endedAt: AT,
    waitsFor: null,
    heldUntil: null,
    receipt: {
      summary: 'ada@northwind.example is disabled.',
      code: null,
      proof: 'state',
      calls: [
        {
          operation: 'disable', method: 'POST', url: 'https://paper.example/disable', at: AT, ms: 12, status: 200,
          outcome: 'answered', error: null, answer: '{"ok":true}', changes: 1,
        },
      ],
      before: { status: 'active' },
      after: { status: 'disabled' },
      verifiedAt: AT,
      handoff: null,
    },
  },
}; // prettier-ignore

export const plan: PlanView = {
  id: PLAN_ID,
  connectionId: 'paper',
  action: 'paper_disable_user',
  title: 'Disable a user',
  state: 'waiting',
  effect: 'write',
  requestedBy: ada,
  reason: null,
  createdAt: AT,
  expiresAt: '2026-03-09T10:15:00.000Z',
  changes: 1,
  runId: null,
  input: { account: 'ada@northwind.example' },
  appliesWhenApproved: true,
  applyAt: null,
  approvalReasons: ['An agent asks for it.'],
  guards: [{ guard: 'blastRadius', message: '1 account.', threshold: '20 %', subjects: ['101'], isOverridden: true }],
  decisions: [{ decision: 'approve', by: ada, reason: 'Fine.', at: AT }],
  firstChanges: [change],
  next: `Approve it: \`usher plan approve ${PLAN_ID}\`.`,
};

export const run: RunView = {
  id: RUN_ID,
  planId: PLAN_ID,
  connectionId: 'paper',
  action: 'paper_disable_user',
  title: 'Disable a user',
  state: 'running',
  requestedBy: ada,
  createdAt: AT,
  startedAt: AT,
  finishedAt: null,
  pending: null,
  reason: null,
  wakeAt: null,
  total: 1,
  counts: { planned: 1, calling: 0, called: 0, done: 0, skipped: 0, failed: 0, uncertain: 0 },
  canRetry: false,
  canUndo: false,
};
export const endedRun: RunView = {
  ...run,
  state: 'succeeded',
  finishedAt: AT,
  counts: { ...run.counts, planned: 0, done: 1 },
  canUndo: true,
};

/** What a held change is answered with, as the lifecycle throws it. */
export function held(): UsherError {
  return new UsherError('guarded', `Plan ${PLAN_ID} waits for an approval.`, {
    code: 'needsApproval',
    plan: PLAN_ID,
    next: `Somebody who may approve: \`usher plan approve ${PLAN_ID}\`.`,
  });
}

export interface FakeLifecycle extends Lifecycle {
  /** What was called, in order: the name and the arguments but the caller. */
  readonly calls: readonly (readonly [name: string, ...given: readonly unknown[]])[];
  /** Makes `perform` throw instead. */
  refuse(error: UsherError | null): void;
  /** What `follow` yields; a promise is waited for. */
  progress: readonly (RunProgress | Promise<RunProgress>)[];
}

/** A lifecycle of one plan and one run on `paper`, which remembers what it was asked. */
export function fakeLifecycle(): FakeLifecycle {
  const calls: [string, ...unknown[]][] = [];
  let refusal: UsherError | null = null;
  const noted = <Result>(result: Result, name: string, ...given: readonly unknown[]): Result => {
    calls.push([name, ...given]);
    return result;
  };
  const known = (id: string, by: Caller): void => {
    const isVisible = by.connections === null || by.connections.includes('paper');
    if (!isVisible || (id !== PLAN_ID && id !== RUN_ID)) throw new UsherError('notFound', `There is no ${id}.`);
  };
  const planAs =
    (name: string, state: PlanView['state']) =>
    async (id: string, ...rest: (Caller | string | null)[]) => {
      known(id, callerIn(rest));
      return noted({ ...plan, state }, name, id, ...rest.filter((each) => typeof each !== 'object' || each === null));
    };
  const runAs = (name: string, view: RunView) => async (id: string, by: Caller) => {
    known(id, by);
    return noted(view, name, id);
  };
  const mark: MarkView = {
    connectionId: 'paper', accountKey: '101', isProtected: false, isService: false, owner: null, ignoredUntil: null,
    note: null, setBy: null, setAt: null,
  }; // prettier-ignore
  const policy = policySchema.parse({});
  const handoff = { id: HANDOFF_ID, connectionId: 'paper', label: 'Password', createdAt: AT, expiresAt: AT };
  const lifecycle: FakeLifecycle = {
    calls,
    progress: [],
    refuse: (error) => {
      refusal = error;
    },
    plan: async (request: PlanRequest) => {
      calls.push(['plan', request]);
      return { ...plan, connectionId: request.connectionId, id: request.dryRun === true ? '' : PLAN_ID };
    },
    listPlans: async (query) => noted({ items: [plan], next: 'more' }, 'listPlans', query),
    getPlan: planAs('getPlan', 'waiting'),
    async planChanges(id, query, by) {
      known(id, by);
      return noted({ items: [doneChange], next: null }, 'planChanges', id, query);
    },
    approve: planAs('approve', 'applied'),
    reject: planAs('reject', 'rejected'),
    cancelPlan: planAs('cancelPlan', 'cancelled'),
    apply: runAs('apply', run),
    async perform(request, _by, { waitMs }) {
      calls.push(['perform', request, waitMs]);
      if (refusal !== null) throw refusal;
      return { plan: { ...plan, state: 'applied', runId: RUN_ID }, run: endedRun };
    },
    listRuns: async (query) => noted({ items: [run], next: null }, 'listRuns', query),
    getRun: runAs('getRun', run),
    pause: runAs('pause', { ...run, pending: 'pause' }),
    resume: runAs('resume', run),
    cancelRun: runAs('cancelRun', { ...run, pending: 'cancel' }),
    confirmTask: async (id, ordinal, note, by) => {
      known(id, by);
      return noted(run, 'confirmTask', id, ordinal, note);
    },
    retry: runAs('retry', run),
    undo: planAs('undo', 'waiting'),
    async *follow(id, after, by, signal) {
      known(id, by);
      calls.push(['follow', id, after]);
      const aborted = new Promise<null>((resolve) => {
        signal.addEventListener('abort', () => resolve(null), { once: true });
      });
      try {
        for (const each of lifecycle.progress) {
          const progress = await Promise.race([each, aborted]);
          if (progress === null) return;
          yield progress;
        }
      } finally {
        calls.push(['unfollowed']);
      }
    },
    getMark: async (connectionId, accountKey) => noted({ ...mark, connectionId, accountKey }, 'getMark', accountKey),
    setMark: async (connectionId, accountKey, asked) => {
      const set = { ...mark, ...asked, connectionId, accountKey, setBy: ada, setAt: AT };
      return noted(set, 'setMark', accountKey, asked);
    },
    listMarks: async () => [mark],
    getPolicy: async (connectionId): Promise<PolicyView> => ({ connectionId, policy, own: [] }),
    setPolicy: async (connectionId, asked): Promise<PolicyView> =>
      noted({ connectionId, policy, own: ['planDays'] }, 'setPolicy', connectionId, asked),
    listHandoffs: async () => [handoff],
    async takeHandoff(id) {
      if (id === HANDOFF_ID) return { handoff, secret: 'hunter2-of-a-test' };
      throw new UsherError('notFound', 'There is no such hand-off.');
    },
  };
  return lifecycle;
}

function callerIn(given: readonly (Caller | string | null)[]): Caller {
  const found = given.find((each) => typeof each === 'object' && each !== null);
  if (found === undefined || found === null || typeof found === 'string') throw new Error('No caller was given.');
  return found;
}
