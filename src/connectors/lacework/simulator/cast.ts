import {
  CAST_IDS,
  type CastId,
  JORG_SPELLINGS,
  SPECIAL_ACCOUNTS,
} from '../../../connector-kit/simulator-kit/northwind/cast.ts';
import type { Northwind } from '../../../connector-kit/simulator-kit/northwind/northwind.ts';
import type { OrgRole } from './model.ts';

/** The accounts of Northwind: the organization's primary one, Europe's, and the laboratory, which has RBAC on. */
export const PRIMARY = 'NORTHWIND';
export const EUROPE = 'NORTHWIND-EU';
export const LAB = 'NORTHWIND-LAB';

/** User groups of the laboratory that somebody made in its console. */
export const LAB_GROUPS = ['Cloud auditors', 'Support viewers'] as const;

/** One of the cast in one account. */
export interface Place {
  readonly account: string;
  /** Of the account; where RBAC is on, the group of that name. */
  readonly role: 'admin' | 'power' | 'user';
  /** Days before today; null: never. */
  readonly loginDaysAgo: number | null;
  readonly isDisabled?: boolean;
  /** Names of groups of the laboratory beside the role's. */
  readonly groups?: readonly (typeof LAB_GROUPS)[number][];
}

/** How Lacework sees one of the cast. With a role in the organization they are in every account, wherever placed. */
export interface Story {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly createdDaysAgo: number;
  readonly orgRole: OrgRole;
  /** When they last were at an account they are in by their role in the organization alone. */
  readonly loginDaysAgo: number | null;
  readonly isJit?: boolean;
  readonly places: readonly Place[];
}

type Plot = Omit<Story, 'email' | 'firstName' | 'lastName' | 'orgRole' | 'loginDaysAgo'> & Partial<Story>;

/** Priya Raman starts in five days and Grace Kim has no need of it; Sam Adeyemi left and was removed. */
const PLOTS: Readonly<Partial<Record<CastId, Plot>>> = {
  adaOkonkwo: {
    createdDaysAgo: 1_460,
    orgRole: 'admin',
    loginDaysAgo: 0.2,
    places: [at(PRIMARY, 'admin', 0.1)],
  },
  viktorHansen: {
    createdDaysAgo: 1_400,
    places: [at(PRIMARY, 'admin', 0.7), at(EUROPE, 'user', 4), at(LAB, 'power', 9)],
  },
  lenaFischer: {
    createdDaysAgo: 1_390,
    orgRole: 'user',
    loginDaysAgo: 2,
    places: [at(PRIMARY, 'admin', 0.3)],
  },
  oskarBrandt: { createdDaysAgo: 1_000, places: [at(EUROPE, 'user', 31)] },
  rosaDelgado: { createdDaysAgo: 980, places: [at(EUROPE, 'user', 5)] },
  jonasLind: {
    createdDaysAgo: 900,
    places: [at(PRIMARY, 'user', 12.6), { ...at(EUROPE, 'user', 40), isDisabled: true }],
  },
  tomasRuiz: { createdDaysAgo: 880, places: [at(EUROPE, 'user', 82)] },
  danielleJohnson: { createdDaysAgo: 400, places: [at(PRIMARY, 'user', 3)] },
  chrisLeeSales: { createdDaysAgo: 850, places: [at(PRIMARY, 'user', 1.4)] },
  chrisLeeEngineering: {
    createdDaysAgo: 620,
    places: [at(PRIMARY, 'user', 0.9), at(EUROPE, 'admin', 0.5), at(LAB, 'user', 2)],
  },
  jorgMuller: { ...jorgWithoutUmlauts(), createdDaysAgo: 840, places: [at(EUROPE, 'user', 6)] },
  ibrahimSesay: {
    createdDaysAgo: 800,
    places: [at(PRIMARY, 'admin', 0.2), { ...at(LAB, 'admin', 0.4), groups: ['Cloud auditors'] }],
  },
  yukiTanaka: { createdDaysAgo: 600, isJit: true, places: [at(PRIMARY, 'user', 1.1)] },
  // Moved from Support to Engineering, and still sees what Support sees.
  noorBakker: {
    createdDaysAgo: 540,
    places: [at(PRIMARY, 'user', 0.8), { ...at(LAB, 'user', 1), groups: ['Support viewers'] }],
  },
  meiLingChu: { createdDaysAgo: 360, places: [at(PRIMARY, 'user', 2.2)] },
};

