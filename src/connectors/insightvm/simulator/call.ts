import type { SimulatorAnswer, SimulatorRequest } from '../../../connector-kit/simulator-kit/server.ts';
import type { EffectRecorder } from '../../../connector-kit/simulator-kit/logs.ts';
import type { Console } from './console.ts';
import type { StoredUser } from './model.ts';
import type { AccessList } from './users.ts';
import { answer, API_PATH, badRequest, type Link, noContent, notFound, Refusal, type Wire } from './wire.ts';

/** One authenticated request to a known path. */
export interface Call {
  readonly console: Console;
  readonly request: SimulatorRequest;
  readonly caller: StoredUser;
  /** Whether the caller is a Global Administrator. */
  readonly isAdmin: boolean;
  /** Scheme, host and port for links; '' where links are relative. */
  readonly origin: string;
  /** Parts of the path by their names in the route. */
  readonly params: Readonly<Record<string, string>>;
  readonly effect: EffectRecorder;
}

export type Handler = (call: Call) => SimulatorAnswer;

/** Only for Global Administrators: others are told what the switch says. */
export function requireAdmin({ isAdmin, console }: Call): void {
  if (isAdmin) return;
  const { denied } = console.switches;
  if (denied === '404') throw notFound();
  throw new Refusal(Number(denied), 'You are not authorized to perform this operation.');
}

/** Global Administrators, and those whose role has the privilege. */
export function requirePrivilege(call: Call, privilege: string): void {
  const role = call.console.roles.get(call.caller.role.id);
  if (role?.privileges?.includes(privilege) !== true) requireAdmin(call);
}

/** A number of the path; anything else is not there. */
export function numberOf({ params }: Call, name: string): number {
  const text = params[name] ?? '';
  if (!/^\d{1,9}$/.test(text)) throw notFound();
  return Number(text);
}

/** The user of the path. */
export function userOf(call: Call, name = 'id'): StoredUser {
  const user = call.console.users.get(numberOf(call, name));
  if (!user) throw notFound();
  return user;
}

/** Whether this login may see a site or asset group. */
export function canSee({ isAdmin, caller }: Call, list: AccessList, id: number): boolean {
  const { allSites, allAssetGroups } = caller.role;
  return isAdmin || (list === 'sites' ? allSites : allAssetGroups) || caller[list].includes(id);
}

/** The body as JSON. Throws a 400. */
export function bodyOf({ request }: Call): unknown {
  try {
    const body: unknown = JSON.parse(request.body);
    return body;
  } catch {
    throw badRequest('The request body could not be read as JSON.');
  }
}

/** The address of a path of the API. */
export function hrefOf({ origin }: Call, path: string): string {
  return `${origin}${API_PATH}${path}`;
}

/** A link to a path of the API. */
export function link(call: Call, path: string, rel = 'self'): Link {
  return { href: hrefOf(call, path), rel };
}

/** The link every answer has to itself, as it was asked for. */
export function selfLink({ origin, request }: Call): Link {
  return { href: `${origin}${request.path}`, rel: 'self' };
}

/** 200 and a body. */
export function ok(body: Wire): SimulatorAnswer {
  return answer(200, body);
}

/** 200 and nothing but links. */
export function done(call: Call, ...more: readonly Link[]): SimulatorAnswer {
  return ok({ links: [selfLink(call), ...more] });
}

/** The end of a deletion: links, or nothing where the switch says so. */
export function deleted(call: Call, ...links: readonly Link[]): SimulatorAnswer {
  return call.console.switches.deleteStatus === '204' ? noContent() : done(call, ...links);
}

/** A list that is not paged. */
export function listed(call: Call, resources: readonly Wire[]): SimulatorAnswer {
  return ok({ [resourcesKey(call)]: resources, links: [selfLink(call)] });
}

/** `resources`, or what another version calls it. */
export function resourcesKey({ console }: Call): string {
  return console.switches.drift === 'resources' ? 'items' : 'resources';
}
