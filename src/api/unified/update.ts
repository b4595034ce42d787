import { invalidInput, UsherError } from '../../model/errors.ts';
import type { UpdateBody } from './write-schemas.ts';

/** What a PATCH of a user asks for. */
export type UserUpdate =
  | { readonly kind: 'status'; readonly status: 'enabled' | 'disabled' }
  | { readonly kind: 'fields'; readonly change: { readonly name?: string; readonly email?: string } };

/**
 * What the body of a PATCH stands for; null: it changes nothing. A field that is null counts as not given. Throws
 * `unsupported` for what is known and cannot be changed, `invalidInput` for what contradicts itself.
 */
export function updateOf(body: UpdateBody): UserUpdate | null {
  refuseUnsupported(body);
  const name = fullName(body);
  const change = {
    ...(name !== null && { name }),
    ...(isGiven(body.primary_email_address) && { email: body.primary_email_address }),
  };
  const status = statusOf(body);
  if (status === null) return Object.keys(change).length === 0 ? null : { kind: 'fields', change };
  if (Object.keys(change).length === 0) return { kind: 'status', status };
  throw invalidInput(
    'status',
    'status cannot be changed together with other fields: one may be held for approval while the other is done.',
    'Send two requests: one with status alone.',
  );
}

/** The full name that a body gives, whole or in its parts; null: none. */
export function fullName(body: Pick<UpdateBody, 'name' | 'first_name' | 'last_name'>): string | null {
  const { name, first_name: first, last_name: last } = body;
  if (!isGiven(first) && !isGiven(last)) return name ?? null;
  if (isGiven(name)) {
    const isSame = [first, last].filter(isGiven).every((part) => ` ${name} `.includes(` ${part} `));
    if (isSame) return name;
    throw invalidInput('name', 'name, first_name and last_name contradict each other.', 'Give name alone.');
  }
  if (isGiven(first) && isGiven(last)) return `${first} ${last}`;
  const missing = isGiven(first) ? 'last_name' : 'first_name';
  throw invalidInput(missing, 'first_name and last_name make the full name together.', 'Give both, or name.');
}

function statusOf({ status }: UpdateBody): 'enabled' | 'disabled' | null {
  const value = status?.value ?? null;
  if (value === null || value === 'enabled' || value === 'disabled') return value;
  throw invalidInput(
    'status.value',
    `A user cannot be made "${value.slice(0, 40)}".`,
    'status.value is enabled or disabled.',
  );
}

function refuseUnsupported(body: UpdateBody): void {
  const refused = [
    isGiven(body.username) && 'username',
    isGiven(body.is_bot_user) && 'is_bot_user',
    Object.keys(body.passthrough ?? {}).length > 0 && 'passthrough',
  ].filter((field) => field !== false);
  const [field] = refused;
  if (field === undefined) return;
  throw new UsherError('unsupported', `${refused.join(', ')} of a user cannot be changed.`, {
    field,
    next: NEXT[field],
  });
}

const NEXT: Readonly<Record<string, string>> = {
  username: 'Leave it out; primary_email_address changes the address.',
  is_bot_user: 'Leave it out; mark the account as a service: PATCH /v1/accounts/{connection}/{key}/mark.',
  passthrough: 'Leave it out; POST /actions/rpc takes all that an action of the app can.',
};

function isGiven<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined;
}
