import { afterAll, expect, test } from 'vitest';
import type { RunProgress } from './surface.ts';
import { openDesk, receiptOf } from './testing/desk.ts';

/** What happens between two polls; the last one goes on for ever. */
let between: (() => Promise<unknown> | undefined)[] = [];
const desk = await openDesk(async () => {
  await between.shift()?.();
});
afterAll(() => desk.close());
const { pool } = desk.database;
const { records } = desk;
const ada = await desk.caller('Ada', 'person', 'admin');

const move = (run: string, ordinal: number, state: string, on: Pick<typeof pool, 'query'> = pool) =>
  on.query(
    `update run_change set state = $3, receipt = $4, attempt = 1, seq = nextval('run_change_seq') where run_id = $1 and ordinal = $2`,
    [run, ordinal, state, state === 'done' ? JSON.stringify(receiptOf('It is disabled.')) : null],
  );
const put = (run: string, state: string) => pool.query('update run set state = $2 where id = $1', [run, state]);
const startRun = async (changes: number) => desk.addRun(await desk.addPlan({ changes }));

async function follow(run: string, after = 0, signal = new AbortController().signal): Promise<RunProgress[]> {
  const told: RunProgress[] = [];
  for await (const progress of records.follow(run, after, ada, signal)) told.push(progress);
  return told;
}
const inShort = (told: readonly RunProgress[]) =>
  told.map((progress) =>
    progress.kind === 'run' ? progress.run.state : `${progress.change.ordinal} ${progress.change.state}`,
  );

test('a run is told first and last, and each change as it goes on, once', async () => {
  const run = await startRun(2);
  between = [
    () => move(run, 0, 'calling'),
    () => undefined,
    () => move(run, 0, 'done'),
    () => put(run, 'paused'),
    () => put(run, 'cancelled'),
  ];
  const told = await follow(run);
  expect(inShort(told)).toEqual(['running', '0 planned', '1 planned', '0 calling', '0 done', 'paused', 'cancelled']);
  expect(told.at(4)).toMatchObject({
    change: {
      ordinal: 0, subject: 'jane0@northwind.example', summary: 'Disable jane0@northwind.example; the vault is kept',
      attempt: 1, outcome: 'It is disabled.',
    },
  }); // prettier-ignore
  expect(told.at(-1)).toMatchObject({ run: { id: run, counts: { done: 1, planned: 1 } } });
});

test('a change whose position was given first and committed last is told all the same', async () => {
  const run = await startRun(2);
  const late = await pool.connect();
  between = [
    async () => {
      await late.query('begin');
      await move(run, 0, 'done', late);
      await move(run, 1, 'done');
    },
    () => late.query('commit'),
    () => undefined,
    () => put(run, 'paused'),
    () => put(run, 'succeeded'),
  ];
  expect(inShort(await follow(run))).toEqual([
    'running',
    '0 planned',
    '1 planned',
    '1 done',
    '0 done',
    'paused',
    'succeeded',
  ]);
  late.release();
});

test('what was committed very late is told at the end', async () => {
  const run = await startRun(2);
  const late = await pool.connect();
  between = [
    async () => {
      await late.query('begin');
      await move(run, 0, 'done', late);
      await move(run, 1, 'done');
    },
    ...Array.from({ length: 40 }, () => () => undefined),
    () => late.query('commit'),
    () => undefined,
    () => put(run, 'succeeded'),
  ];
  expect(inShort(await follow(run))).toEqual(['running', '0 planned', '1 planned', '1 done', '0 done', 'succeeded']);
  late.release();
});

test('a follower goes on from the position it had, and misses nothing', async () => {
  const run = await startRun(700);
  await pool.query(`update run_change set state = 'done' where run_id = $1`, [run]);
  await put(run, 'succeeded');
  const told = await follow(run);
  expect(told).toHaveLength(702);
  const last = told.at(-2);
  if (last?.kind !== 'change') throw new Error('The last but one is a change.');
  await move(run, 3, 'failed');
  const again = inShort(await follow(run, last.position));
  expect(again.filter((line) => line.endsWith('failed'))).toEqual(['3 failed']);
  expect(again.length).toBeLessThan(510);
});

test('a run that has ended is told with all its changes, however many', async () => {
  const run = await startRun(2300);
  await put(run, 'failed');
  expect(await follow(run)).toHaveLength(2302);
});

test('following ends quietly when it is given up, and when the run is removed', async () => {
  const run = await startRun(1);
  const giveUp = new AbortController();
  between = [async () => giveUp.abort()];
  expect(inShort(await follow(run, 0, giveUp.signal))).toEqual(['running', '0 planned']);
  between = [() => pool.query('delete from run where id = $1', [run])];
  expect(inShort(await follow(run))).toEqual(['running', '0 planned']);
  await expect(follow(run)).rejects.toMatchObject({ kind: 'notFound' });
});
