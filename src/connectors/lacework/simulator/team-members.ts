import { z } from 'zod';
import { accountOf, address, audit, bodyOf, type Call, flag, flagOf, isoOrZero, parseBody, text } from './call.ts';
import { isAccountAdmin } from './access.ts';
import type { Member } from './model.ts';
import { isPageToken, listAnswer, readCursor } from './paging.ts';
import { emptySearch, isFound, project, readSearch } from './search.ts';
import { createOrgMember, deleteOrgMember, getOrgMember, orgRows, patchOrgMember } from './team-members-org.ts';
import { drifted, duplicate, invited, named, newMember, removeMember, updated } from './people.ts';
import { accountNamed } from './tenant.ts';
import { type Answer, isRecord, json, nothing, Refused } from './wire.ts';

const SEARCHABLE = ['custGuid', 'userGuid', 'userName', 'userEnabled'];

/** `GET TeamMembers`: a row a person and account; the organization's are those of all accounts without RBAC. */
export function listTeamMembers(call: Call): Answer {
  return page(call, rowsIn(call), call.query.get('nextPage'));
}

/** `GET TeamMembers/{userGuid}`; in the organization another object, without props. */
export function getTeamMember(call: Call): Answer {
  const [guid = ''] = call.params;
  if (isPageToken(guid)) return page(call, rowsIn(call), guid);
  if (call.scope.kind === 'organization') return getOrgMember(call, guid);
  return json(200, { data: memberRow(call, shownHere(call, guid)) });
}

/** `POST TeamMembers/search`: rows of an account style, whatever the level. */
export function searchTeamMembers(call: Call): Answer {
  const search = readSearch(call, SEARCHABLE);
  const found = rowsIn(call)
    .map((member) => memberRow(call, member))
    .filter((row) => isFound({ ...row, userEnabled: Number(row['userEnabled']) }, search));
  if (found.length === 0) return emptySearch(call);
  return json(200, { data: found.map((row) => project(row, search)) });
}

/** `POST TeamMembers`: 201 and a mail to the person. */
export function createTeamMember(call: Call): Answer {
  if (call.scope.kind === 'organization') return createOrgMember(call);
  const { tenant } = call;
  const account = accountOf(call);
  const body = parseBody({ ...call, body: seedBody(call) }, createBody(call));
  if (tenant.members.ofEmail(account.name, body.userName)) throw duplicate(call, body.userName);
  const member = newMember(tenant, account, {
    email: body.userName,
    firstName: body.props.firstName,
    lastName: body.props.lastName,
    company: body.props.company ?? '',
    isEnabled: body.userEnabled,
    isAdmin: body.props.accountAdmin ?? false,
  });
  tenant.members.put(member);
  invited(call, member.email, [account.name]);
  audit(call, account.name, 'Team Member', 'Create', `Team member ${member.email} was created`);
  return json(201, { data: memberRow(call, member) });
}

/** `PATCH TeamMembers/{userGuid}`: what is given changes; the address never does. */
export function patchTeamMember(call: Call): Answer {
  const [guid = ''] = call.params;
  if (call.scope.kind === 'organization') return patchOrgMember(call, guid);
  const { tenant } = call;
  const member = writtenHere(call, guid);
  const { userEnabled, props = {} } = parseBody(call, patchBody(call));
  const next: Member = {
    ...member,
    isEnabled: userEnabled ?? member.isEnabled,
    ...named(member, props),
    company: props.company ?? member.company,
    isAdmin: props.accountAdmin ?? member.isAdmin,
    updated: tenant.clock.now().getTime(),
    updatedBy: call.caller.name,
  };
  tenant.members.put(next);
  updated(call, member, next);
  audit(call, member.account, 'Team Member', 'Update', `Team member ${member.email} was updated`);
  return json(200, { data: memberRow(call, next) });
}

/** `DELETE TeamMembers/{userGuid}`: 204, nothing in it. */
export function deleteTeamMember(call: Call): Answer {
  const [guid = ''] = call.params;
  if (call.scope.kind === 'organization') return deleteOrgMember(call, guid);
  removeMember(call, writtenHere(call, guid));
  return nothing();
}

/** A row as the account level has it, in lists of the organization too. */
export function memberRow(call: Call, member: Member): Readonly<Record<string, unknown>> {
  const { switches } = call.tenant;
  const account = accountNamed(call.tenant, member.account);
  const time = (epochMs: number | null) =>
    switches.neverTime === 'absent' && epochMs === null ? undefined : isoOrZero(epochMs);
  const name = switches.seedCompat === 'on' ? 'username' : 'userName';
  const row = {
    custGuid: account?.custGuid ?? '',
    userGuid: member.guid,
    [name]: member.email,
    userEnabled: flag(call, member.isEnabled),
    props: {
      firstName: member.firstName,
      lastName: member.lastName,
      company: member.company,
      accountAdmin: account !== null && isAccountAdmin(member, account),
      orgAdmin: member.orgRole === 'admin',
      orgUser: member.orgRole === 'user',
      jitCreated: member.isJit,
      createdTime: isoOrZero(member.created),
      updatedTime: time(member.updated),
      updatedBy: member.updatedBy ?? undefined,
      lastLoginTime: time(member.lastLogin),
      lastSessionCreatedTime: time(member.lastLogin),
    },
  };
  return drifted(call, row);
}

function page(call: Call, rows: readonly Member[], token: string | null): Answer {
  return listAnswer(call, {
    rows,
    render: (member) => memberRow(call, member),
    isPaged: call.tenant.switches.pagedLists === 'on',
    of: 'TeamMembers',
    cursor: token === null ? null : readCursor(call, token, 'TeamMembers'),
    spec: null,
  });
}

/** What a reader sees: people only, as service users came with RBAC. */
function rowsIn(call: Call): readonly Member[] {
  const rows = call.scope.kind === 'organization' ? orgRows(call) : call.tenant.members.list(accountOf(call).name);
  return rows.filter(({ type }) => type === 'StandardUser');
}

function shownHere(call: Call, guid: string): Member {
  const member = call.tenant.members.shown(guid);
  if (member?.account !== accountOf(call).name || member.type !== 'StandardUser') throw new Refused(404, 'Not Found');
  return member;
}

function writtenHere(call: Call, guid: string): Member {
  const member = call.tenant.members.get(guid);
  if (member?.account !== accountOf(call).name || member.type !== 'StandardUser') throw new Refused(404, 'Not Found');
  return member;
}

function createBody(call: Call) {
  const company = call.tenant.switches.seedCompat === 'on' ? text.optional() : text;
  return bodyOf(call, {
    userName: address,
    userEnabled: flagOf(call),
    props: bodyOf(call, { firstName: text, lastName: text, company, accountAdmin: z.boolean().optional() }),
  });
}

function patchBody(call: Call) {
  return bodyOf(call, {
    userEnabled: flagOf(call).optional(),
    props: bodyOf(call, {
      firstName: text.optional(),
      lastName: text.optional(),
      company: text.optional(),
      accountAdmin: z.boolean().optional(),
    }).optional(),
  });
}

/** A guide writes `username`. */
function seedBody({ tenant, body }: Call): unknown {
  if (tenant.switches.seedCompat === 'off' || !isRecord(body) || !('username' in body)) return body;
  const { username, ...rest } = body;
  return { userName: username, ...rest };
}
