import {
  CAST_IDS,
  type CastId,
  DANIELLE_ACQUIRED_EMAIL,
  SPECIAL_ACCOUNTS,
} from '../../../connector-kit/simulator-kit/northwind/cast.ts';
import type { Northwind } from '../../../connector-kit/simulator-kit/northwind/northwind.ts';
import type { Invitation, StoredUser } from './model.ts';

/** How LastPass sees one of the cast, in days before today. */
interface Story {
  readonly createdDaysAgo: number;
  /** null: never signed in. */
  readonly loginDaysAgo: number | null;
  readonly groups: readonly string[];
  readonly multifactor?: string;
  readonly admin?: boolean;
  readonly superAdmin?: boolean;
  readonly attribs?: Readonly<Record<string, string>>;
  readonly email?: string;
}

const DAY_MS = 86_400_000;

/** Sam Adeyemi has left and is gone from LastPass; Priya Raman is invited only. */
const STORIES: Readonly<Partial<Record<CastId, Story>>> = {
  adaOkonkwo: {
    createdDaysAgo: 1_150,
    loginDaysAgo: 0.1,
    groups: ['IT', 'Platform'],
    multifactor: 'yubikey',
    admin: true,
    superAdmin: true,
  },
  viktorHansen: {
    createdDaysAgo: 1_140,
    loginDaysAgo: 0.4,
    groups: ['IT', 'On-call'],
    multifactor: 'googleauth',
    admin: true,
  },
  lenaFischer: { createdDaysAgo: 1_130, loginDaysAgo: 1.2, groups: ['Security'], admin: true },
  oskarBrandt: { createdDaysAgo: 1_100, loginDaysAgo: 200, groups: ['Finance', 'Payroll'], multifactor: 'googleauth' },
  rosaDelgado: { createdDaysAgo: 1_090, loginDaysAgo: 0.3, groups: ['Legal'], multifactor: 'lastpassauth' },
  jonasLind: {
    createdDaysAgo: 1_085,
    loginDaysAgo: 12.4,
    groups: ['Sales', 'Sales EMEA'],
    multifactor: 'lastpassauth',
  },
  tomasRuiz: {
    createdDaysAgo: 1_080,
    loginDaysAgo: 81,
    groups: ['Support', 'Support Tier 2'],
    multifactor: 'googleauth',
  },
  danielleJohnson: {
    createdDaysAgo: 420,
    loginDaysAgo: 2.5,
    groups: ['Finance'],
    multifactor: 'microsoftauth',
    email: DANIELLE_ACQUIRED_EMAIL,
  },
  chrisLeeSales: { createdDaysAgo: 990, loginDaysAgo: 0.8, groups: ['Sales', 'Travel'], multifactor: 'googleauth' },
  chrisLeeEngineering: { createdDaysAgo: 630, loginDaysAgo: 0.6, groups: ['Engineering'], multifactor: 'googleauth' },
  jorgMuller: { createdDaysAgo: 890, loginDaysAgo: 3.1, groups: ['Operations'], multifactor: 'lastpassauth' },
  ibrahimSesay: {
    createdDaysAgo: 810,
    loginDaysAgo: 0.2,
    groups: ['Engineering', 'Platform', 'On-call'],
    multifactor: 'yubikey',
  },
  yukiTanaka: {
    createdDaysAgo: 690,
    loginDaysAgo: 0.9,
    groups: ['Support', '東京オフィス'],
    multifactor: 'googleauth',
  },
  noorBakker: {
    createdDaysAgo: 555,
    loginDaysAgo: 0.5,
    groups: ['Engineering', 'Support', 'Support Tier 2'],
    multifactor: 'googleauth',
  },
  meiLingChu: { createdDaysAgo: 368, loginDaysAgo: 1.1, groups: ['Finance', 'Payroll'], multifactor: 'googleauth' },
  graceKim: { createdDaysAgo: 60, loginDaysAgo: null, groups: ['Operations'] },
};

/** The accounts of the cast, in the order of their slots. */
export function castAccounts(company: Northwind, anchorMs: number): readonly StoredUser[] {
  const people = CAST_IDS.flatMap((castId) => {
    const story = STORIES[castId];
    if (!story) return [];
    const { email, displayName, employeeNumber, department } = company.cast(castId);
    const attribs = { EmployeeNumber: employeeNumber, Department: department };
    return [makeUser(story.email ?? email, displayName, { ...story, attribs }, anchorMs)];
  });
  const { breakglass, opsShared } = SPECIAL_ACCOUNTS;
  return [
    ...people,
    makeUser(
      breakglass.email,
      breakglass.displayName,
      { createdDaysAgo: 1_149, loginDaysAgo: 1_148, groups: [], multifactor: 'yubikey', admin: true, superAdmin: true },
      anchorMs,
    ),
    // Custom attributes can hold anything: splunk/TA-lastpass had to hash a "password" it met there.
    makeUser(
      opsShared.email,
      opsShared.displayName,
      {
        createdDaysAgo: 700,
        loginDaysAgo: 6.3,
        groups: ['Operations'],
        attribs: { password: 'Invented-Passphrase-7' },
      },
      anchorMs,
    ),
  ];
}

/** Invited and not there yet: the joiner, and the look-alike of an administrator. */
export function castInvitations(company: Northwind): readonly Invitation[] {
  const priya = company.cast('priyaRaman');
  return [
    { email: priya.email, fullname: priya.displayName, groups: ['Engineering'], attribs: null },
    { email: SPECIAL_ACCOUNTS.lookAlike.email, fullname: '', groups: [], attribs: null },
  ];
}

function makeUser(username: string, fullname: string, story: Story, anchorMs: number): StoredUser {
  const moment = (daysAgo: number) => Math.floor((anchorMs - daysAgo * DAY_MS) / 1_000) * 1_000;
  const hasSignedIn = story.loginDaysAgo !== null;
  const created = moment(story.createdDaysAgo);
  return {
    username,
    fullname,
    mpstrength: hasSignedIn ? 90 : 0,
    created,
    lastPasswordChange: hasSignedIn ? moment((story.createdDaysAgo + (story.loginDaysAgo ?? 0)) / 2) : created,
    lastLogin: story.loginDaysAgo === null ? null : moment(story.loginDaysAgo),
    disabled: false,
    admin: story.admin ?? false,
    superAdmin: story.superAdmin ?? false,
    totalscore: hasSignedIn ? '83.2' : null,
    multifactor: story.multifactor ?? null,
    duousername: story.admin ? null : username,
    securidusername: null,
    linked: null,
    vault: hasSignedIn ? [84, 9, 2, 0, 1] : null,
    passwordResetRequired: !hasSignedIn,
    groups: [...story.groups],
    attribs: story.attribs ? { ...story.attribs } : null,
    pendingEmail: null,
  };
}
