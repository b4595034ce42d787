import { hashAt } from '../../../connector-kit/simulator-kit/random.ts';
import type { Department } from '../../../connector-kit/simulator-kit/northwind/cast.ts';
import type { StoredAssetGroup, StoredSite } from './model.ts';

const DAY_MS = 86_400_000;

const SITES: readonly (readonly [name: string, description: string, type?: StoredSite['type']])[] = [
  ['Corp Network', 'Everything with an address of ours; nobody is on its list', 'dynamic'],
  ['Data centre Frankfurt', 'Racks 4 to 11'],
  ['Data centre Lisbon', 'Racks 1 to 3'],
  ['Lisbon office', 'DC and desks'],
  ['Oslo office', 'Desks'],
  ['東京オフィス', 'Desks and meeting rooms'],
  ['London office', 'Desks'],
  ['Engineering lab', 'What is allowed to break'],
  ['Build farm', ''],
  ['Support desk', 'Consoles of the desk'],
  ['Support remote hosts', 'Jump hosts into the networks of customers'],
  ['Finance systems', 'Ledger and reporting'],
  ['Payroll', 'Restricted'],
  ['Sales laptops', '', 'agent'],
  ['Warehouse Rotterdam', 'Scanners and gates'],
  ['Warehouse Gdańsk', 'Scanners and gates'],
  ['Legal archive', ''],
  ['People systems', ''],
  ['Security lab', 'Honeypots; do not report'],
  ['DMZ', 'Internet facing'],
  ['Cloud AWS', '', 'dynamic'],
  ['Cloud Azure', '', 'dynamic'],
  ['Insight Agents', 'All laptops with an agent', 'agent'],
  ['Café & guests', "Visitors' network"],
];

const ASSET_GROUPS: readonly (readonly [name: string, type: StoredAssetGroup['type']])[] = [
  ['PCI hosts', 'dynamic'],
  ['Domain controllers', 'static'],
  ['Laptops', 'dynamic'],
  ['Linux servers', 'dynamic'],
  ['Windows servers', 'dynamic'],
  ['Internet facing', 'dynamic'],
  ['Databases', 'static'],
  ['Printers', 'static'],
  ['Finance critical', 'static'],
  ['Build machines', 'static'],
];

const SITE_IDS: ReadonlyMap<string, number> = new Map(SITES.map(([name], place) => [name, place + 1]));
const ASSET_GROUP_IDS: ReadonlyMap<string, number> = new Map(ASSET_GROUPS.map(([name], place) => [name, place + 1]));

/** How many sites and asset groups the console has where nobody asks for another number. */
export const DEFAULT_SITES = SITES.length;
export const DEFAULT_ASSET_GROUPS = ASSET_GROUPS.length;

/** Where people of a department work. */
export const DEPARTMENT_SITES: Readonly<Record<Department, readonly number[]>> = {
  Engineering: sitesNamed('Engineering lab', 'Build farm'),
  Security: sitesNamed('Security lab', 'DMZ'),
  IT: sitesNamed('Data centre Frankfurt', 'Data centre Lisbon'),
  Finance: sitesNamed('Finance systems'),
  Sales: sitesNamed('Sales laptops'),
  Support: sitesNamed('Support desk', 'Support remote hosts'),
  People: sitesNamed('People systems'),
  Legal: sitesNamed('Legal archive'),
  Operations: sitesNamed('Warehouse Rotterdam', 'Warehouse Gdańsk'),
};

/** Ids of sites by name. */
export function sitesNamed(...names: readonly string[]): readonly number[] {
  return names.flatMap((name) => SITE_IDS.get(name) ?? []);
}

/** Ids of asset groups by name. */
export function assetGroupsNamed(...names: readonly string[]): readonly number[] {
  return names.flatMap((name) => ASSET_GROUP_IDS.get(name) ?? []);
}

/** The sites of the first day, ids from 1. */
export function* firstSites(count: number, seedHash: number, anchorMs: number): Generator<StoredSite, void, void> {
  for (let place = 0; place < count; place++) {
    const [name, description, type = 'static'] = SITES[place] ?? [`Branch office ${place + 1}`, ''];
    const luck = hashAt(seedHash, 60, place);
    yield {
      id: place + 1,
      name,
      description,
      type,
      importance: luck % 5 === 0 ? 'high' : 'normal',
      scanEngine: 1 + (luck % 3),
      scanTemplate: type === 'agent' ? 'agent-content' : 'full-audit-without-web-spider',
      lastScanTime:
        luck % 11 === 0 ? null : new Date(anchorMs - (luck % 200) * (DAY_MS / 24) - (luck % 59_999)).toISOString(),
      ...findings(luck),
    };
  }
}

/** The asset groups of the first day, ids from 1. */
export function* firstAssetGroups(count: number, seedHash: number): Generator<StoredAssetGroup, void, void> {
  for (let place = 0; place < count; place++) {
    const [name, type] = ASSET_GROUPS[place] ?? [`Asset group ${place + 1}`, 'static' as const];
    yield { id: place + 1, name, description: '', type, ...findings(hashAt(seedHash, 61, place)) };
  }
}

function findings(luck: number): Pick<StoredSite, 'assets' | 'riskScore' | 'vulnerabilities'> {
  return {
    assets: 3 + (luck % 400),
    riskScore: Math.round((luck % 3_000_000) / 10) / 10,
    vulnerabilities: { critical: luck % 13, severe: luck % 71, moderate: luck % 29 },
  };
}
