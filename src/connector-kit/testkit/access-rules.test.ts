import { describe, expect, it } from 'vitest';
import type { HttpAuth } from '../http/auth.ts';
import { accessRules } from './index.ts';
import { fetchGateToken, gateAuth, type GateFlaws, gateOptions } from './testing/gate.ts';

// As with writes: rules that let a broken connector pass are worse than none.

const hourMs = 3_600_000;
const evenly = { perSecond: 1000 / 3600, burst: 1000, perFunctionality: true } as const;
const flawed = (change: (auth: HttpAuth) => Partial<HttpAuth>): GateFlaws => ({
  auth: (settings, environment) => {
    const auth = gateAuth(settings, environment);
    return { ...auth, ...change(auth) };
  },
});

const BROKEN: readonly { readonly how: string; readonly flaws: GateFlaws; readonly found: string }[] = [
  { how: 'goes on knocking', flaws: { isStubborn: true }, found: 'does not go on knocking' },
  {
    how: 'asks for a token for every call',
    flaws: {
      auth: ({ key }, { http }) => ({
        headerNames: ['authorization'],
        headers: async () => ({ authorization: `Bearer ${(await fetchGateToken(key, http)).value}` }),
        renew: () => Promise.resolve(true),
        secrets: () => [],
      }),
    },
    found: 'one token however much',
  },
  { how: 'does not see that its token died', flaws: flawed(() => ({ renewsOn: [401] })), found: 'tokens that died' },
  {
    how: 'asks for a token for every refused call',
    flaws: {
      auth: (settings, environment) => {
        let auth = gateAuth(settings, environment);
        return {
          ...auth,
          headers: (signal) => auth.headers(signal),
          renew: async () => {
            auth = gateAuth(settings, environment);
            return true;
          },
        };
      },
    },
    found: 'tokens that died',
  },
  { how: 'waits for no budget', flaws: { rates: { default: 1_000_000 } }, found: 'slows down' },
  { how: 'waits too short', flaws: { rates: { default: { ...evenly, maxWaitMs: hourMs / 10 } } }, found: 'slows down' },
];

describe('the rules of access', () => {
  it.each(accessRules(gateOptions()))('are kept by a sound connector: $name', async (rule) => {
    await expect(rule.run()).resolves.toBeUndefined();
  });

  it.each(BROKEN)('find out a connector that $how', async ({ flaws, found }) => {
    const rule = accessRules(gateOptions(flaws)).find(({ name }) => name.includes(found));
    await expect(rule?.run()).rejects.toThrow(/./);
  });
});
