import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { blockSize, budgetOf, createLimiter, type Lease, localLeases, type Rates } from './limiter.ts';

const never = new AbortController().signal;

/** A clock that is moved by sleeping alone. */
function world(rates: Rates) {
  let now = 0;
  const leases: { functionality: string; lease: Lease }[] = [];
  const shared = localLeases(() => now);
  const make = () =>
    createLimiter({
      rates,
      nowMs: () => now,
      sleep: async (ms) => void (now += ms),
      pushBack: shared.pushBack,
      leaseBlock: async (budget, slots) => {
        const lease = await shared.leaseBlock(budget, slots);
        leases.push({ functionality: budget.name, lease });
        return lease;
      },
    });
  return { make, leases, now: () => now, pass: (ms: number) => void (now += ms) };
}

describe('the limiter', () => {
  it('starts two calls a second at two a second, leasing each by itself', async () => {
    const { make, leases, now } = world({ default: 2 });
    const limiter = make();
    const starts: number[] = [];
    for (let call = 0; call < 5; call += 1) {
      await limiter.acquire('default', never);
      starts.push(now());
    }
    expect(starts).toEqual([0, 500, 1000, 1500, 2000]);
    expect(leases).toHaveLength(5);
  });

  it('leases thousands at once where the rate is high, so that a call costs nothing', async () => {
    const { make, leases, now } = world({ default: 100_000 });
    const limiter = make();
    for (let call = 0; call < 20_000; call += 1) await limiter.acquire('default', never);
    expect(leases.length).toBeLessThanOrEqual(2);
    expect(now()).toBeGreaterThanOrEqual(99);
    expect([2, 19, 20, 50, 1000, 100_000, 1e9].map(blockSize)).toEqual([1, 1, 2, 5, 100, 10_000, 10_000]);
  });

  it('shares one budget among processes, and one among functionalities that have no rate of their own', async () => {
    const { make, now } = world({ default: 10 });
    const [one, other] = [make(), make()];
    for (let call = 0; call < 10; call += 1) {
      await one.acquire('search', never);
      await other.acquire('default', never);
    }
    expect(now()).toBe(1900);
  });

  it('keeps functionalities with rates of their own apart', async () => {
    const { make, leases, now } = world({ default: 1, search: 10 });
    const limiter = make();
    await limiter.acquire('default', never);
    await limiter.acquire('search', never);
    await limiter.acquire('search', never);
    expect(now()).toBe(100);
    expect(leases.map(({ functionality }) => functionality)).toEqual(['default', 'search', 'search']);
  });

  it('forgets slots whose time is over: idleness saves up no burst', async () => {
    const { make, leases, pass } = world({ default: 1000 });
    const limiter = make();
    await limiter.acquire('default', never);
    pass(10_000);
    await limiter.acquire('default', never);
    expect(leases).toHaveLength(2);
  });

  it('starts nobody while it is held', async () => {
    const { make, now } = world({ default: 100 });
    const limiter = make();
    limiter.hold('default', 5000);
    await limiter.acquire('default', never);
    expect(now()).toBe(5000);
  });

  it('lets an aborted call go with its reason and the next one on', async () => {
    const { make } = world({ default: 100 });
    const limiter = make();
    const abort = new AbortController();
    abort.abort(new Error('stop'));
    await expect(limiter.acquire('default', abort.signal)).rejects.toThrow('stop');
    await expect(limiter.acquire('default', never)).resolves.toBeUndefined();
  });

  it('tells whoever asks when leasing fails, and leases anew for the next', async () => {
    let count = 0;
    const limiter = createLimiter({
      rates: { default: 5 },
      leaseBlock: async () => {
        count += 1;
        if (count === 1) throw new Error('database gone');
        return { slots: 1, startsInMs: 0, spacingMs: 200, endsInMs: 200, aheadMs: 200 };
      },
      pushBack: () => undefined,
    });
    await expect(limiter.acquire('default', never)).rejects.toThrow('database gone');
    await expect(limiter.acquire('default', never)).resolves.toBeUndefined();
  });
});

