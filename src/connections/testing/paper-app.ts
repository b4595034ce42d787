import { createServer, type IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Connector } from '../../connector-kit/connector.ts';
import { defineConnector, readAction } from '../../connector-kit/define.ts';
import { tokenAuth } from '../../connector-kit/http/auth.ts';
import { UsherError } from '../../model/errors.ts';

/** What the made-up app does; tests change it. */
export interface PaperApp {
  readonly url: string;
  readonly requests: { readonly path: string; readonly body: string }[];
  password: string;
  capabilities: string[];
  tenant: { id: string; name: string };
  /** Sent with every answer. */
  headers: Record<string, string>;
  /** Answers wait until so many requests have come in since this was set. */
  together: number;
  close(): Promise<void>;
}

/** Starts an app that answers `/probe` and `/people` to whoever sends its password, and echoes what it was sent. */
export async function startPaperApp(): Promise<PaperApp> {
  let waiting: (() => void)[] = [];
  const gathered = async (): Promise<void> => {
    if (waiting.length + 1 < app.together) return new Promise((resolve) => void waiting.push(resolve));
    for (const go of waiting) go();
    waiting = [];
    app.together = 1;
  };
  const server = createServer((request, response) => {
    const answered = read(request).then(async (body) => {
      app.requests.push({ path: request.url ?? '', body });
      await gathered();
      const isAllowed = body.includes(JSON.stringify(app.password));
      response.writeHead(isAllowed ? 200 : 403, { 'content-type': 'application/json', ...app.headers });
      response.end(JSON.stringify({ capabilities: app.capabilities, tenant: app.tenant, surprise: body }));
      return null;
    });
    answered.catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const app: PaperApp = {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    requests: [],
    password: 'canary-paper-4471',
    capabilities: ['read', 'write'],
    tenant: { id: '1', name: 'Northwind Trading' },
    headers: {},
    together: 1,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return app;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

const answer = z.object({
  capabilities: z.array(z.string()),
  tenant: z.object({ id: z.string(), name: z.string() }),
});

/** A connector for it, called `paper-app`; `hasTokens`: it asks `/token` for one, and every call carries it. */
export function paperConnector({ hasTokens = false } = {}): Connector {
  const settings = z.strictObject({
    baseUrl: z.url(),
    company: z.string().min(1),
    note: z.string().optional(),
    certificateFingerprint: z.string().optional(),
    rate: z.number().default(1_000_000),
  });
  const secrets = z.strictObject({ password: z.string().min(4), second: z.string().optional() });
  type Context = Parameters<Parameters<typeof defineConnector<typeof settings, typeof secrets>>[0]['probe']>[0];
  const ask = async ({ http, settings: { password }, drift }: Context, path: string) => {
    const { status, text } = await http.request({
      operation: path.slice(1), method: 'POST', path, body: { json: { password } }, isSafeToRepeat: true,
    }); // prettier-ignore
    if (status !== 200) throw new UsherError('auth', 'The paper app refused the password.', { next: 'Check it.' });
    drift.record({ operation: 'probe', path: 'surprise', problem: 'unknown-field', sample: 'string(17)' });
    return answer.parse(JSON.parse(text));
  };
  return defineConnector({
    id: 'paper-app',
    title: 'Paper',
    description: 'A made-up app.',
    config: { settings, secrets },
    mappingVersion: 3,
    baseUrl: (values) => values.baseUrl,
    rates: (values) => ({ default: values.rate }),
    tls: ({ certificateFingerprint }) =>
      certificateFingerprint === undefined ? {} : { pinnedSha256: certificateFingerprint },
    auth: ({ password }, { http, clock }) => {
      if (!hasTokens) return null;
      const fetchToken = async () => {
        await http.request({
          operation: 'token', method: 'POST', path: '/token', body: { json: { password } }, functionality: 'token',
        }); // prettier-ignore
        return { value: `token of ${password}`, expiresAtMs: null };
      };
      return tokenAuth({ clock, fetchToken });
    },
    probe: async (context) => ({ ...(await ask(context, '/probe')), notes: ['made of paper'] }),
    collections: [],
    actions: [
      readAction({
        id: 'paper_app_list_people',
        title: 'List people',
        description: 'Lists people.',
        input: z.object({ letter: z.string().max(1).optional() }),
        output: z.object({ tenant: z.string() }),
        run: async (context: Context) => ({ data: { tenant: (await ask(context, '/people')).tenant.name } }),
      }),
      readAction({
        id: 'paper_app_add',
        title: 'Add',
        description: 'Asks nothing of the app.',
        input: z.object({}),
        output: z.object({ two: z.number() }),
        run: async () => ({ data: { two: 2 } }),
      }),
    ],
    unified: {
      traits: {
        userId: 'email', roles: [], unknownRoleStatus: 404, resourceTypes: [], resourcesArePolicies: false,
        describe: ({ company }) => ({
          organizations: [{ id: company, name: company }],
          credentials: { name: company, authType: 'api_key' },
        }),
      },
      live: {
        accounts: async () => ({ records: [], next: null }),
        account: async () => [],
        groups: async () => [],
        resources: async () => [],
        check: async () => undefined,
      },
    },
  }); // prettier-ignore
}
