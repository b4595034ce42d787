import { z } from 'zod';
import { accountOf, address, audit, bodyOf, type Call, flag, flagOf, parseBody, text } from './call.ts';
import { BUILT_IN_GROUPS, type Member } from './model.ts';
import { isPageToken, listAnswer, readCursor } from './paging.ts';
import { drifted, duplicate, invited, newMember, splitName, updated } from './people.ts';
import type { Tenant } from './tenant.ts';
import { type Answer, isRecord, json, nothing, Refused } from './wire.ts';

/** `GET TeamUsers`: people and service users of one account together; there is no such list of the organization. */
export function listTeamUsers(call: Call): Answer {
  return page(call, call.query.get('nextPage'));
}

/** `GET TeamUsers/{userGuid}` */
export function getTeamUser(call: Call): Answer {
  const [guid = ''] = call.params;
  if (isPageToken(guid)) return page(call, guid);
  const member = call.tenant.members.shown(guid);
  if (member?.account !== accountOf(call).name) throw new Refused(404, 'Not Found');
  return json(200, { data: teamUser(call, member) });
}

/** `POST TeamUsers`: a person, who gets a mail, or a service user; in no group, so without any right. */
export function createTeamUser(call: Call): Answer {
  const { tenant } = call;
  const account = accountOf(call);
  const isService = isRecord(call.body) && call.body['type'] === 'ServiceUser';
  if (isService) {
    const body = parseBody(
      call,
      bodyOf(call, {
        type: z.literal('ServiceUser'),
        name: text,
        description: z.string().optional(),
        userEnabled: flagOf(call).optional(),
      }),
    );
    const names = { displayName: body.name, firstName: '', lastName: '', description: body.description ?? '' };
    return created(
      call,
      newMember(tenant, account, {
        type: 'ServiceUser',
        email: '',
        company: '',
        isEnabled: body.userEnabled ?? true,
        isAdmin: false,
        groups: [],
        ...names,
      }),
    );
  }
  const body = parseBody(
    call,
    bodyOf(call, {
      type: z.literal('StandardUser'),
      name: text,
      email: address,
      company: text,
      userEnabled: flagOf(call).optional(),
    }),
  );
  if (tenant.members.ofEmail(account.name, body.email)) throw duplicate(call, body.email);
  const member = newMember(tenant, account, {
    email: body.email,
    ...splitName(body.name),
    company: body.company,
    isEnabled: body.userEnabled ?? true,
    isAdmin: false,
    groups: [],
  });
  const answer = created(call, member);
  invited(call, body.email, [account.name]);
  return answer;
}

/** `PATCH TeamUsers/{userGuid}`: name and flag, of service users the description; address and company never change. */
export function patchTeamUser(call: Call): Answer {
  const member = writtenHere(call);
  const body = parseBody(
    call,
    bodyOf(call, {
      name: text.optional(),
      userEnabled: flagOf(call).optional(),
      ...(member.type === 'ServiceUser' && { description: z.string().optional() }),
    }),
  );
  const { description } = z.object({ description: z.string().optional() }).parse(body);
  const next: Member = {
    ...member,
    ...(body.name !== undefined && (member.type === 'ServiceUser' ? { displayName: body.name } : splitName(body.name))),
    isEnabled: body.userEnabled ?? member.isEnabled,
    description: description ?? member.description,
    updated: call.tenant.clock.now().getTime(),
    updatedBy: call.caller.name,
  };
  call.tenant.members.put(next);
  updated(call, member, next);
  audit(call, member.account, 'Team User', 'Update', `Team user ${subjectOf(member)} was updated`);
  return json(200, { data: teamUser(call, next) });
}

/** `DELETE TeamUsers/{userGuid}`: 204; the keys of a service user go with it. */
export function deleteTeamUser(call: Call): Answer {
  const { tenant } = call;
  const member = writtenHere(call);
  tenant.members.remove(member.guid);
  for (const { keyId, owner } of tenant.keys.values()) {
    if ('guid' in owner && owner.guid === member.guid) tenant.keys.delete(keyId);
  }
  call.effect('user.deleted', subjectOf(member), { account: member.account });
  audit(call, member.account, 'Team User', 'Delete', `Team user ${subjectOf(member)} was deleted`);
  return nothing();
}

