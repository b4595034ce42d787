import type { FieldShape, JsonType } from '../../connector-kit/drift.ts';

const text: readonly JsonType[] = ['string'];
const textOrNull: readonly JsonType[] = ['string', 'null'];
const flag: readonly JsonType[] = ['boolean'];

/** The words known for the status of a user. */
export const USER_STATUSES: ReadonlySet<string> = new Set(['ACTIVE', 'PENDING', 'DISABLED']);

/** What a user looks like (a typed client of the Account API). `products` is allowed for: nobody has seen it. */
export const USER_SHAPE: Readonly<Record<string, FieldShape>> = {
  id: { types: text, isRequired: true },
  email: { types: text, isRequired: true },
  first_name: { types: textOrNull, isRequired: true },
  last_name: { types: textOrNull, isRequired: true },
  timezone: { types: textOrNull },
  status: { types: text, values: USER_STATUSES, isRequired: true },
  platform_admin: { types: flag, isRequired: true },
  federated: { types: flag },
  last_login: { types: textOrNull },
  products: { types: ['array'] },
};

/** What a user is in the guide's list. */
export const VM_USER_SHAPE: Readonly<Record<string, FieldShape>> = {
  id: { types: ['number'], isRequired: true },
  login: { types: text, isRequired: true },
  email: { types: textOrNull, isRequired: true },
};

/** A product (JupiterOne's recordings). */
export const PRODUCT_SHAPE: Readonly<Record<string, FieldShape>> = {
  product_token: { types: text, isRequired: true },
  product_code: { types: text, isRequired: true },
  organization_id: { types: textOrNull },
  organization_name: { types: textOrNull },
};

/** A role has at least these; the organization on roles of one. */
export const ROLE_SHAPE: Readonly<Record<string, FieldShape>> = {
  id: { types: text, isRequired: true },
  name: { types: text, isRequired: true },
  description: { types: textOrNull },
  organization_id: { types: textOrNull },
};

/** A group; how its members are told is not published: ids or objects, under `users` or `members`. */
export const GROUP_SHAPE: Readonly<Record<string, FieldShape>> = {
  id: { types: text, isRequired: true },
  name: { types: text, isRequired: true },
  description: { types: textOrNull },
  users: { types: ['array'] },
  members: { types: ['array'] },
};

export const ORGANIZATION_SHAPE: Readonly<Record<string, FieldShape>> = {
  id: { types: text, isRequired: true },
  name: { types: text, isRequired: true },
  region: { types: textOrNull },
  external_id: { types: textOrNull },
};
