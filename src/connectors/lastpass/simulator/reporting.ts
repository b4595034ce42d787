import type { SimulatorAnswer } from '../../../connector-kit/simulator-kit/server.ts';
import { hashText } from '../../../connector-kit/simulator-kit/random.ts';
import type { Zone } from '../../../connector-kit/simulator-kit/zone.ts';
import type { Company } from './company.ts';
import { type CompanyEvent, foldAddress } from './model.ts';
import { answer, isRecord, readFlag, readText, readWhole } from './wire.ts';

const END_OF_TIME = Number.MAX_SAFE_INTEGER;

/**
 * `reporting`: the company's log, newest first, at most 10,000 events an answer. `from` and `to` are wall-clock texts of
 * the account's zone (ISO texts with a zone pass too: Azure-Sentinel sends them); `next` continues at the instant in
 * microseconds an answer ended with, inclusive. `format: "siem"` answers a list (moneyforward/lpmgt).
 */
export function reporting(company: Company, data: unknown): SimulatorAnswer {
  const { switches, zone } = company;
  const query = isRecord(data) ? data : {};
  const user = readUser(company, query['user']);
  const from = readMoment(query['from'], zone, 'earlier');
  const to = readMoment(query['to'], zone, 'later');
  if (user === undefined) return failure(company, 'Please select a valid user.');
  if (from === undefined || to === undefined) return failure(company, 'Please select a valid date range.');
  const until = readWhole(query['next']) ?? END_OF_TIME;
  const cap = switches.reportingCap;
  const found = company.events.list(
    {
      from: from === null ? 0 : from * 1_000,
      // A second is named: all of it counts.
      to: Math.min(until, to === null ? END_OF_TIME : to * 1_000 + 999_999, newestShown(company)),
      user,
      search: readText(query['search']) ?? '',
      isAdminOnly: readFlag(query['admin']) === true,
    },
    cap,
  );
  const events = found.slice(0, cap);
  const next = found.length > cap ? (events.at(-1)?.at ?? null) : null;
  const head = { status: 'OK', next: next === null || switches.nextType === 'number' ? next : String(next) };
  const body =
    query['format'] === 'siem'
      ? { ...head, events: siemEvents(company, events) }
      : { ...head, data: eventMap(company, events) };
  return answer(JSON.stringify(body), switches);
}

function eventMap(company: Company, events: readonly CompanyEvent[]): unknown {
  if (events.length === 0) return company.switches.emptyMaps === '[]' ? [] : {};
  return Object.fromEntries(events.map((event, place) => [`Event${place + 1}`, wireEvent(company, event)]));
}

function siemEvents(company: Company, events: readonly CompanyEvent[]): unknown[] {
  const isNumbered = company.switches.siemId === 'on';
  return events.map((event) => ({
    ...wireEvent(company, event),
    ...(isNumbered && { ID: String(hashText(`${event.at}/${event.username}`)) }),
  }));
}

function wireEvent({ zone, switches }: Company, event: CompanyEvent): Readonly<Record<string, string>> {
  return {
    Time: zone.format(Math.floor(event.at / 1_000)),
    Username: event.username,
    IP_Address: event.address,
    Action: wireAction(event.action, switches.actionCasing),
    Data: event.data,
  };
}

const SMALL_WORDS = new Set(['in', 'to', 'from', 'by', 'of']);
const ACRONYMS: Readonly<Record<string, string>> = { api: 'API', url: 'URL' };
/** The two that lpmgt met in a Japanese company. */
const JAPANESE: Readonly<Record<string, string>> = {
  'employee account created': '従業員のアカウントを作成しました',
  'edit policy': 'ポリシーの編集',
};

function wireAction(action: string, casing: Company['switches']['actionCasing']): string {
  if (casing === 'sentence') return action;
  if (casing === 'japanese') return JAPANESE[action.toLowerCase()] ?? action;
  return action
    .split(' ')
    .map((word, place) => {
      const lower = word.toLowerCase();
      if (place > 0 && SMALL_WORDS.has(lower)) return lower;
      return ACRONYMS[lower] ?? word.charAt(0).toUpperCase() + word.slice(1);
    })
    .join(' ');
}

/** The folded address to filter by; null for everybody; undefined where there is no such user ("api" is none either). */
function readUser(company: Company, value: unknown): string | null | undefined {
  const user = readText(value);
  if (user === undefined || user === 'allusers') return null;
  return company.users.slotOf(user) === null ? undefined : foldAddress(user);
}

/** Younger events are not shown yet, in epoch microseconds. */
function newestShown({ switches, clock }: Company): number {
  return switches.logDelayMs === 0 ? END_OF_TIME : (clock.now().getTime() - switches.logDelayMs) * 1_000;
}

/** Epoch milliseconds; null where nothing is asked; undefined where it is no time. */
function readMoment(value: unknown, zone: Zone, fold: 'earlier' | 'later'): number | null | undefined {
  const text = readText(value);
  if (text === undefined) return value === undefined || value === null || value === '' ? null : undefined;
  const parts = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  if (!parts) return undefined;
  const [, day = '', time = '00:00:00', offset] = parts;
  const moment = Date.parse(`${day}T${time}${offset ?? 'Z'}`);
  if (Number.isNaN(moment)) return undefined;
  return offset === undefined ? zone.toUtc(moment, fold) : moment;
}

function failure({ switches }: Company, error: string): SimulatorAnswer {
  return answer(JSON.stringify({ status: 'FAIL', error }), switches);
}
