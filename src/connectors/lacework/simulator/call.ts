import { z } from 'zod';
import type { EffectRecorder } from '../../../connector-kit/simulator-kit/logs.ts';
import type { Caller, Scope } from './access.ts';
import type { Account } from './model.ts';
import type { Tenant } from './tenant.ts';
import { isRecord, Refused } from './wire.ts';

/** A request that may be answered: who asks, about what, with what. */
export interface Call {
  readonly tenant: Tenant;
  readonly caller: Caller;
  readonly scope: Exclude<Scope, { readonly kind: 'mismatch' }>;
  /** What stands at `:id` and the like. */
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  /** The body as JSON; undefined where there is none. */
  readonly body: unknown;
  /** Address and port the client asked, for absolute addresses in answers. */
  readonly origin: string;
  readonly effect: EffectRecorder;
}

/** The account a call is about; the primary one's place is taken for the whole organization. */
export function accountOf(call: Call): Account {
  return call.scope.kind === 'account' ? call.scope.account : call.caller.home;
}

/** Puts a row into the audit log. */
export function audit(
  call: Call,
  account: string,
  eventName: string,
  userAction: string,
  eventDescription: string,
): void {
  call.tenant.audit.append({ account, userName: call.caller.name, eventName, userAction, eventDescription });
}

/** A body of these members. Members that are not named are refused, unless switched. */
export function bodyOf<Shape extends z.ZodRawShape>(call: Call, shape: Shape) {
  return call.tenant.switches.unknownKeys === 'refuse' ? z.strictObject(shape) : z.object(shape);
}

/** 0 or 1 as a boolean. The API takes no booleans there, unless switched. */
export function flagOf({ tenant }: Call): z.ZodType<boolean> {
  const strict = z.union([z.literal(0), z.literal(1)]).transform((flag) => flag === 1);
  if (tenant.switches.integers === 'strict') return strict;
  return z.union([
    strict,
    z.boolean(),
    z.enum(['0', '1', 'true', 'false']).transform((text) => text === '1' || text === 'true'),
  ]);
}

/** An address as a user name has to be. */
export const address = z.string().regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/);
export const text = z.string().min(1);

/** Reads a body. Throws `Refused` 400, with the words seen for a key that is not known. */
export function parseBody<Schema extends z.ZodType>(call: Call, schema: Schema): z.output<Schema> {
  if (!isRecord(call.body)) throw new Refused(400, 'Invalid request: a JSON object is needed');
  const parsed = schema.safeParse(call.body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys') throw new Refused(400, `key ${issue.keys[0] ?? ''} is unrecognized`);
  throw new Refused(400, `Invalid ${issue?.path.join('.') ?? 'request'}`);
}

/** A flag as answers have it. */
export function flag({ tenant }: Pick<Call, 'tenant'>, value: boolean): boolean | number {
  if (tenant.switches.flags === 'boolean') return value;
  return value ? 1 : 0;
}

/** A moment as TeamMembers has it: ISO 8601 with milliseconds, or the number 0 where it never was. */
export function isoOrZero(epochMs: number | null): string | 0 {
  return epochMs === null ? 0 : new Date(epochMs).toISOString();
}
