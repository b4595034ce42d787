import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type Caller, type PrincipalKind, type Role, ROLE_PERMISSIONS } from '../../model/access.ts';
import type { ChangeEffect, ChangeState, Receipt, RunState } from '../../model/changes.ts';
import { createVault } from '../../secrets/vault.ts';
import { insertPlan } from '../../store/lifecycle/plans.ts';
import { createReads } from '../../store/read/index.ts';
import { replaceSecrets } from '../../store/secrets.ts';
import { type TestDatabase, testDatabase } from '../../store/testing/index.ts';
import { createRecords, type RecordDependencies, type Records } from '../records.ts';
import { signPlan } from '../sign.ts';
import { changeSecretOwner, type PlanChangeContent, type PlanHeader } from '../stored-plan.ts';

export const CONNECTION = 'lastpass';
const START = '2026-03-02T08:00:00.000Z';
const DAY_MS = 86_400_000;

/** What of a plan a test cares about. */
export interface PlanWish {
  readonly id?: string;
  readonly by?: Caller;
  readonly connectionId?: string;
  readonly effect?: ChangeEffect;
  readonly changes?: number;
  readonly state?: 'waiting' | 'ready';
  readonly createdAt?: string;
}

/** The records over a test database with a connection and some principals, and a clock that a test may turn. */
export interface Desk {
  readonly database: TestDatabase;
  readonly vault: ReturnType<typeof createVault>;
  readonly records: Records;
  readonly clock: { now(): Date; set(time: string): void; pass(ms: number): void };
  /** Adds a principal and answers it as a caller with all its role may. */
  caller(name: string, kind: PrincipalKind, role: Role): Promise<Caller>;
  addConnection(id: string): Promise<void>;
  /** Stores a plan with a real signature and a secret in its first change; answers its id. */
  addPlan(wish?: PlanWish): Promise<string>;
  /** Stores a run of a plan, all of its changes in one state; answers its id. */
  addRun(planId: string, state?: RunState, changes?: ChangeState): Promise<string>;
  /** Starts these while the rows that `lock` selects are held, and lets go once all of them wait: truly at once. */
  atOnce<T>(lock: string, works: readonly (() => Promise<T>)[]): Promise<PromiseSettledResult<T>[]>;
  count(sql: string, ...values: readonly unknown[]): Promise<number>;
  close(): Promise<void>;
}

