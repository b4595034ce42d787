import type { SimulatorAnswer } from '../../../connector-kit/simulator-kit/server.ts';
import type { Company } from './company.ts';
import type { Folder, FolderGrant } from './model.ts';
import { answer, isRecord, readWhole, tooManyRequests } from './wire.ts';

/** `getsfdata`: all shared folders at once, without an envelope; `"all"` lists super admins too. */
export function getsfdata(company: Company, data: unknown): SimulatorAnswer {
  return answer(
    renderFolders(company, listedIds(company), { isAll: asksForAll(data), hasSites: false }),
    company.switches,
  );
}

/**
 * `getdetailedsfdata`: the same with the sites each grantee sees, in pages of `pagesize` from the zero-based `pageindex`
 * (numbers or digits; Elastic sends digits). Without pages the real one overloads itself and answers 429, as
 * elastic/integrations found out (PRs 9978 and 9988).
 */
export function getdetailedsfdata(company: Company, data: unknown): SimulatorAnswer {
  const size = isRecord(data) ? readWhole(data['pagesize']) : undefined;
  if (size === undefined || size === 0) {
    if (company.switches.unpagedDetails === '429') return tooManyRequests();
    return answer(
      renderFolders(company, listedIds(company), { isAll: asksForAll(data), hasSites: true }),
      company.switches,
    );
  }
  const index = isRecord(data) ? (readWhole(data['pageindex']) ?? 0) : 0;
  const ids = listedIds(company).slice(index * size, (index + 1) * size);
  return answer(renderFolders(company, ids, { isAll: asksForAll(data), hasSites: true }), company.switches);
}

interface Detail {
  readonly isAll: boolean;
  readonly hasSites: boolean;
}

function asksForAll(data: unknown): boolean {
  return data === 'all' || (isRecord(data) && data['data'] === 'all');
}

/** Deleted folders are listed in newer answers only, where a key tells them. */
function listedIds(company: Company): readonly number[] {
  const showsDeleted = company.switches.newerFolderKeys === 'on';
  return company.folders.ids().filter((id) => showsDeleted || company.folders.get(id)?.isDeleted === false);
}

/** Chunks where there is much, one text otherwise. */
function renderFolders(company: Company, ids: readonly number[], detail: Detail): string | Iterable<string> {
  if (ids.length === 0) return company.switches.emptyMaps;
  const chunks = folderChunks(company, ids, detail);
  return ids.length > 1_000 ? chunks : [...chunks].join('');
}

function* folderChunks(company: Company, ids: readonly number[], detail: Detail): Generator<string, void, void> {
  const superAdmins = detail.isAll ? superAdminAddresses(company) : [];
  let separator = '{';
  for (const id of ids) {
    const folder = company.folders.get(id);
    if (!folder) continue;
    yield `${separator}"${id}":${JSON.stringify(wireFolder(company, folder, superAdmins, detail))}`;
    separator = ',';
  }
  yield separator === '{' ? '{}' : '}';
}

function wireFolder(company: Company, folder: Folder, superAdmins: readonly string[], detail: Detail): unknown {
  const entries = folder.grants.flatMap((grant) => wireGrants(company, grant));
  const named = new Set(entries.map(({ username }) => username));
  const added = superAdmins
    .filter((username) => !named.has(username))
    .map((username): WireGrant => ({ username, readonly: false, give: true, canAdminister: true }));
  const isNewer = company.switches.newerFolderKeys === 'on';
  return {
    sharedfoldername: folder.name,
    ...(isNewer && { deleted: folder.isDeleted }),
    score: folder.score,
    users: [...entries, ...added].map((entry) => ({
      username: entry.username,
      ...(entry.group !== undefined && { group_name: entry.group }),
      ...(isNewer && superAdmins.includes(entry.username) && { superadmin: true }),
      readonly: flag(company, entry.readonly),
      give: flag(company, entry.give),
      can_administer: flag(company, entry.canAdminister),
      ...(detail.hasSites && { sites: entry.give ? folder.sites : folder.sites.slice(0, 1) }),
    })),
  };
}

interface WireGrant {
  readonly username: string;
  readonly group?: string;
  readonly readonly: boolean;
  readonly give: boolean;
  readonly canAdminister: boolean;
}

/** The entries of one grant; none where its user has gone. */
function wireGrants({ users, switches }: Company, { holder, ...flags }: FolderGrant): WireGrant[] {
  if ('email' in holder) return [{ username: holder.email, ...flags }];
  if ('slot' in holder) {
    const user = users.get(holder.slot);
    return user ? [{ username: user.username, ...flags }] : [];
  }
  if (switches.groupGrants === 'entry') return [{ username: holder.group, ...flags }];
  return users
    .members(holder.group)
    .map((slot) => ({ username: users.get(slot)?.username ?? '', group: holder.group, ...flags }));
}

function superAdminAddresses({ users }: Company): string[] {
  const admins = users.select({ admin: true });
  const addresses: string[] = [];
  for (let place = 0; place < admins.length; place++) {
    const user = users.visible(admins[place] ?? -1);
    if (user?.superAdmin) addresses.push(user.username);
  }
  return addresses;
}

function flag({ switches }: Company, value: boolean): number | string | boolean {
  if (switches.folderFlags === 'boolean') return value;
  return switches.folderFlags === 'string' ? String(Number(value)) : Number(value);
}
