import type { Output } from '../output.ts';
import { counted, localTime, number, printable } from '../text.ts';
import type { PlanAnswer, PlanChange, PlanSummaryAnswer } from './contract.ts';

export interface PlanTextOptions {
  /** Also the exact call to the app of each change. */
  readonly showCalls: boolean;
}

/**
 * A plan as people read it: who asked for what, a line a change (`+` makes something, `-` takes away, `~` alters, `!`
 * cannot be given back), what it would take to undo, what the guards say, and whether somebody has to approve it.
 */
export function planLines({ paint }: Pick<Output, 'paint'>, plan: PlanAnswer, options: PlanTextOptions): string[] {
  const shown = plan.first_changes;
  const hidden = plan.changes - shown.length;
  return [
    headLine(paint, plan),
    ...(plan.reason ? [`  Reason: ${printable(plan.reason)}`] : []),
    ...changeLines(paint, shown, options),
    ...(hidden > 0 && plan.id !== ''
      ? [`  … and ${counted(hidden, 'more change')}: usher plan show ${plan.id} --all`]
      : []),
    ...(hidden > 0 && plan.id === '' ? [`  … and ${counted(hidden, 'more change')}`] : []),
    ...(shown.length === 0 ? ['  Nothing to change: it is so already.'] : []),
    ...guardLines(paint, plan),
    ...plan.approval_reasons.map((reason) => `  ${paint('yellow', 'Approval')}: ${printable(reason)}`),
  ];
}

/** The changes of a plan, a line each and more where more has to be said. */
export function changeLines(
  paint: Output['paint'],
  changes: readonly PlanChange[],
  { showCalls }: PlanTextOptions,
): string[] {
  const undos = new Set(changes.map(undoText));
  const isUndoShared = undos.size === 1 && changes.length > 1;
  return [
    ...changes.flatMap((change) => [
      `  ${change.follows === true ? 'then ' : ''}${changeLine(paint, change)}`,
      ...holdLines(change).map((line) => `      ${line}`),
      ...(isUndoShared ? [] : [paint('dim', `      undo: ${undoText(change)}`)]),
      ...(showCalls ? callLines(change).map((line) => paint('dim', `      ${line}`)) : []),
    ]),
    ...(isUndoShared ? [paint('dim', `  undo, for each: ${[...undos].join('')}`)] : []),
  ];
}

/** What is waited for before a change is made. */
function holdLines({ hold }: PlanChange): string[] {
  if (hold == null) return [];
  if (hold.kind === 'task') return [`waits for a person: ${printable(hold.task ?? '')}`];
  return [`waits ${longDuration(hold.seconds ?? 0)} after the one before: ${printable(hold.why ?? '')}`];
}

/** `90 min`, `24 h`, `3 days` */
function longDuration(seconds: number): string {
  const units = [['days', 86_400], ['h', 3600], ['min', 60]] as const; // prettier-ignore
  const [unit, length] = units.find(([, each]) => seconds >= 2 * each) ?? (['s', 1] as const);
  return `${number(Math.round((seconds / length) * 10) / 10)} ${unit}`;
}

/** `~ Disable jane@example.com; the vault is kept  (now active, basic)` */
export function changeLine(paint: Output['paint'], change: PlanChange): string {
  const sign = signOf(change);
  const summary = printable(change.summary);
  const label = subjectText(change);
  // What a change of a key says names the key; its subject may be another one, whose rotation is taken back.
  const isWhole = change.subject.kind === 'credential' || summary.includes(label);
  const text = isWhole ? summary : `${label}: ${summary}`;
  const now = nowText(change.before);
  return `${paintSign(paint, sign, `${sign} ${text}`)}${now === '' ? '' : paint('dim', `  (now ${now})`)}`;
}

/** How a person calls what a change is about. */
export function subjectText({ subject }: PlanChange): string {
  return printable(subject.email ?? subject.name ?? (subject.key === '' ? 'the whole connection' : subject.key));
}

/** `Apply these 3 changes?`, and what stands for a yes where they cannot be given back. */
export function whatToType(plan: PlanAnswer): { readonly question: string; readonly answers: readonly string[] } {
  const [only] = plan.first_changes;
  const number = String(plan.changes);
  return plan.changes === 1 && only !== undefined
    ? { question: `Type ${subjectText(only)} to go on: `, answers: [subjectText(only)] }
    : { question: `Type the number of changes (${number}) to go on: `, answers: [number] };
}