/** Opens a desk of its own for a test file. */
export async function openDesk(wait?: RecordDependencies['wait']): Promise<Desk> {
  const database = await testDatabase();
  const { pool } = database;
  const vault = createVault(new Uint8Array(32).fill(7));
  let time = Date.parse(START);
  const clock = {
    now: () => new Date(time),
    set: (text: string) => void (time = Date.parse(text)),
    pass: (ms: number) => void (time += ms),
  };
  const records = createRecords({ database, vault, clock, reads: createReads(database), ...(wait && { wait }) });
  let plans = 0;
  const addConnection = async (id: string): Promise<void> => {
    await pool.query(
      `insert into connection (id, connector, settings, mapping_version, created_at, updated_at)
       values ($1, 'lastpass', '{}', 1, now(), now())`,
      [id],
    );
  };
  await addConnection(CONNECTION);
  const usher = callerNamed('Usher', 'person', 'admin');
  return {
    database,
    vault,
    records,
    clock,
    addConnection,
    close: () => database.close(),
    count: async (sql, ...values) => (await pool.query(sql, [...values])).rowCount ?? 0,

    async atOnce(lock, works) {
      const holder = await pool.connect();
      try {
        await holder.query('begin');
        await holder.query(lock);
        const ends = Promise.allSettled(works.map((work) => work()));
        const waiting =
          'select from pg_locks where not granted and pid in (select pid from pg_stat_activity where datname = current_database())';
        // Not on the holder's connection: within a transaction the list of activity stands still.
        while (((await pool.query(waiting)).rowCount ?? 0) < works.length) await setImmediate();
        await holder.query('commit');
        return await ends;
      } finally {
        holder.release();
      }
    },

    async caller(name, kind, role) {
      const caller = callerNamed(name, kind, role);
      await pool.query(
        'insert into principal (id, name, kind, role, created_at, updated_at) values ($1, $2, $3, $4, now(), now())',
        [caller.principalId, name, kind, role],
      );
      return caller;
    },

    async addPlan(wish = {}) {
      const header = headerOf(wish, wish.id ?? `plan_${(plans += 1)}`, wish.by ?? usher, clock.now());
      const contents = Array.from({ length: header.changes }, (_, ordinal) => contentOf(ordinal, header.effect));
      const signed = signPlan(vault, header, contents);
      await database.transaction(async (client) => {
        const { id, connectionId, action, effect, createdAt, expiresAt } = header;
        await insertPlan(
          client,
          {
            id, connectionId, action, effect, createdAt, expiresAt, header: signed.header, rootHash: signed.rootHash,
            mac: signed.mac, state: wish.state ?? 'waiting', requestedBy: header.requestedBy.id, changes: header.changes,
            decidedAt: null,
          },
          signed.changes,
        ); // prettier-ignore
        await replaceSecrets(client, changeSecretOwner(id, 0), [{ name: 'password', sealed: 'x' }]);
      });
      return header.id;
    },

    async addRun(planId, state = 'running', changes = 'planned') {
      const id = randomUUID();
      await pool.query(
        `insert into run (id, plan_id, connection_id, requested_by, state) select $1, id, connection_id, requested_by, $3
           from plan where id = $2`,
        [id, planId, state],
      );
      await pool.query(
        `insert into run_change (run_id, ordinal, connection_id, requested_by, subject_key, state)
         select $1, ordinal, 'lastpass', 'p_ada', subject_key, $3 from plan_change where plan_id = $2 order by ordinal`,
        [id, planId, changes],
      );
      await pool.query(`update plan set state = 'applied' where id = $1`, [planId]);
      return id;
    },
  };
}

/** Somebody with all that a role may, and a token for all connections. */
export function callerNamed(name: string, kind: PrincipalKind, role: Role): Caller {
  return {
    principalId: `p_${name.toLowerCase()}`, principalName: name, principalKind: kind, role,
    permissions: ROLE_PERMISSIONS[role], tokenId: 't', connections: null,
  }; // prettier-ignore
}

/** A receipt that says this. */
export function receiptOf(summary: string): Receipt {
  return {
    summary, code: null, proof: 'state', calls: [], before: null, after: null, verifiedAt: null, handoff: null,
  }; // prettier-ignore
}

function headerOf(wish: PlanWish, id: string, by: Caller, now: Date): PlanHeader {
  const createdAt = wish.createdAt ?? now.toISOString();
  return {
    version: 1,
    id,
    connectionId: wish.connectionId ?? CONNECTION,
    connector: 'lastpass',
    mappingVersion: 1,
    action: 'lastpass_disable_user',
    title: 'Disable a user, keep the vault',
    input: { account: 'jane@northwind.example' },
    effect: wish.effect ?? 'write',
    requestedBy: { id: by.principalId, name: by.principalName, kind: by.principalKind },
    reason: 'She left.',
    createdAt,
    expiresAt: new Date(Date.parse(createdAt) + 7 * DAY_MS).toISOString(),
    appliesWhenApproved: true,
    approvalReasons: wish.state === 'ready' ? [] : ['It takes away what cannot simply be given back.'],
    guards: [],
    override: [],
    changes: wish.changes ?? 1,
    undoes: null,
  };
}

function contentOf(ordinal: number, effect: ChangeEffect): PlanChangeContent {
  const email = `jane${ordinal}@northwind.example`;
  return {
    ordinal,
    change: 'disable_user',
    subject: { kind: 'account', key: String(1000 + ordinal), email, name: 'Jane' },
    params: {},
    secrets: ordinal === 0 ? ['password'] : [],
    handoff: null,
    basis: { key: String(1000 + ordinal), email, status: 'active', roles: [] },
    effect,
    summary: `Disable ${email}; the vault is kept`,
    undo: { isPossible: true, how: 'Enable it again.' },
    before: { status: 'active' },
    preview: null,
  };
}
