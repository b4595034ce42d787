import type { SimulatorAnswer } from '../../../connector-kit/simulator-kit/server.ts';
import { audited, type Company, endUser, newId, userAt } from './company.ts';
import { foldAddress, type StoredProduct, type StoredUser } from './model.ts';
import { answer, type Call, isRecord, noRoute, readText, refused, timeText } from './wire.ts';

const STATUSES = new Set(['ACTIVE', 'PENDING', 'DISABLED']);

/** `GET /users`: a bare array without paging; filters by equality, letter case aside. */
export function getUsers(call: Call): SimulatorAnswer {
  const { company, request } = call;
  const status = request.query.get('status');
  const admin = request.query.get('platform-admin');
  if (status !== null && !STATUSES.has(status)) return refused(call, 400, `Unknown status ${status}.`);
  if (admin !== null && admin !== 'true' && admin !== 'false')
    return refused(call, 400, 'platform-admin is true or false.');
  const isAsked = (name: string, value: string): boolean => {
    const wanted = request.query.get(name);
    const { emailFilter } = company.switches;
    if (wanted === null || (name === 'email' && emailFilter === 'ignored')) return true;
    if (name === 'email' && emailFilter === 'exact') return wanted === value;
    return foldAddress(wanted) === foldAddress(value);
  };
  const found = [...company.users.values()].filter(
    (user) =>
      isAsked('email', user.email) &&
      isAsked('first_name', user.firstName) &&
      isAsked('last_name', user.lastName) &&
      (status === null || user.status === status) &&
      (admin === null || String(user.platformAdmin) === admin),
  );
  return answer(
    200,
    found.map((user) => userJson(company, user)),
  );
}

export function getUser(call: Call): SimulatorAnswer {
  const user = userOf(call);
  return user === null ? notThere(call) : answer(200, userJson(call.company, user));
}

/** `POST /users`: the user is PENDING until the invitation, which goes out by mail, is accepted. */
export function createUser(call: Call): SimulatorAnswer {
  const { company, body, effect, actor } = call;
  if (!isRecord(body)) return refused(call, 400, 'The body is not an object.');
  const email = readText(body['email']);
  const firstName = readText(body['first_name']);
  const lastName = readText(body['last_name']);
  if (email === null || !email.includes('@')) return refused(call, 400, 'email is required.');
  if (firstName === null || lastName === null) return refused(call, 400, 'first_name and last_name are required.');
  if (company.switches.sso === 'on') return refused(call, 403, 'Users are managed by the identity provider.');
  if (userAt(company, email) !== null) return refused(call, 409, 'A user with this email already exists.');
  const user: StoredUser = {
    id: newId(company, 'user'),
    email: email.trim(),
    firstName,
    lastName,
    timezone: readText(body['timezone']) ?? 'UTC',
    status: 'PENDING',
    platformAdmin: body['platform_admin'] === true,
    federated: false,
    lastLogin: null,
    products: [],
    roles: {},
    sessions: 0,
  };
  company.users.set(user.id, user);
  audited(company, { action: 'USER_CREATED', actor, target: user.email, address: call.request.remoteAddress });
  effect('user.created', user.email);
  effect('mail.invitation', user.email);
  const { creates } = company.switches;
  return answer(creates === '200' ? 200 : 201, creates === 'empty' ? null : userJson(company, user));
}

/** `PATCH` or `PUT /users/{id}`: names; the address cannot change. */
export function updateUser(call: Call): SimulatorAnswer {
  const { company, body, request, effect, actor } = call;
  const { updateVerb, putReplaces, emailChange } = company.switches;
  if (updateVerb !== 'both' && updateVerb !== request.method) {
    const verbs = ['GET', 'DELETE', ...(updateVerb === 'none' ? [] : [updateVerb])];
    return { ...refused(call, 405, 'Method Not Allowed'), headers: jsonAllowing(verbs) };
  }
  const user = userOf(call);
  if (user === null) return notThere(call);
  if (!isRecord(body)) return refused(call, 400, 'The body is not an object.');
  const email = readText(body['email']);
  if (email !== null && foldAddress(email) !== foldAddress(user.email) && emailChange === 'refused') {
    return refused(call, 400, 'email cannot be changed.');
  }
  const firstName = readText(body['first_name']);
  const lastName = readText(body['last_name']);
  const isPut = request.method === 'PUT';
  if (isPut && (firstName === null || lastName === null)) {
    return refused(call, 400, 'first_name and last_name are required.');
  }
  const replaced = isPut && putReplaces === 'on';
  const changed: StoredUser = {
    ...user,
    firstName: firstName ?? user.firstName,
    lastName: lastName ?? user.lastName,
    timezone: replaced ? (readText(body['timezone']) ?? 'UTC') : user.timezone,
    platformAdmin: replaced ? body['platform_admin'] === true : user.platformAdmin,
  };
  if (JSON.stringify(changed) !== JSON.stringify(user)) {
    company.users.set(user.id, changed);
    audited(company, { action: 'USER_UPDATED', actor, target: user.email, address: request.remoteAddress });
    effect('user.updated', user.email);
  }
  return answer(200, userJson(company, changed));
}

