import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { clientOf, runCli } from '../src/cli/testing/run-cli.ts';
import { type GrownApp, startGrownApp } from './page/app-that-grew.ts';
import {
  type SimulatorProcess, startSimulator, startUsher, temporaryDirectory, type UsherProcess,
} from './processes.ts'; // prettier-ignore

// The page at / in a real browser. Where no Chromium is installed there is nothing to look with.
const CHROMIUM = [process.env['USHER_TEST_CHROMIUM'] ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  existsSync,
);
// Run in the browser, so text: what the page does not allow is told on the console, where the tests look.
const TELL_VIOLATIONS = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  console.error('policy: ' + violatedDirective + ' ' + blockedURI);
});`;
const TRY_INLINE_SCRIPT = `(() => {
  const script = document.createElement('script');
  script.textContent = 'window.hasRun = true';
  document.body.append(script);
  return 'hasRun' in window;
})()`;
const SHOTS = process.env['USHER_TEST_SCREENSHOTS'];

let simulator: SimulatorProcess;
let app: GrownApp;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let usher: UsherProcess;

beforeAll(async () => {
  simulator = await startSimulator('lastpass', ['--people', '40']);
  app = await startGrownApp(simulator.url, { loginRisk: 'low: seen from Utrecht' });
  directory = await temporaryDirectory();
  usher = await startUsher({ allow: [new URL(app.url).host], dataDir: directory.path });
  await connect('lastpass');
  await usher.call('POST', '/v1/connections/lastpass/syncs', {});
  await synced();
});

/** Connects the app under a name. */
async function connect(id: string): Promise<void> {
  await usher.call('POST', '/v1/connections', {
    id,
    connector: 'lastpass',
    settings: { company_id: simulator.credentials['company_id'], region: 'custom', base_url: app.url, requests_per_second: 1000 },
    secrets: { provisioning_hash: simulator.credentials['provisioning_hash'] },
    schedule_seconds: null,
  });
} // prettier-ignore

afterAll(async () => {
  await usher?.end('SIGTERM');
  await app?.close();
  await simulator?.stop();
  await directory?.remove();
});

const connections = z.object({
  data: z.array(
    z.object({ snapshot_at: z.string().nullable(), last_sync: z.object({ state: z.string() }).nullable() }),
  ),
});

async function synced(): Promise<void> {
  for (;;) {
    const { data } = connections.parse(await usher.call('GET', '/v1/connections'));
    if (data[0]?.last_sync?.state === 'failed') throw new Error('The sync failed.');
    if (data[0]?.snapshot_at != null && data[0].last_sync?.state === 'succeeded') return;
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}

const started = z.object({ run: z.object({ id: z.string() }) });
const ended = z.object({ state: z.enum(['queued', 'running', 'succeeded', 'failed']) });

/** Syncs the connection once more; answers how that ended. */
async function syncedAgain(): Promise<string> {
  const { run } = started.parse(await usher.call('POST', '/v1/connections/lastpass/syncs', {}));
  for (;;) {
    const { state } = ended.parse(await usher.call('GET', `/v1/syncs/${run.id}`));
    if (state === 'succeeded' || state === 'failed') return state;
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}

it('what the app sent and nobody knew is told on the command line too, without its values', async () => {
  const { stdout, exitCode } = await runCli(['connections', 'show', 'lastpass'], { env: clientOf(usher) });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/getuserdata Users\.\*\.loginRisk +unknown field +string\(22\) +1 +\S+/u);
  expect(stdout).not.toContain('Utrecht');
});

describe.skipIf(CHROMIUM === undefined)('the page at / in Chromium (skipped where /usr/bin/chromium is missing)', () => {
  let browser: Browser;
  beforeAll(async () => {
    const args = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
    browser = await chromium.launch({ executablePath: CHROMIUM, args });
  });
  afterAll(async () => browser?.close());

  /** Opens the page and keeps all that the browser complained of, violations of the content policy among it. */
  async function open(width: number, height: number, scheme: 'light' | 'dark' = 'light') {
    const context: BrowserContext = await browser.newContext({
      viewport: { width, height },
      colorScheme: scheme,
      locale: 'en-GB',
      timezoneId: 'UTC',
    });
    const page: Page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
    page.on('pageerror', (error) => void complaints.push(String(error)));
    page.on('requestfailed', (request) => void complaints.push(`${request.method()} ${request.url()} failed`));
    await page.addInitScript(TELL_VIOLATIONS);
    await page.goto(usher.url);
    return { context, page, complaints };
  }

  async function signIn(page: Page, token: string): Promise<void> {
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Show' }).click();
  }

  const shot = async (page: Page, name: string): Promise<void> => {
    if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
  };

  it('shows connections, figures, freshness and drift to whoever types a token', async () => {
    const { context, page, complaints } = await open(1200, 900);
    await page.getByRole('heading', { name: 'Who is asking?' }).waitFor();
    await shot(page, 'ask');
    await signIn(page, usher.token);
    const card = page.getByRole('listitem').filter({ hasText: 'LastPass Business' });
    await card.getByText('up to date').waitFor();
    expect(await card.textContent()).toMatch(/Seen whole .*(?:now|second|minute)/u);
    expect(await page.locator('#figures').textContent()).toMatch(/Accounts4\d/u);
    const drift = card.locator('details');
    await drift.getByText('The app sends one thing its connector does not know').click();
    const line = await drift.locator('li').textContent();
    expect(line).toMatch(/^Users\.\*\.loginRisk unknown field, string\(22\)getuserdata, once, on /u);
    expect(await page.content()).not.toContain('Utrecht');
    await shot(page, 'data');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('fits a phone: nothing is wider than the screen, and what can be pressed is large enough', async () => {
    const { context, page, complaints } = await open(360, 740, 'dark');
    await shot(page, 'phone-ask');
    await signIn(page, usher.token);
    const summary = page.locator('summary');
    await summary.click();
    await shot(page, 'phone-data');
    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(overflow).toBe(0);
    for (const target of [summary, page.getByRole('button', { name: 'Forget token' })]) {
      expect((await target.boundingBox())?.height ?? 0).toBeGreaterThanOrEqual(24);
    }
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('says why a bad token will not do, and forgets a good one when asked', async () => {
    const { context, page, complaints } = await open(800, 600);
    await signIn(page, 'ush_nonsense');
    await page.getByText('Usher does not know this token.').waitFor();
    // A browser reports the 401 itself; nothing else may be wrong.
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
    await signIn(page, usher.token);
    await page.getByRole('button', { name: 'Forget token' }).click();
    await page.getByRole('heading', { name: 'Who is asking?' }).waitFor();
    expect(await page.evaluate('sessionStorage.length + localStorage.length')).toBe(0);
    expect(await page.locator('#connections').textContent()).toBe('');
    await context.close();
  });

  it('speaks of all connections where there are several, which stand side by side where there is room', async () => {
    await connect('lastpass-eu');
    const { context, page, complaints } = await open(1200, 900);
    await signIn(page, usher.token);
    const cards = page.locator('#connections > li');
    await cards.nth(1).waitFor();
    const [first, second] = [await cards.nth(0).boundingBox(), await cards.nth(1).boundingBox()];
    expect(second?.y).toBe(first?.y);
    expect(await cards.nth(1).textContent()).toContain('Holds nothing yet');
    expect(await page.locator('#next').textContent()).toContain('usher accounts --search NAME');
    await shot(page, 'several');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('takes no script but its own: what an app names itself is text', async () => {
    const { context, page } = await open(800, 600);
    await signIn(page, usher.token);
    await page.getByText('up to date').waitFor();
    expect(await page.evaluate(TRY_INLINE_SCRIPT)).toBe(false);
    await context.close();
  });

  it('says of what it saw only a part, and why a sync failed with what to do', async () => {
    app.withheld = 2;
    expect(await syncedAgain()).toBe('succeeded');
    const { context, page, complaints } = await open(1200, 900);
    await signIn(page, usher.token);
    const card = page.locator('#connections > li').filter({ has: page.getByText('lastpass', { exact: true }) });
    await card.getByText('seen in part').waitFor();
    expect(await card.locator('details').first().textContent()).toMatch(
      /^One part could not be seen whole.*LastPass sent \d+ of \d+ users and then no more\.Nothing of it was removed/u,
    );
    await shot(page, 'in-part');
    await simulator.inspect('POST', 'mutate', { op: 'reset-provisioning-hash' });
    expect(await syncedAgain()).toBe('failed');
    await page.reload();
    await card.getByText('last sync failed').waitFor();
    const text = await card.textContent();
    await card.locator('code', { hasText: /^usher connections edit lastpass --new-secret$/u }).waitFor();
    expect(text).toContain('One part could not be seen whole');
    await shot(page, 'failed');
    expect(complaints).toEqual([]);
    await context.close();
  });
}); // prettier-ignore
