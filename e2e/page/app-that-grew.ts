// An app that was updated: what it sends has fields that its connector has never heard of.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

export interface GrownApp {
  readonly url: string;
  /** So many users it speaks of and does not send. */
  withheld: number;
  close(): Promise<void>;
}

// No users are an empty list: PHP knows no difference.
const users = z.record(z.string(), z.looseObject({})).or(z.array(z.looseObject({})).length(0));
const page = z.looseObject({ total: z.number().optional(), Users: users.optional() });

/** Passes everything on to a simulator of LastPass and adds a field to each user it sends back. */
export async function startGrownApp(simulatorUrl: string, field: Readonly<Record<string, string>>): Promise<GrownApp> {
  const server = createServer((incoming, outgoing) => {
    const forwarded = async (): Promise<void> => {
      const body = await text(incoming);
      const answer = await fetch(new URL(incoming.url ?? '/', simulatorUrl), {
        method: incoming.method ?? 'GET',
        headers: { 'content-type': incoming.headers['content-type'] ?? 'application/json' },
        ...(body !== '' && { body }),
      });
      outgoing.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
      outgoing.end(grown(await answer.text(), field, app.withheld));
    };
    forwarded().catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const app: GrownApp = {
    withheld: 0,
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return app;
}

function grown(answer: string, field: Readonly<Record<string, string>>, withheld: number): string {
  if (!answer.includes('"Users"')) return answer;
  const parsed = page.parse(JSON.parse(answer));
  const sent = Object.entries(parsed.Users ?? {}).map(([id, user]) => [id, { ...user, ...field }]);
  const total = parsed.total === undefined ? {} : { total: parsed.total + withheld };
  return JSON.stringify({ ...parsed, ...total, Users: Object.fromEntries(sent) });
}
