import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect as connectHttp2, constants } from 'node:http2';
import { type OutgoingHttpHeaders, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { owned } from './children.ts';
import { testCertificate } from '../src/connector-kit/http/testing/certificate.ts';
import {
  freePort,
  type SimulatorProcess,
  startSimulator,
  startUsher,
  temporaryDirectory,
  type UsherProcess,
} from './processes.ts';

const NAME = 'usher.example.com';
const PROBLEM = expect.stringContaining('application/problem+json');
const CONFIGURATION = join(import.meta.dirname, '..', 'deploy', 'nginx.conf');
const nginxCommand = ['nginx', '/usr/sbin/nginx'].find((each) => spawnSync(each, ['-v']).status === 0) ?? null;
const which = nginxCommand ? 'nginx' : 'skipped: there is no nginx; install the Debian package nginx-light';

describe.skipIf(nginxCommand === null)(`behind a proxy with TLS (${which})`, () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let simulator: SimulatorProcess;
  let usher: UsherProcess;
  let nginx: ChildProcess;
  let ports: { readonly http: number; readonly https: number };

  beforeAll(async () => {
    directory = await temporaryDirectory();
    // The processes of Postgres and nginx are other users' where the tests run as root.
    await chmod(directory.path, 0o755);
    simulator = await startSimulator('lastpass', ['--people', '20']);
    usher = await startUsher({
      allow: [new URL(simulator.url).host],
      dataDir: join(directory.path, 'data'),
      environment: {
        USHER_ALLOWED_HOSTS: NAME,
        USHER_TRUSTED_PROXIES: '127.0.0.1',
        USHER_AUTH_FAILURES_PER_MINUTE: '3',
      },
    });
    ports = { http: await freePort(), https: await freePort() };
    nginx = await startNginx(nginxCommand ?? '', directory.path, ports, Number(new URL(usher.url).port));
  });

  afterAll(async () => {
    await end(nginx);
    await usher?.end('SIGTERM');
    await simulator?.stop();
    await directory?.remove();
  });

  it('answers to its name over TLS, and tells browsers to keep to that', async () => {
    const answer = await ask('GET', '/v1/me');
    expect(answer).toMatchObject({ status: 200, headers: { 'strict-transport-security': 'max-age=31536000' } });
    expect(JSON.parse(answer.body)).toMatchObject({ principal: { role: 'admin' } });
  });

  it('answers nothing in the clear', async () => {
    const plain = httpRequest({ port: ports.http, path: '/v1/me?a=1', headers: authorized({ host: NAME }) });
    expect(await answerTo(plain)).toMatchObject({ status: 301, headers: { location: `https://${NAME}/v1/me?a=1` } });
  });

  it('refuses other names, also where a caller claims another by X-Forwarded-Host', async () => {
    const answer = await ask('GET', '/v1/me', { host: 'evil.example', 'x-forwarded-host': NAME });
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'hostNotAllowed' });
  });

  it('lets its own page call, also over HTTP/2, and no page of another site', async () => {
    expect(await ask('GET', '/v1/me', { origin: `https://${NAME}` })).toMatchObject({ status: 200 });
    expect(await ask('GET', '/v1/me', { origin: 'https://evil.example' })).toMatchObject({ status: 403 });
    expect(await statusOverHttp2('/v1/me', { origin: `https://${NAME}` })).toBe(200);
    expect(await statusOverHttp2('/v1/me', { origin: 'https://evil.example' })).toBe(403);
  });

  it('passes bodies that Usher takes, and answers in its form to one that is too large', async () => {
    const taken = await ask('POST', '/v1/connections', {}, JSON.stringify({ connector: 'x'.repeat(1_000_000) }));
    expect(taken).toMatchObject({ status: 400, headers: { 'content-type': PROBLEM } });
    const refused = await ask('POST', '/v1/connections', {}, JSON.stringify({ connector: 'x'.repeat(1_100_000) }));
    expect(refused).toMatchObject({ status: 413, headers: { 'content-type': PROBLEM } });
    expect(JSON.parse(refused.body)).toMatchObject({ status: 413, retry: false });
  });

  it('holds a long poll open until something comes', async () => {
    const waiting = ask('GET', '/v1/events?after=0&wait=30');
    const { company_id, provisioning_hash } = simulator.credentials;
    await usher.call('POST', '/v1/connections', {
      connector: 'lastpass',
      settings: { company_id, region: 'custom', base_url: simulator.url, requests_per_second: 1000 },
      secrets: { provisioning_hash },
      schedule_seconds: null,
    });
    await usher.call('POST', '/v1/connections/lastpass/syncs', {});
    const { data } = z.object({ data: z.array(z.unknown()) }).parse(JSON.parse((await waiting).body));
    expect(data.length).toBeGreaterThan(0);
  });

  it('tells callers apart by where they call from, whatever they claim', async () => {
    const guess = async (localAddress: string, claimed: string) => {
      const headers = { authorization: 'Bearer ush_bad', 'x-forwarded-for': claimed };
      return (await ask('GET', '/v1/me', headers, '', localAddress)).status;
    };
    const statuses: number[] = [];
    for (const claimed of ['198.51.100.1', '198.51.100.2', '198.51.100.3', '198.51.100.4']) {
      statuses.push(await guess('127.0.0.2', claimed));
    }
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect(await guess('127.0.0.3', '198.51.100.1')).toBe(401);
  });

  it('says in the form of Usher that Usher is away', async () => {
    await usher.end('SIGTERM');
    const answer = await ask('GET', '/v1/me');
    expect(answer).toMatchObject({ status: 502, headers: { 'content-type': PROBLEM } });
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'transient', retry: true });
  });

  function authorized(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
    return { authorization: `Bearer ${usher.token}`, ...headers };
  }

  function ask(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders = {},
    body = '',
    from = '127.0.0.1',
  ): Promise<Answer> {
    const json = body === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = httpsRequest({
      method,
      path,
      host: '127.0.0.1',
      port: ports.https,
      localAddress: from,
      headers: authorized({ host: NAME, ...json, ...headers }),
      ca: testCertificate.cert,
      servername: 'localhost',
    });
    return answerTo(request, body);
  }

  async function statusOverHttp2(path: string, headers: OutgoingHttpHeaders): Promise<number> {
    const session = connectHttp2(`https://localhost:${ports.https}`, { ca: testCertificate.cert });
    const stream = session.request({ ':path': path, ':authority': NAME, ...authorized(headers) });
    const [answered] = z
      .tuple([z.looseObject({ [constants.HTTP2_HEADER_STATUS]: z.number() })])
      .rest(z.unknown())
      .parse(await once(stream, 'response'));
    session.destroy();
    return answered[constants.HTTP2_HEADER_STATUS] ?? 0;
  }
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

