import { describe, expect, it } from 'vitest';
import { blockSize, createLimiter, type Lease, localLeases, type Rates } from './limiter.ts';

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
        return { slots: 1, startsInMs: 0, spacingMs: 200, endsInMs: 200 };
      },
      pushBack: () => undefined,
    });
    await expect(limiter.acquire('default', never)).rejects.toThrow('database gone');
    await expect(limiter.acquire('default', never)).resolves.toBeUndefined();
  });
});
