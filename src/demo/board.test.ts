import { expect, it } from 'vitest';
import type { SyncRunView } from '../sync/view.ts';
import { countsOf, createBoard, endOf } from './board.ts';

const apps = [
  { id: 'lastpass', resources: 'shared folders' },
  { id: 'vm', resources: 'sites' },
];
const run = (state: SyncRunView['state'], records: number, total: number | null): SyncRunView => ({
  id: 'r1', connectionId: 'vm', state, requestedBy: 'demo', requestedAt: '2026-03-01T08:00:00.000Z',
  startedAt: '2026-03-01T08:00:00.000Z', finishedAt: state === 'running' ? null : '2026-03-01T08:00:01.400Z',
  isBaseline: true, progress: { pages: 1, records, ratePerSecond: null, total, etaSeconds: null }, collections: [],
  changes: null, anomalies: [], error: null, counts: { account: 250, group: 0, resource: 26, grant: 412, credential: 2 },
}); // prettier-ignore

function output(isTTY: boolean, columns?: number) {
  const written: string[] = [];
  return { isTTY, columns, written, write: (text: string) => written.push(text) };
}

it('a pipe gets each line once, in the order of the apps', () => {
  const pipe = output(false);
  const board = createBoard(apps, pipe);
  board.show('vm', run('running', 10, 100));
  board.end('vm', 'done');
  expect(pipe.written).toEqual([]);
  board.end('lastpass', 'done');
  expect(pipe.written).toEqual(['  lastpass  done\n', '  vm        done\n']);
});

it('a terminal gets the lines drawn over those before, none longer than it is wide until all have ended', () => {
  const terminal = output(true, 24);
  const board = createBoard(apps, terminal);
  board.show('vm', run('running', 50, 100));
  board.end('lastpass', '250 accounts and much more');
  expect(terminal.written).toEqual([
    '\r\u001B[2K  lastpass\n\r\u001B[2K  vm        ████████░░░\n',
    '\u001B[2A\r\u001B[2K  lastpass  250 account\n\r\u001B[2K  vm        ████████░░░\n',
  ]);
  board.close();
  expect(terminal.written.at(-1)).toContain('  lastpass  250 accounts and much more\n');
});

it('an end says what there is, how long it took and how it ended', () => {
  const succeeded = run('succeeded', 700, null);
  const held = '250 accounts  26 sites  412 grants  2 API keys';
  expect(endOf(succeeded, 'sites')).toBe(`${'█'.repeat(16)}  ${held}  1.4 s  complete`);
  const isPartial = {
    id: 'groups',
    scope: '',
    state: 'partial' as const,
    pages: 1,
    records: 1,
    total: null,
    reason: 'why',
  };
  expect(endOf({ ...succeeded, collections: [isPartial] }, 'sites')).toContain('1.4 s  partial');
  expect(endOf(run('paused', 0, null), 'sites')).toContain('paused');
  expect(countsOf({}, 'sites')).toBe('');
});