async function answerTo(request: ReturnType<typeof httpRequest>, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      text(response).then(
        (answered) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: answered }),
        reject,
      );
    });
    request.end(body);
  });
}

/** The configuration as it is in deploy/, but for ports and certificate, in an nginx of its own. */
async function startNginx(
  command: string,
  folder: string,
  ports: { readonly http: number; readonly https: number },
  upstream: number,
): Promise<ChildProcess> {
  const [certificate, key, site] = [join(folder, 'cert.pem'), join(folder, 'key.pem'), join(folder, 'site.conf')];
  await writeFile(certificate, testCertificate.cert);
  await writeFile(key, testCertificate.key, { mode: 0o600 });
  let configuration = await readFile(CONFIGURATION, 'utf8');
  for (const [there, here] of [
    ['server 127.0.0.1:8420;', `server 127.0.0.1:${upstream};`],
    ['listen 80;', `listen 127.0.0.1:${ports.http};`],
    ['listen 443 ssl', `listen 127.0.0.1:${ports.https} ssl`],
    [`/etc/letsencrypt/live/${NAME}/fullchain.pem`, certificate],
    [`/etc/letsencrypt/live/${NAME}/privkey.pem`, key],
  ] as const) {
    if (!configuration.includes(there)) throw new Error(`deploy/nginx.conf has no "${there}"`);
    configuration = configuration.replace(there, here);
  }
  await writeFile(site, configuration);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (each) => `${each}_temp_path ${join(folder, 'nginx', each)};`,
  );
  await mkdir(join(folder, 'nginx'));
  const whole = join(folder, 'nginx.conf');
  await writeFile(
    whole,
    `daemon off; worker_processes 1; pid ${join(folder, 'nginx.pid')}; error_log stderr warn;
    events {} http { access_log off; ${temporary.join(' ')} include ${site}; }`,
  );
  const child = owned(spawn(command, ['-c', whole, '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'pipe'] }));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  while (child.exitCode === null && child.signalCode === null) {
    const isUp = await answerTo(httpRequest({ port: ports.http })).then(
      () => true,
      () => false,
    );
    if (isUp) return child;
    await wait(50);
  }
  throw new Error(`nginx ended with ${child.exitCode}: ${said}`);
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
