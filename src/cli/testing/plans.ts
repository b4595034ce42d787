import type { StubRoutes } from './stub-api.ts';

/** Plans and runs as `/v1` answers them, for the CLI's tests. */
const ada = { id: 'p1', name: 'Ada', kind: 'person' };

export const disableAction = {
  id: 'lastpass_disable_user',
  connector: 'lastpass',
  effect: 'write',
  input_schema: {
    type: 'object',
    properties: { account: { type: 'string', description: 'Whom' } },
    required: ['account'],
  },
};

export const change = (ordinal: number, more: object = {}) => ({
  ordinal,
  subject: { kind: 'account', key: String(ordinal), email: `person${ordinal}@northwind.example`, name: null },
  change: 'disable_user',
  summary: `Disable person${ordinal}@northwind.example; the vault is kept`,
  effect: 'write',
  undo: { is_possible: true, how: 'Enable the user again' },
  params: {},
  before: { status: 'active', roles: ['basic'], groups: ['Sales'] },
  preview: {
    method: 'POST',
    url: 'https://lastpass.example/enterpriseapi.php',
    headers: {},
    body: '{"provhash":"••••","cmd":"disableuser"}',
  },
  outcome: null,
  ...more,
});

export const plan = (more: object = {}, changes: readonly object[] = [change(1)]) => ({
  id: 'plan-1',
  connection: 'lastpass',
  action: 'lastpass_disable_user',
  title: 'Disable a user',
  state: 'ready',
  effect: 'write',
  requested_by: ada,
  reason: null,
  created_at: '2026-11-21T10:00:00.000Z',
  expires_at: '2026-11-28T10:00:00.000Z',
  changes: changes.length,
  run_id: null,
  input: {},
  apply_when_approved: true,
  approval_reasons: [],
  guards: [],
  decisions: [],
  first_changes: changes,
  next: null,
  ...more,
});

export const run = (state: string, counts: Readonly<Record<string, number>>, more: object = {}) => ({
  id: 'run-1',
  plan_id: 'plan-1',
  connection: 'lastpass',
  action: 'lastpass_disable_user',
  title: 'Disable a user',
  state,
  requested_by: ada,
  created_at: '2026-11-21T10:00:00.000Z',
  started_at: '2026-11-21T10:00:01.000Z',
  finished_at: state === 'running' ? null : '2026-11-21T10:00:01.800Z',
  pending: null,
  reason: null,
  total: Object.values(counts).reduce((sum, each) => sum + each, 0),
  counts: { planned: 0, calling: 0, called: 0, done: 0, skipped: 0, failed: 0, uncertain: 0, ...counts },
  can_retry: false,
  can_undo: true,
  ...more,
});

/** A change as the stream tells it. */
export const told = (ordinal: number, state: string, outcome: string | null = null) => ({
  ordinal,
  subject: `person${ordinal}@northwind.example`,
  summary: `Disable person${ordinal}@northwind.example; the vault is kept`,
  state,
  attempt: 1,
  outcome,
});

/** Server-sent events as they come over the wire. */
export function events(...messages: readonly (readonly [event: string, data: object, id?: number])[]): string {
  return messages
    .map(
      ([event, data, id]) =>
        `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`,
    )
    .join(':\n\n');
}

/** A server where planning gives `planned` and its run ends at once, with these events. */
export function doorRoutes(planned: object, stream: string, more: StubRoutes = {}): StubRoutes {
  return {
    'GET /actions/lastpass_disable_user': [200, disableAction],
    'GET /v1/connections': [200, { data: [{ id: 'lastpass', connector: 'lastpass', state: 'active' }], next: null }],
    'POST /v1/plans': [201, planned],
    'GET /v1/me': [200, { principal: { kind: 'person' }, permissions: ['plan:approve', 'plan:make'] }],
    'POST /v1/plans/plan-1/apply': [202, run('running', { planned: 1 })],
    'POST /v1/plans/plan-1/cancel': [200, planned],
    'GET /v1/runs/run-1/events': [200, stream],
    'GET /v1/handoffs': [200, { data: [], next: null }],
    ...more,
  };
}
