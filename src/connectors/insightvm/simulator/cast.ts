import {
  CAST_IDS,
  type CastId,
  JORG_SPELLINGS,
  SPECIAL_ACCOUNTS,
  VIKTOR_OTHER_CASE_EMAIL,
} from '../../../connector-kit/simulator-kit/northwind/cast.ts';
import type { Northwind } from '../../../connector-kit/simulator-kit/northwind/northwind.ts';
import type { StoredUser } from './model.ts';
import { assetGroupsNamed, sitesNamed } from './places.ts';
import { GLOBAL_ADMINISTRATOR } from './roles.ts';

/** The login of the person who runs Usher. */
export const OWN_LOGIN = 'ada.okonkwo';

/** What is particular of one user; the rest is a plain enabled user of the SSO. */
export type UserParts = Partial<Omit<StoredUser, 'id' | 'role'>> & { readonly role?: Partial<StoredUser['role']> };

const ADMINISTRATOR: UserParts = {
  source: 1,
  role: { id: GLOBAL_ADMINISTRATOR, allSites: true, allAssetGroups: true, superuser: true },
};
const [JORG] = JORG_SPELLINGS;

/** Sam Adeyemi has left and is gone; Priya Raman and Grace Kim have no account here. */
const STORIES: Readonly<Partial<Record<CastId, UserParts>>> = {
  adaOkonkwo: { ...ADMINISTRATOR, locale: { default: 'en-GB', reports: 'en-GB' } },
  viktorHansen: {
    email: VIKTOR_OTHER_CASE_EMAIL,
    role: { id: 'site-admin' },
    sites: [...sitesNamed('Data centre Frankfurt', 'Data centre Lisbon')],
    source: 2,
    twoFactorKey: 'JBSWY3DPEHPK3PXP',
  },
  lenaFischer: { role: { id: 'security-manager', allSites: true, allAssetGroups: true } },
  oskarBrandt: {
    source: 3,
    sites: [...sitesNamed('Finance systems', 'Payroll')],
    assetGroups: [...assetGroupsNamed('Finance critical')],
    locale: { default: 'de-DE', reports: 'en-US' },
  },
  rosaDelgado: { source: 2, locked: true, failures: 4, sites: [...sitesNamed('Legal archive')] },
  jonasLind: { sites: [...sitesNamed('Sales laptops')], assetGroups: [...assetGroupsNamed('Laptops')] },
  tomasRuiz: { sites: [...sitesNamed('Support desk')] },
  danielleJohnson: { source: 3, sites: [...sitesNamed('Finance systems')] },
  chrisLeeSales: { sites: [...sitesNamed('Sales laptops')] },
  chrisLeeEngineering: { sites: [...sitesNamed('Engineering lab')] },
  jorgMuller: {
    name: `${JORG.givenName} ${JORG.familyName}`,
    sites: [...sitesNamed('Warehouse Rotterdam')],
    locale: { default: 'de-DE', reports: 'de-DE' },
  },
  ibrahimSesay: {
    source: 2,
    role: { id: 'site-admin' },
    sites: [...sitesNamed('Engineering lab', 'Build farm', 'Cloud AWS')],
    assetGroups: [...assetGroupsNamed('Linux servers', 'Build machines')],
    twoFactorKey: 'GEZDGNBVGY3TQOJQ',
  },
  yukiTanaka: { sites: [...sitesNamed('Support desk')], locale: { default: 'ja-JP', reports: 'ja-JP' } },
  noorBakker: { sites: [...sitesNamed('Engineering lab', 'Support desk', 'Support remote hosts')] },
  meiLingChu: { source: 2, sites: [...sitesNamed('Finance systems')] },
};

const SERVICE_ROLE = { id: 'site-admin', allSites: true };

/** The users with a story, in the order of their ids: the console's own first one, the cast, the accounts of nobody. */
export function castUsers(company: Northwind): readonly UserParts[] {
  const { svcScan, breakglass } = SPECIAL_ACCOUNTS;
  return [
    // What an installation begins with; switched off, as it should be.
    { ...ADMINISTRATOR, login: 'nxadmin', name: 'Default Administrator', email: null, locale: null, enabled: false },
    ...CAST_IDS.flatMap((castId) => {
      const story = STORIES[castId];
      const { email, displayName } = company.cast(castId);
      return story ? [{ login: localPart(email), name: displayName, email, ...story }] : [];
    }),
    { login: 'svc-scan', name: svcScan.displayName, email: svcScan.email, source: 2, role: SERVICE_ROLE, locale: null },
    { ...ADMINISTRATOR, login: 'breakglass', name: breakglass.displayName, email: breakglass.email },
  ];
}

/** The part of an address before the @. */
export function localPart(email: string): string {
  return email.slice(0, email.indexOf('@'));
}
