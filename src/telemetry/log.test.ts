import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createLog, maskSecrets, named } from './log.ts';

function capture(): { readonly write: (line: string) => void; readonly lines: () => Record<string, unknown>[] } {
  const written: string[] = [];
  return {
    write: (line) => void written.push(line),
    lines: () => written.map((line) => JSON.parse(line)),
  };
}

it('every line of one piece of work carries its name, however deep and late it is written', async () => {
  const sink = capture();
  const log = createLog('info', sink);
  const answer = async (id: string): Promise<void> => {
    await wait(1);
    log.info({ step: 1 }, id);
    await named({ run: `run-${id}` }, async () => {
      await wait(1);
      log.warn({}, id);
    });
    log.info({}, id);
  };
  await Promise.all(['a', 'b'].map((id) => named({ request: id }, () => answer(id))));
  log.info({}, 'nobody');
  const lines = sink.lines();
  expect(lines).toHaveLength(7);
  for (const { msg, request } of lines) expect(request).toBe(msg === 'nobody' ? undefined : msg);
  expect(lines.filter(({ run }) => run !== undefined).map(({ msg, run, level }) => [msg, run, level])).toEqual([
    ['a', 'run-a', 'warn'],
    ['b', 'run-b', 'warn'],
  ]);
});

it('what a line says itself goes before the name of the work', () => {
  const sink = capture();
  named({ run: 'outer' }, () => createLog('info', sink).info({ run: 'own' }, 'text'));
  expect(sink.lines()).toMatchObject([{ run: 'own' }]);
});

const SECRETS = {
  'a token of Usher': 'ush_Zx9_0aK-abcdefghijklmnopqrstuvwxyz012345678',
  'a key of the app': 'lpkey_4f3d2c1b0a998877',
  'a bearer token': 'eyJhbGciOiJIUzI1NiJ9.e30.abc-def_ghi',
  'a password in an address': 'pa55-w0rd!',
  'a quoted secret': 'say "cheese" \\ please',
};

it('nothing that looks like a secret reaches the log, wherever it stands, and the line stays JSON', () => {
  const sink = capture();
  const log = createLog('debug', sink);
  log.error(
    {
      headers: { authorization: `Bearer ${SECRETS['a bearer token']}`, cookie: SECRETS['a bearer token'] },
      connection: { provisioning_hash: SECRETS['a key of the app'], provhash: SECRETS['a quoted secret'] },
      error: `connect to postgres://usher:${SECRETS['a password in an address']}@db.example/usher failed`,
      list: [SECRETS['a token of Usher'], `x-key: ${SECRETS['a key of the app']}`],
      note: `sent Bearer ${SECRETS['a bearer token']} along`,
      nested: { deep: { apiKey: 12_345_678, password: SECRETS['a quoted secret'] } },
    },
    `token ${SECRETS['a token of Usher']} refused`,
  );
  const [line] = sink.lines();
  const text = JSON.stringify(line);
  for (const secret of [...Object.values(SECRETS), '12345678']) {
    expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
  }
  expect(line).toMatchObject({ level: 'error', msg: 'token ush_•••• refused' });
  expect(text).toContain('postgres://usher:••••@db.example/usher');
});

it('lines without secrets are left as they are', () => {
  const line =
    '{"level":"info","request":"7d1c","route":"/v1/tokens/:id","tokens":3,"next":"https://a.example/x?y=1@2"}';
  expect(maskSecrets(line)).toBe(line);
});
