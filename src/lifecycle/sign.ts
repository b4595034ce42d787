import { hash } from 'node:crypto';
import { canonicalText } from '../model/canonical.ts';
import { UsherError } from '../model/errors.ts';
import type { JsonValue } from '../model/records.ts';
import type { Vault } from '../secrets/vault.ts';
import type { PlanChangeRow, PlanRow } from '../store/lifecycle/plans.ts';
import {
  parseContent, parseHeader, type PlanChangeContent, type PlanHeader,
} from './stored-plan.ts'; // prettier-ignore

type Signer = Pick<Vault, 'sign' | 'isSigned'>;

/** What is kept of a plan so that an edit in the database shows. */
export interface SignedPlan {
  readonly header: string;
  readonly rootHash: string;
  readonly mac: string;
  readonly changes: readonly PlanChangeRow[];
}

/** One decision as it is signed; it binds to one plan as that was signed. */
export interface SignableDecision {
  readonly principalId: string;
  readonly decision: 'approve' | 'reject' | 'cancel';
  readonly reason: string | null;
  readonly decidedAt: string;
}

const PLAN = 'usher plan';
const CHANGE = 'usher plan change';
const DECISION = 'usher plan decision';

/** Makes the bytes of a plan and signs them under the master key, the whole and each change by itself. */
export function signPlan(vault: Signer, header: PlanHeader, contents: Iterable<PlanChangeContent>): SignedPlan {
  let rootHash = '';
  const changes: PlanChangeRow[] = [];
  for (const content of contents) {
    const text = canonicalText(content);
    rootHash = nextHash(rootHash, text);
    changes.push({
      ordinal: content.ordinal,
      subjectKey: content.subject.key,
      content: text,
      mac: vault.sign(changeBytes(header.id, content.ordinal, text), CHANGE),
    });
  }
  const text = canonicalText(header);
  return { header: text, rootHash, mac: vault.sign(planBytes(text, rootHash), PLAN), changes };
}

/** Signs a changed header anew; the changes stay as they are. */
export function signHeader(
  vault: Signer,
  header: PlanHeader,
  rootHash: string,
): { readonly header: string; readonly mac: string } {
  const text = canonicalText(header);
  return { header: text, mac: vault.sign(planBytes(text, rootHash), PLAN) };
}

/** The header of a stored plan, checked. Throws `stale` with code `planAltered` where it is not what was signed. */
export function verifyPlan(vault: Signer, row: Pick<PlanRow, 'id' | 'header' | 'rootHash' | 'mac'>): PlanHeader {
  if (!vault.isSigned(planBytes(row.header, row.rootHash), PLAN, row.mac)) throw planAltered(row.id);
  const header = parseHeader(row.header);
  if (header.id !== row.id) throw planAltered(row.id);
  return header;
}

/** One change of a stored plan, checked. Throws `stale` with code `planAltered`. */
export function verifyChange(vault: Signer, planId: string, row: PlanChangeRow): PlanChangeContent {
  if (!vault.isSigned(changeBytes(planId, row.ordinal, row.content), CHANGE, row.mac)) throw planAltered(planId);
  const content = parseContent(row.content);
  if (content.ordinal !== row.ordinal || content.subject.key !== row.subjectKey) throw planAltered(planId);
  return content;
}

/** The same plan signed under the vault's present key; null where it is not what was signed. */
export function resignedPlan(
  vault: Signer,
  { header, rootHash, mac }: Pick<PlanRow, 'header' | 'rootHash' | 'mac'>,
): string | null {
  const bytes = planBytes(header, rootHash);
  return vault.isSigned(bytes, PLAN, mac) ? vault.sign(bytes, PLAN) : null;
}

/** The same change signed under the vault's present key; null where it is not what was signed. */
export function resignedChange(vault: Signer, planId: string, { ordinal, content, mac }: PlanChangeRow): string | null {
  const bytes = changeBytes(planId, ordinal, content);
  return vault.isSigned(bytes, CHANGE, mac) ? vault.sign(bytes, CHANGE) : null;
}

/** Goes on with the rolling hash over changes in their order; '' to begin with. */
export function nextHash(before: string, content: string): string {
  return hash('sha256', before + content, 'hex');
}

/** Signs a decision for a plan. */
export function signDecision(vault: Signer, plan: Pick<PlanRow, 'mac'>, decision: SignableDecision): string {
  return vault.sign(decisionBytes(plan, decision), DECISION);
}

/** Whether a stored decision was made, as it stands there, for this very plan. */
export function isDecisionSigned(
  vault: Signer,
  plan: Pick<PlanRow, 'mac'>,
  decision: SignableDecision & { readonly mac: string },
): boolean {
  return vault.isSigned(decisionBytes(plan, decision), DECISION, decision.mac);
}

/** The error for a stored plan that is not what was signed. */
export function planAltered(planId: string): UsherError {
  return new UsherError(
    'stale',
    `The stored plan ${planId} is not what was signed: somebody changed it in the database.`,
    {
      code: 'planAltered',
      next: 'Nothing of it is carried out. Make the plan again, and find out who may write to the database.',
    },
  );
}

function planBytes(header: string, rootHash: string): string {
  return `${header}\n${rootHash}`;
}

function changeBytes(planId: string, ordinal: number, content: string): string {
  return `${planId}\n${ordinal}\n${content}`;
}

function decisionBytes({ mac }: Pick<PlanRow, 'mac'>, decision: SignableDecision): string {
  const { principalId, decision: what, reason, decidedAt } = decision;
  const bytes: JsonValue = { planMac: mac, principalId, decision: what, reason, decidedAt };
  return canonicalText(bytes);
}