/** Facts of a stored plan that its diff does not tell. */
export function planFacts(plan: PlanAnswer): string[] {
  return [
    `  State: ${stateText(plan)}`,
    ...plan.decisions.map(({ decision, by, reason, at }) => {
      const why = reason ? `: ${printable(reason)}` : '';
      return `  ${DECIDED[decision] ?? printable(decision)} by ${printable(by.name)}, ${localTime(at)}${why}`;
    }),
    ...(plan.run_id == null ? [] : [`  Run: ${plan.run_id}      usher runs show ${plan.run_id}`]),
  ];
}

const DECIDED: Readonly<Record<string, string>> = {
  approve: 'Approved',
  reject: 'Rejected',
  cancel: 'Withdrawn',
};

function stateText({ state, expires_at: expires }: PlanSummaryAnswer): string {
  if (state === 'waiting') return `waits for approval, until ${localTime(expires)}`;
  if (state === 'ready') return `may be applied, until ${localTime(expires)}`;
  return printable(state);
}

function headLine(paint: Output['paint'], plan: PlanAnswer): string {
  const name = plan.id === '' ? 'Plan (dry run, not kept)' : `Plan ${plan.id}`;
  const effect = plan.effect === 'destructive' ? paint('red', 'destructive') : printable(plan.effect);
  const facts = [
    printable(plan.title),
    `${counted(plan.changes, 'change')} in ${printable(plan.connection)}`,
    effect,
    `asked by ${printable(plan.requested_by.name)}`,
    ...(plan.apply_at == null ? [] : [`not before ${localTime(plan.apply_at)}`]),
  ];
  return [paint('bold', name), ...facts].join('   ');
}

function guardLines(paint: Output['paint'], { guards }: PlanAnswer): string[] {
  return guards.map(({ guard, message, threshold, is_overridden: isOverridden }) => {
    const word = isOverridden === true ? paint('yellow', 'Overridden:') : paint('red', 'Stopped by');
    return `  ${word} ${printable(guard)} (${printable(threshold)}): ${printable(message)}`;
  });
}

type Sign = '+' | '-' | '~' | '!';

/** What cannot be given back goes first; else the name of the change tells what it does. */
function signOf({ effect, change, subject, before }: PlanChange): Sign {
  if (effect === 'destructive') return '!';
  if (/^(?:create|add|invite)_/.test(change)) return '+';
  if (/^(?:remove|delete|revoke)_/.test(change)) return '-';
  return subject.kind === 'account' && before === null ? '+' : '~';
}

function paintSign(paint: Output['paint'], sign: Sign, text: string): string {
  if (sign === '!') return paint('red', text);
  if (sign === '+') return paint('green', text);
  return sign === '-' ? paint('yellow', text) : text;
}

function undoText({ undo }: PlanChange): string {
  const how = printable(undo.how);
  if (undo.is_possible) return how || 'yes';
  return how === '' ? 'no' : `no; ${how}`;
}

/** Most groups that a line names. */
const MOST_GROUPS = 3;

/** The subject as the snapshot has it: `active, admin, in IT, Sales`. */
export function nowText(before: unknown): string {
  if (typeof before !== 'object' || before === null) return '';
  const status = 'status' in before && typeof before.status === 'string' ? [printable(before.status)] : [];
  const groups = 'groups' in before ? namesOf(before.groups) : [];
  const more = groups.length > MOST_GROUPS ? ` +${groups.length - MOST_GROUPS}` : '';
  return [
    ...status,
    ...('roles' in before ? namesOf(before.roles) : []),
    ...(groups.length === 0 ? [] : [`in ${groups.slice(0, MOST_GROUPS).join(', ')}${more}`]),
  ].join(', ');
}

function namesOf(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((each: unknown) => {
    if (typeof each === 'string') return [printable(each)];
    return typeof each === 'object' && each !== null && 'name' in each && typeof each.name === 'string'
      ? [printable(each.name)]
      : [];
  });
}

/** The request as it will be sent, secrets masked by the server. */
function callLines({ preview }: PlanChange): string[] {
  if (preview == null) return ['The call depends on the answer to another one before it.'];
  const { method, url, body } = preview;
  const text = body == null ? '' : ` ${printable(typeof body === 'string' ? body : JSON.stringify(body))}`;
  return [`${method} ${printable(url)}${text}`];
}