/** The stories of everybody known by name, in the order of their accounts. */
export function castStories(company: Northwind): readonly Story[] {
  const people = CAST_IDS.flatMap((castId) => {
    const plot = PLOTS[castId];
    if (!plot) return [];
    const { email, givenName, familyName } = company.cast(castId);
    return [{ email, firstName: givenName, lastName: familyName, orgRole: null, loginDaysAgo: null, ...plot }];
  });
  const { breakglass } = SPECIAL_ACCOUNTS;
  return [
    ...people,
    {
      email: breakglass.email,
      firstName: 'Break',
      lastName: 'Glass',
      createdDaysAgo: 1_459,
      orgRole: 'admin',
      loginDaysAgo: 1_458,
      places: [at(PRIMARY, 'admin', 1_458)],
    },
  ];
}

/** A service user: nobody's, in one account. */
export interface ServiceStory {
  readonly name: string;
  readonly account: string;
  readonly description: string;
  readonly role: Place['role'];
  readonly createdDaysAgo: number;
}

export const SERVICE_STORIES: readonly ServiceStory[] = [
  {
    name: 'svc-siem-export',
    account: PRIMARY,
    description: 'Reads the audit log for the security team',
    role: 'user',
    createdDaysAgo: 700,
  },
  {
    name: 'svc-scan',
    account: LAB,
    description: 'Nightly scans; asked for by Sam Adeyemi, Security',
    role: 'admin',
    createdDaysAgo: 500,
  },
];

/** What people look keys up by in tests and introductions. */
export type KeyRole = 'orgAdmin' | 'accountAdmin' | 'subAccountAdmin' | 'serviceUser' | 'labServiceUser';

export interface KeyStory {
  readonly role: KeyRole | null;
  readonly account: string;
  /** An address, or the name of a service user. */
  readonly owner: string;
  readonly description: string;
  readonly createdDaysAgo: number;
  readonly isDisabled?: boolean;
}

/** The API keys: an old one whose description tells its age, and one that names somebody who left. */
export function keyStories(dayAgo: (days: number) => string): readonly KeyStory[] {
  const mail = (local: string) => `${local}@northwind.example`;
  return [
    {
      role: 'orgAdmin',
      account: PRIMARY,
      owner: mail('ada.okonkwo'),
      description: 'Usher, for the organization (Ada Okonkwo)',
      createdDaysAgo: 30,
    },
    {
      role: 'accountAdmin',
      account: PRIMARY,
      owner: mail('viktor.hansen'),
      description: 'Dashboard export (Viktor Hansen)',
      createdDaysAgo: 210,
    },
    {
      role: null,
      account: PRIMARY,
      owner: mail('ibrahim.sesay'),
      description: `CI pipeline, Ibrahim Sesay, made ${dayAgo(400)}`,
      createdDaysAgo: 400,
    },
    {
      role: null,
      account: PRIMARY,
      owner: mail('ibrahim.sesay'),
      description: 'Terraform state, Jonas Lind',
      createdDaysAgo: 310,
    },
    {
      role: null,
      account: PRIMARY,
      owner: mail('viktor.hansen'),
      description: 'Old dashboard export',
      createdDaysAgo: 620,
      isDisabled: true,
    },
    {
      role: 'serviceUser',
      account: PRIMARY,
      owner: 'svc-siem-export',
      description: 'SIEM export',
      createdDaysAgo: 690,
    },
    {
      role: 'subAccountAdmin',
      account: EUROPE,
      owner: mail('chris.lee2'),
      description: 'EU reports (Chris Lee, Engineering)',
      createdDaysAgo: 150,
    },
    { role: 'labServiceUser', account: LAB, owner: 'svc-scan', description: 'Nightly scans', createdDaysAgo: 500 },
  ];
}

function at(account: string, role: Place['role'], loginDaysAgo: number | null): Place {
  return { account, role, loginDaysAgo };
}

/** Lacework was given his name without the umlauts. */
function jorgWithoutUmlauts(): { readonly firstName: string; readonly lastName: string } {
  const [{ givenName, familyName }] = JORG_SPELLINGS;
  return { firstName: givenName, lastName: familyName };
}