/** `DELETE /users/{id}`: the only way to end access. */
export function deleteUser(call: Call): SimulatorAnswer {
  const { company, effect, actor, request } = call;
  const user = userOf(call);
  if (user === null) return notThere(call);
  endUser(company, user, effect);
  audited(company, { action: 'USER_DELETED', actor, target: user.email, address: request.remoteAddress });
  return company.switches.deletes === '200' ? answer(200, {}) : answer(204, null);
}

/** `GET /users/{id}/products`: nobody has seen it. */
export function getUserProducts(call: Call): SimulatorAnswer {
  const { company } = call;
  if (company.switches.userProducts !== 'endpoint') return noRoute();
  const user = userOf(call);
  if (user === null) return notThere(call);
  return answer(200, productsOf(company, user));
}

/** `PATCH /users/{id}/products/{token}`: gives the product. */
export function assignProduct(call: Call): SimulatorAnswer {
  return changeProduct(call, (products, token) => [...products, token], 'product.assigned', 'USER_PRODUCT_ASSIGNED');
}

/** `DELETE /users/{id}/products/{token}`: takes it away; inferred from "remove user product access". */
export function removeProduct(call: Call): SimulatorAnswer {
  if (call.company.switches.productRemoval === 'off') {
    return { ...refused(call, 405, 'Method Not Allowed'), headers: jsonAllowing(['PATCH']) };
  }
  const without = (products: readonly string[], token: string): string[] => products.filter((each) => each !== token);
  return changeProduct(call, without, 'product.removed', 'USER_PRODUCT_REMOVED');
}

/** `PUT /users/{id}/organizations/{organizationId}/roles` with `["<roleId>"]`; the body is attested, the URL is not. */
export function setRoles(call: Call): SimulatorAnswer {
  const { company, body, params, effect } = call;
  if (company.switches.roleUrl === 'off') return noRoute();
  const user = userOf(call);
  const organization = params[1] ?? '';
  if (user === null) return notThere(call);
  if (!company.organizations.some(({ id }) => id === organization)) return notThere(call);
  if (!Array.isArray(body) || !body.every((id) => typeof id === 'string' && company.roles.has(id))) {
    return refused(call, 400, 'The body is a list of ids of roles.');
  }
  const roles = body.filter((id) => typeof id === 'string');
  company.users.set(user.id, { ...user, roles: { ...user.roles, [organization]: roles } });
  effect('roles.set', user.email, { organization, roles });
  return answer(200, roles);
}

/** A user as the Account API shows it (keys as a typed client declares them). */
export function userJson(company: Company, user: StoredUser): object {
  const { pendingLogin, userProducts } = company.switches;
  return {
    id: user.id,
    email: user.email,
    first_name: user.firstName,
    last_name: user.lastName,
    timezone: user.timezone,
    status: user.status,
    platform_admin: user.platformAdmin,
    federated: user.federated,
    ...(user.lastLogin !== null && { last_login: timeText(user.lastLogin) }),
    ...(user.lastLogin === null && pendingLogin === 'null' && { last_login: null }),
    ...(userProducts === 'inline' && { products: productsOf(company, user) }),
  };
}

export function productJson({ token, code, organizationId, organizationName }: StoredProduct): object {
  return {
    product_token: token,
    product_code: code,
    organization_id: organizationId,
    organization_name: organizationName,
  };
}

function productsOf(company: Company, user: StoredUser): readonly object[] {
  return company.products.filter(({ token }) => user.products.includes(token)).map(productJson);
}

function changeProduct(
  call: Call,
  change: (products: readonly string[], token: string) => string[],
  kind: string,
  action: string,
): SimulatorAnswer {
  const { company, params, effect, actor, request } = call;
  const user = userOf(call);
  const product = company.products.find(({ token }) => token === params[1]);
  if (user === null || product === undefined) return notThere(call);
  const products = [...new Set(change(user.products, product.token))];
  if (products.length !== user.products.length) {
    company.users.set(user.id, { ...user, products });
    audited(company, { action, actor, target: user.email, address: request.remoteAddress });
    effect(kind, user.email, { product: product.code });
  }
  return answer(200, productJson(product));
}

function userOf({ company, params }: Call): StoredUser | null {
  return company.users.get(params[0] ?? '') ?? null;
}

function notThere(call: Call): SimulatorAnswer {
  return refused(call, 404, 'The requested resource does not exist.');
}

function jsonAllowing(verbs: readonly string[]): Record<string, string> {
  return { 'content-type': 'application/json', allow: verbs.join(', ') };
}
