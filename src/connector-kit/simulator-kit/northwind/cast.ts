/** The departments of Northwind. */
export const DEPARTMENTS = [
  'Engineering',
  'Security',
  'IT',
  'Finance',
  'Sales',
  'Support',
  'People',
  'Legal',
  'Operations',
] as const;
export type Department = (typeof DEPARTMENTS)[number];

/** The people with a story: always there, whatever the seed and the size. */
export type CastId = keyof typeof CAST;

/** One of the cast, in days from today. */
export interface CastMember {
  readonly givenName: string;
  readonly familyName: string;
  readonly email: string;
  readonly department: Department;
  readonly title: string;
  readonly country: string;
  readonly isContractor?: boolean;
  /** Days from today; negative: ago. */
  readonly startsInDays: number;
  readonly endsInDays?: number;
  /** On leave since so many days from today, and not back yet. */
  readonly onLeaveSinceDays?: number;
  /** Where they were before, and when they moved. */
  readonly moved?: { readonly from: Department; readonly inDays: number };
}

/** In the order of their employee numbers. */
export const CAST = {
  adaOkonkwo: member('Ada Okonkwo', 'ada.okonkwo', 'IT', 'IT lead', 'NG', -2_400),
  viktorHansen: member('Viktor Hansen', 'viktor.hansen', 'IT', 'Systems administrator', 'SE', -2_100),
  lenaFischer: member('Lena Fischer', 'lena.fischer', 'Security', 'Security engineer', 'DE', -1_900),
  samAdeyemi: {
    ...member('Sam Adeyemi', 'sam.adeyemi', 'Security', 'Security engineer', 'NG', -1_850),
    endsInDays: -45,
  },
  oskarBrandt: member('Oskar Brandt', 'oskar.brandt', 'Finance', 'Controller', 'DE', -1_700),
  rosaDelgado: member('Rosa Delgado', 'rosa.delgado', 'Legal', 'Counsel', 'ES', -1_500),
  jonasLind: { ...member('Jonas Lind', 'jonas.lind', 'Sales', 'Account executive', 'SE', -1_320), endsInDays: -12 },
  tomasRuiz: {
    ...member('Tomás|Ruiz Ibarra', 'tomas.ruiz', 'Support', 'Support specialist', 'ES', -1_200),
    onLeaveSinceDays: -80,
  },
  danielleJohnson: member('Danielle Johnson', 'danielle.johnson', 'Finance', 'Finance analyst', 'GB', -1_100),
  chrisLeeSales: member('Chris Lee', 'chris.lee', 'Sales', 'Sales engineer', 'GB', -1_000),
  chrisLeeEngineering: member('Chris Lee', 'chris.lee2', 'Engineering', 'Software engineer', 'KR', -640),
  jorgMuller: member('Jörg Müller', 'joerg.mueller', 'Operations', 'Logistics planner', 'DE', -900),
  ibrahimSesay: member('Ibrahim Sesay', 'ibrahim.sesay', 'Engineering', 'Platform engineer', 'NG', -820),
  yukiTanaka: member('Yuki Tanaka', 'yuki.tanaka', 'Support', 'Support specialist', 'JP', -700),
  noorBakker: {
    ...member('Noor Bakker', 'noor.bakker', 'Engineering', 'Software engineer', 'NL', -560),
    moved: { from: 'Support', inDays: -20 },
  },
  meiLingChu: {
    ...member('Mei-Ling Chu', 'mei-ling.chu', 'Finance', 'Audit contractor', 'CN', -370),
    isContractor: true,
    endsInDays: -3,
  },
  graceKim: member('Grace Kim', 'grace.kim', 'Operations', 'Operations analyst', 'KR', -60),
  priyaRaman: member('Priya Raman', 'priya.raman', 'Engineering', 'Software engineer', 'IN', 5),
} as const satisfies Readonly<Record<string, CastMember>>;

/** The ids of the cast, in order. */
export const CAST_IDS = Object.keys(CAST).filter(isCastId);

/** Accounts of Northwind that are no person's. */
export type SpecialId = 'svcScan' | 'breakglass' | 'opsShared' | 'lookAlike';

export interface SpecialAccount {
  readonly id: SpecialId;
  readonly email: string;
  readonly displayName: string;
  readonly kind: 'service' | 'break-glass' | 'shared' | 'look-alike';
  readonly ownerId: CastId | null;
}

export const SPECIAL_ACCOUNTS: Readonly<Record<SpecialId, SpecialAccount>> = {
  svcScan: {
    id: 'svcScan',
    email: 'svc-scan@northwind.example',
    displayName: 'Scan service',
    kind: 'service',
    ownerId: 'samAdeyemi',
  },
  breakglass: {
    id: 'breakglass',
    email: 'breakglass@northwind.example',
    displayName: 'Break Glass',
    kind: 'break-glass',
    ownerId: null,
  },
  opsShared: {
    id: 'opsShared',
    email: 'ops-shared@northwind.example',
    displayName: 'Operations (shared)',
    kind: 'shared',
    ownerId: null,
  },
  lookAlike: {
    id: 'lookAlike',
    // The first letter is the Cyrillic one: it only looks like Ada's address.
    email: '\u0430da.okonkwo@northwind.example',
    displayName: '',
    kind: 'look-alike',
    ownerId: null,
  },
};

/** Whom a folder is shared with outside the company. */
export const FREELANCER_EMAIL = 'freelancer@gmail.example';

/** Danielle's address in the apps of the company that was acquired. */
export const DANIELLE_ACQUIRED_EMAIL = 'danielle@acme-fin.example';

/** Jörg Müller as apps spell him that have no umlauts; his address is the same everywhere. */
export const JORG_SPELLINGS = [
  { givenName: 'Joerg', familyName: 'Mueller' },
  { givenName: 'Jorg', familyName: 'Muller' },
] as const;

/** Viktor's address as one of two apps of the same vendor has it: the letter case differs, the person does not. */
export const VIKTOR_OTHER_CASE_EMAIL = 'Viktor.Hansen@Northwind.example';

function member(
  name: string,
  local: string,
  department: Department,
  title: string,
  country: string,
  startsInDays: number,
): CastMember {
  const [givenName = '', familyName = ''] = name.split(name.includes('|') ? '|' : ' ');
  return { givenName, familyName, email: `${local}@northwind.example`, department, title, country, startsInDays };
}

function isCastId(id: string): id is CastId {
  return Object.hasOwn(CAST, id);
}
