import { z } from 'zod';
import type { RequestPreview } from '../connector-kit/http/types.ts';
import type { Basis, ChangeEffect, Guard, GuardFinding, Hold, Subject } from '../model/changes.ts';
import type { JsonValue } from '../model/records.ts';

/** What is signed of a plan, apart from its changes. Kept as the canonical JSON of this very object. */
export interface PlanHeader {
  readonly version: 1;
  readonly id: string;
  readonly connectionId: string;
  readonly connector: string;
  readonly mappingVersion: number;
  readonly action: string;
  readonly title: string;
  /** With secrets masked. */
  readonly input: JsonValue;
  readonly effect: ChangeEffect;
  readonly requestedBy: { readonly id: string; readonly name: string; readonly kind: 'person' | 'service' | 'agent' };
  readonly reason: string | null;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly appliesWhenApproved: boolean;
  /** ISO 8601, UTC: nothing is called earlier. Absent: as soon as it is applied. */
  readonly applyAt?: string;
  /** Empty: nobody has to approve. */
  readonly approvalReasons: readonly string[];
  readonly guards: readonly GuardFinding[];
  readonly override: readonly Guard[];
  /** How many changes. */
  readonly changes: number;
  /** The run this plan takes back; null: none. */
  readonly undoes: string | null;
}

/** What is signed of each change. Kept as the canonical JSON of this very object. */
export interface PlanChangeContent {
  readonly ordinal: number;
  readonly change: string;
  readonly subject: Subject;
  /** Without secrets. */
  readonly params: Readonly<Record<string, JsonValue>>;
  /** Names of its secrets: rows of `secret` with the owner `changeSecretOwner(plan, ordinal)`. */
  readonly secrets: readonly string[];
  /** What the hand-off of the secret it makes is called; null: it makes none. The secret is a row named `handoff`. */
  readonly handoff: string | null;
  /** That secret is told by its answer, under this name. Absent: it was made with the plan. */
  readonly handoffMade?: string;
  /** Made only where the change before it on the same subject ended well. Absent: it stands by itself. */
  readonly follows?: true;
  /** Waited for before it is made. Absent: nothing. */
  readonly hold?: Hold;
  /** null: the subject is to be made, or is no account. */
  readonly basis: Basis | null;
  readonly effect: ChangeEffect;
  readonly summary: string;
  readonly undo: { readonly isPossible: boolean; readonly how: string };
  /** Status, roles, groups as the snapshot had them; null: not there. */
  readonly before: JsonValue;
  readonly preview: RequestPreview | null;
}

/** The owner of the secrets of one change. */
export function changeSecretOwner(planId: string, ordinal: number): string {
  return `plan:${planId}:${ordinal}`;
}

/** The owner of the secrets that its answer told, kept for what follows it. */
export function madeSecretOwner(planId: string, ordinal: number): string {
  return `${changeSecretOwner(planId, ordinal)}:made`;
}

/** The owner of credentials that the connection is to go over to when it ends. */
export function adoptionOwner(planId: string, ordinal: number): string {
  return `${changeSecretOwner(planId, ordinal)}:adopts`;
}

/** The owner of the credentials that the connection had before it. */
export function priorOwner(planId: string, ordinal: number): string {
  return `${changeSecretOwner(planId, ordinal)}:prior`;
}

/** Reads a stored header back. Only for bytes whose signature was checked, or for showing. */
export function parseHeader(text: string): PlanHeader {
  return headerSchema.parse(JSON.parse(text));
}

/** Reads a stored change back. Only for bytes whose signature was checked, or for showing. */
export function parseContent(text: string): PlanChangeContent {
  return contentSchema.parse(JSON.parse(text));
}

/** Where it is parsed from text, whatever is there is JSON: to look through all of it again takes most of the time. */
const json = z.custom<JsonValue>((value) => value !== undefined);
const effect = z.enum(['write', 'destructive']);
const guard = z.enum([
  'blastRadius', 'staleSnapshot', 'pausedConnection', 'protectedAccount', 'ownAccount', 'lastAdministrator',
]); // prettier-ignore

const headerSchema: z.ZodType<PlanHeader> = z.strictObject({
  version: z.literal(1),
  id: z.string(),
  connectionId: z.string(),
  connector: z.string(),
  mappingVersion: z.int(),
  action: z.string(),
  title: z.string(),
  input: json,
  effect,
  requestedBy: z.strictObject({ id: z.string(), name: z.string(), kind: z.enum(['person', 'service', 'agent']) }),
  reason: z.string().nullable(),
  createdAt: z.string(),
  expiresAt: z.string(),
  appliesWhenApproved: z.boolean(),
  applyAt: z.string().optional(),
  approvalReasons: z.array(z.string()),
  guards: z.array(
    z.strictObject({
      guard, message: z.string(), threshold: z.string(), subjects: z.array(z.string()), isOverridden: z.boolean(),
    }), // prettier-ignore
  ),
  override: z.array(guard),
  changes: z.int(),
  undoes: z.string().nullable(),
});

const contentSchema: z.ZodType<PlanChangeContent> = z.strictObject({
  ordinal: z.int(),
  change: z.string(),
  subject: z.strictObject({
    kind: z.enum(['account', 'group', 'credential', 'connection']),
    key: z.string(),
    email: z.string().nullable(),
    name: z.string().nullable(),
  }),
  params: z.record(z.string(), json),
  secrets: z.array(z.string()),
  handoff: z.string().nullable(),
  handoffMade: z.string().optional(),
  follows: z.literal(true).optional(),
  hold: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('wait'), seconds: z.number(), why: z.string() }),
      z.strictObject({ kind: z.literal('task'), task: z.string() }),
    ])
    .optional(),
  basis: z
    .strictObject({
      key: z.string().nullable(),
      email: z.string().nullable(),
      status: z.string().nullable(),
      roles: z.array(z.string()),
    })
    .nullable(),
  effect,
  summary: z.string(),
  undo: z.strictObject({ isPossible: z.boolean(), how: z.string() }),
  before: json,
  preview: z
    .strictObject({
      method: z.string(),
      url: z.string(),
      headers: z.record(z.string(), z.string()),
      body: z.string().nullable(),
    })
    .nullable(),
});
