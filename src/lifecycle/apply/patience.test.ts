import { expect, it } from 'vitest';
import { patienceFromEnvironment } from './patience.ts';

it('takes seconds from the environment and leaves out what is not set', () => {
  expect(patienceFromEnvironment({ USHER_SETTLE_SECONDS: '1.5', USHER_VERIFY_SECONDS: ' ' })).toEqual({
    settleMs: 1500,
  });
  expect(patienceFromEnvironment({ USHER_VERIFY_SECONDS: '60', USHER_PATIENCE_SECONDS: '600' })).toEqual({
    verifyMs: 60_000,
    patienceMs: 600_000,
  });
});

it.each(['0', '-1', '3601', 'soon', 'NaN', 'Infinity'])(
  'refuses %s seconds, naming the variable and its bounds',
  (text) => {
    expect(() => patienceFromEnvironment({ USHER_SETTLE_SECONDS: text })).toThrow(
      /USHER_SETTLE_SECONDS is not a number of seconds from 0.5 to 3600/,
    );
  },
);
