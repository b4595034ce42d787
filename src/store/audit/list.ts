import { sql } from 'kysely';
import type { AuditKind, AuditOutcome } from '../../model/audit.ts';
import { fold } from '../../model/ids.ts';
import { type Page, pageOf } from '../read/page.ts';
import { allOf, type Query, type RawBuilder } from '../read/sql.ts';
import type { LinkedEntry } from './chain.ts';

/** What a reader of the audit log wants to see; what is absent does not narrow. */
export interface AuditFilter {
  readonly kind?: AuditKind;
  readonly outcome?: AuditOutcome;
  /** A principal's id. */
  readonly actor?: string;
  readonly connection?: string;
  /** A key (`account` key, id of a principal or token), or the name or address it went by. */
  readonly subject?: string;
  readonly plan?: string;
  readonly run?: string;
  /** ISO 8601, UTC; the first moment that counts. */
  readonly since?: string;
  /** ISO 8601, UTC; the first moment that counts no more. */
  readonly until?: string;
}

type Listed = Pick<LinkedEntry, 'seq' | 'content' | 'hash'>;

/** Linked entries before a place (null: the end), newest first. */
export async function listAuditEntries(
  query: Query,
  filter: AuditFilter,
  before: number | null,
  pageSize: number,
): Promise<Page<Listed>> {
  const { rows } = await auditEntriesStatement(filter, before, pageSize + 1).execute(query);
  return pageOf(rows, pageSize);
}

/** The statement of `listAuditEntries`. */
export function auditEntriesStatement(filter: AuditFilter, before: number | null, limit: number): RawBuilder<Listed> {
  const { kind, outcome, actor, connection, subject, plan, run, since, until } = filter;
  const where = allOf([
    before === null ? null : sql`seq < ${before}::bigint`,
    kind === undefined ? null : sql`kind = ${kind}`,
    outcome === undefined ? null : sql`outcome = ${outcome}`,
    actor === undefined ? null : sql`actor_id = ${actor}`,
    connection === undefined ? null : sql`connection_id = ${connection}`,
    subject === undefined ? null : sql`(subject_key = ${subject} or subject_name = ${fold(subject)})`,
    plan === undefined ? null : sql`plan_id = ${plan}`,
    run === undefined ? null : sql`run_id = ${run}`,
    since === undefined ? null : sql`at >= ${since}::timestamptz`,
    until === undefined ? null : sql`at < ${until}::timestamptz`,
  ]);
  return sql<Listed>`select seq, content, hash from audit_entry where ${where} order by seq desc limit ${limit}`;
}