/** `POST UserGroups/{userGroupGuid}/addUsers` and `removeUsers`: the only two things there are to do with groups. */
export function changeGroup(kind: 'addUsers' | 'removeUsers'): (call: Call) => Answer {
  return (call) => {
    const { tenant } = call;
    const [groupGuid = ''] = call.params;
    const account = accountOf(call);
    const groupName = groupNameOf(tenant, account.name, groupGuid);
    if (groupName === null) throw new Refused(400, `Invalid userGroupGuid ${groupGuid}`);
    const { userGuids } = parseBody(call, bodyOf(call, { userGuids: z.array(text).min(1) }));
    const members = userGuids.map((guid) => {
      const member = tenant.members.get(guid);
      if (member?.account !== account.name) throw new Refused(400, `Invalid userGuids: ${guid} does not exist`);
      return member;
    });
    for (const member of members) {
      const has = member.groups.includes(groupGuid);
      if (has === (kind === 'addUsers')) continue;
      const groups = has ? member.groups.filter((group) => group !== groupGuid) : [...member.groups, groupGuid];
      tenant.members.put({ ...member, groups });
      call.effect(has ? 'group.removed' : 'group.added', subjectOf(member), {
        account: account.name,
        group: groupGuid,
      });
      audit(
        call,
        account.name,
        'User Group',
        'Update',
        `User ${subjectOf(member)} was ${has ? 'removed from' : 'added to'} ${groupName}`,
      );
    }
    return json(200, { data: { userGuids, userGroupGuid: groupGuid } });
  };
}

/** The name of a group of an account; null where there is none with this GUID. */
export function groupNameOf(tenant: Tenant, account: string, guid: string): string | null {
  if (Object.hasOwn(BUILT_IN_GROUPS, guid)) {
    return Object.entries(BUILT_IN_GROUPS).find(([builtIn]) => builtIn === guid)?.[1] ?? null;
  }
  return tenant.customGroups.find((group) => group.guid === guid && group.account === account)?.name ?? null;
}

function created(call: Call, member: Member): Answer {
  call.tenant.members.put(member);
  if (member.type === 'ServiceUser') call.effect('user.created', member.displayName, { accounts: [member.account] });
  audit(call, member.account, 'Team User', 'Create', `Team user ${subjectOf(member)} was created`);
  return json(201, { data: teamUser(call, member) });
}

/** A user as this API has it; the last login in epoch milliseconds, no other time at all. */
function teamUser(call: Call, member: Member): Readonly<Record<string, unknown>> {
  const groups = member.groups.flatMap((guid) => {
    const name = groupNameOf(call.tenant, member.account, guid);
    return name === null ? [] : [{ userGroupGuid: guid, userGroupName: name }];
  });
  return drifted(call, {
    userGuid: member.guid,
    type: member.type,
    name: member.displayName,
    ...(member.type === 'StandardUser'
      ? { email: member.email, company: member.company }
      : { description: member.description }),
    userEnabled: flag(call, member.isEnabled),
    userGroups: groups,
    lastLoginTime: member.lastLogin ?? 0,
    orgAccess: member.orgRole === null ? 'NO_ORG_ACCESS' : member.orgRole === 'admin' ? 'ORG_ADMIN' : 'ORG_USER',
  });
}

function page(call: Call, token: string | null): Answer {
  return listAnswer(call, {
    rows: call.tenant.members.list(accountOf(call).name),
    render: (member) => teamUser(call, member),
    isPaged: call.tenant.switches.pagedLists === 'on',
    of: 'TeamUsers',
    cursor: token === null ? null : readCursor(call, token, 'TeamUsers'),
    spec: null,
  });
}

/** Administrators of the organization are not for their accounts to change (a field script skips them). */
function writtenHere(call: Call): Member {
  const [guid = ''] = call.params;
  const member = call.tenant.members.get(guid);
  if (member?.account !== accountOf(call).name) throw new Refused(404, 'Not Found');
  if (member.orgRole === 'admin') throw new Refused(403, 'Organization administrators cannot be managed in an account');
  return member;
}

function subjectOf(member: Member): string {
  return member.email || member.displayName;
}