describe('a budget with a burst', () => {
  /** 480 an hour for each functionality, as an app may document it. */
  const hourly: Rates = { default: { perSecond: 480 / 3600, burst: 480, perFunctionality: true } };

  it('starts as many at once as it holds and then as fast as it is filled up', async () => {
    const { make, now } = world({ default: { perSecond: 0.5, burst: 3 } });
    const limiter = make();
    const starts: number[] = [];
    for (let call = 0; call < 5; call += 1) {
      await limiter.acquire('default', never);
      starts.push(now());
    }
    expect(starts).toEqual([0, 0, 0, 2000, 4000]);
  });

  it('is shared by all processes, and is full again after a rest but never fuller', async () => {
    const { make, now, pass } = world(hourly);
    const [one, other] = [make(), make()];
    for (let call = 0; call < 240; call += 1) {
      await one.acquire('list', never);
      await other.acquire('list', never);
    }
    expect(now()).toBe(0);
    await one.acquire('list', never);
    expect(now()).toBe(7500);
    pass(24 * 3_600_000);
    const rested = now();
    for (let call = 0; call < 481; call += 1) await other.acquire('list', never);
    expect(now() - rested).toBe(7500);
  });

  it('is one of its own for each functionality where the connector says so, else one for all that are not named', async () => {
    const own = world({ default: { perSecond: 0.5, burst: 1, perFunctionality: true } });
    const shared = world({ default: { perSecond: 0.5, burst: 1 }, search: { perSecond: 10, burst: 1 } });
    for (const { make, now, time } of [
      { ...own, time: 0 },
      { ...shared, time: 2000 },
    ]) {
      const limiter = make();
      for (const functionality of ['list', 'create', 'search']) await limiter.acquire(functionality, never);
      expect(now()).toBe(time);
    }
    expect(budgetOf({ default: 2 }, 'list')).toMatchObject({ name: 'default', burst: 1, maxWaitMs: null });
  });

  it('believes an app that says less is left, and not one that says more', async () => {
    const { make, now } = world(hourly);
    const [one, other] = [make(), make()];
    await one.acquire('list', never);
    one.told('list', 2);
    for (let call = 0; call < 2; call += 1) await other.acquire('list', never);
    expect(now()).toBe(0);
    other.told('list', 400);
    await other.acquire('list', never);
    expect(now()).toBe(7500);
  });

  it('takes what the app says right after a call of ours for granted: it is the same count', async () => {
    const { make, now } = world(hourly);
    const limiter = make();
    for (let left = 479; left >= 0; left -= 1) {
      await limiter.acquire('list', never);
      limiter.told('list', left);
    }
    expect(now()).toBe(0);
  });

  it('has nothing left after it was held', async () => {
    const { make, now } = world(hourly);
    const limiter = make();
    await limiter.acquire('list', never);
    limiter.hold('list', 60_000);
    for (let call = 0; call < 2; call += 1) await limiter.acquire('list', never);
    expect(now()).toBe(67_500);
  });

  it('counts what a process has in hand and uses late as part of the burst', async () => {
    const { make, now, pass } = world({ default: { perSecond: 100, burst: 100 } });
    const [one, other] = [make(), make()];
    await one.acquire('default', never);
    pass(85);
    let atOnce = 0;
    // The nine that one has in hand are still good; the other takes all that it is given.
    for (let call = 0; call < 9; call += 1, atOnce += 1) await one.acquire('default', never);
    for (; now() === 85; atOnce += 1) await other.acquire('default', never);
    expect(atOnce - 1).toBeLessThanOrEqual(100);
    expect(atOnce - 1).toBeGreaterThan(80);
  });

  it('never starts more than its burst and its rate allow, in any stretch of time, over several processes', () => {
    const idle = fc.oneof(
      { weight: 250, arbitrary: fc.constant(0) },
      { weight: 4, arbitrary: fc.nat(100) },
      { weight: 2, arbitrary: fc.nat(20_000) },
    );
    return fc.assert(
      fc.asyncProperty(
        fc.record({
          perSecond: fc.oneof(fc.double({ min: 0.1, max: 5, noNaN: true }), fc.integer({ min: 20, max: 2000 })),
          burst: fc.integer({ min: 2, max: 80 }),
        }),
        fc.array(fc.record({ process: fc.nat(2), idleMs: idle }), { minLength: 100, maxLength: 400, size: 'max' }),
        async (budget, calls) => {
          const { make, now, pass } = world({ default: budget });
          const processes = [make(), make(), make()];
          const starts: number[] = [];
          for (const { process, idleMs } of calls) {
            pass(idleMs);
            await processes[process]?.acquire('default', never);
            starts.push(now());
          }
          // A timer is no finer than a millisecond.
          const slack = budget.perSecond / 1000 + 1e-6;
          const tooMany = starts.flatMap((from, first) =>
            starts.slice(first).flatMap((to, index) => {
              const most = budget.burst + (budget.perSecond * (to - from)) / 1000;
              return index + 1 > most + slack ? [`${index + 1} in ${to - from} ms, at most ${most}`] : [];
            }),
          );
          expect(tooMany).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });
});
