import { FREELANCER_EMAIL } from '../../../connector-kit/simulator-kit/northwind/cast.ts';
import { hashAt } from '../../../connector-kit/simulator-kit/random.ts';
import type { Folder, FolderGrant } from './model.ts';

/** Shared folders by id. */
export interface FolderStore {
  /** Ids in rising order. */
  ids(): readonly number[];
  get(id: number): Folder | null;
  /** The id of the folder of this name, or null. */
  idOf(name: string): number | null;
  put(id: number, folder: Folder | null): void;
  save(): readonly (readonly [number, Folder | null])[];
}

/** Who holds what in the first folders; the crowd fills the others. */
interface FolderPlan {
  readonly seedHash: number;
  /** How many users there are: holders are drawn from the slots 0 to users-1. */
  readonly users: number;
  readonly people: number;
  /** The slot of a cast address. */
  slotOf(address: string): number | null;
}

const FIRST_ID = 7_301_944;
const NAMES = [
  'Finance/Payroll', 'Finance/Banking', 'Finance/Tax', 'Engineering/Staging', 'Engineering/Production', 'Engineering/Code signing',
  'Engineering/Build servers', 'Engineering/Test accounts', 'IT/Break-Glass', 'IT/Network', 'IT/Printers', 'IT/Domain registrars',
  'IT/Cloud root accounts', 'Security/Scanners', 'Security/Certificates', 'Sales/CRM', 'Sales/Partner portals', 'Sales/Social media',
  'Support/Shared inbox', 'Support/Customer portals', 'Support/Remote access', 'People/Recruiting', 'People/Benefits', 'Legal/Contracts',
  'Legal/Registers', 'Operations/Suppliers', 'Operations/Carriers', 'Operations/Warehouse', 'Café/Lieferanten', '東京/取引先', 'Travel',
]; // prettier-ignore
const PAYROLL = 0;
const EMPTY = 8;
const SHARED_WITH_GROUP = 18;
const SITES = [
  'bank.example',
  'payroll.example',
  'crm.example',
  'cloud.example',
  'registrar.example',
  'portal.example',
];

/** The company's shared folders: 31 at 250 people, one more a twenty people beyond, and one that was deleted. */
export function openFolders(plan: FolderPlan, saved: readonly (readonly [number, Folder | null])[] = []): FolderStore {
  const folders = new Map<number, Folder>();
  const count = NAMES.length + Math.floor(Math.max(0, plan.people - 250) / 20);
  for (let place = 0; place < count; place++) folders.set(FIRST_ID + place * 7, makeFolder(place, plan));
  folders.set(FIRST_ID + count * 7, { ...makeFolder(count, plan), name: 'Old vendor logins', isDeleted: true });
  const changed = new Map<number, Folder | null>();
  const put = (id: number, folder: Folder | null) => {
    changed.set(id, folder);
    if (folder) folders.set(id, folder);
    else folders.delete(id);
  };
  for (const [id, folder] of saved) put(id, folder);
  return {
    ids: () => [...folders.keys()].toSorted((left, right) => left - right),
    get: (id) => folders.get(id) ?? null,
    idOf(name) {
      for (const [id, folder] of folders) if (folder.name === name) return id;
      return null;
    },
    put,
    save: () => [...changed],
  };
}

function makeFolder(place: number, plan: FolderPlan): Folder {
  const luck = (purpose: number, below: number) => hashAt(plan.seedHash, 60 + purpose, place) % below;
  return {
    name: NAMES[place] ?? `Projects/${place + 1}`,
    score: luck(0, 101),
    isDeleted: false,
    sites: SITES.filter((_, site) => (site + place) % 3 !== 0),
    grants: place === PAYROLL ? payroll(plan) : place === EMPTY ? [] : crowdGrants(place, plan, luck),
  };
}

/** Its only administrator has left, and somebody outside of the company reads along. */
function payroll(plan: FolderPlan): FolderGrant[] {
  const [jonas, oskar, meiLing] = ['jonas.lind', 'oskar.brandt', 'mei-ling.chu'].map((local) =>
    plan.slotOf(`${local}@northwind.example`),
  );
  return [
    ...holders([jonas], { readonly: false, give: true, canAdminister: true }),
    ...holders([oskar], { readonly: false, give: true, canAdminister: false }),
    ...holders([meiLing], { readonly: true, give: true, canAdminister: false }),
    { holder: { email: FREELANCER_EMAIL }, readonly: true, give: false, canAdminister: false },
  ];
}

function crowdGrants(place: number, plan: FolderPlan, luck: (purpose: number, below: number) => number): FolderGrant[] {
  const wanted = Math.min(plan.users, 3 + luck(1, 5));
  const slots = new Set<number>();
  for (let draw = 0; slots.size < wanted && draw < 40; draw++)
    slots.add(hashAt(plan.seedHash, 80 + draw, place) % plan.users);
  const grants = [...slots].map((slot, order): FolderGrant => {
    const kind = (luck(2, 97) + order) % 4;
    return {
      holder: { slot },
      readonly: kind > 1 && order > 0,
      give: order === 0 || kind !== 3,
      canAdminister: order === 0,
    };
  });
  if (place !== SHARED_WITH_GROUP) return grants;
  return [...grants, { holder: { group: 'Support Tier 2' }, readonly: true, give: true, canAdminister: false }];
}

function holders(slots: readonly (number | null | undefined)[], flags: Omit<FolderGrant, 'holder'>): FolderGrant[] {
  return slots.filter((slot) => slot != null).map((slot) => ({ holder: { slot }, ...flags }));
}
