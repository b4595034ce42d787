import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What the stub was asked. */
export interface StubRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/** An answer: a status and a JSON body; a text is sent as it is, as HTML. */
export type StubAnswer = readonly [status: number, body: unknown];
/** Answers by `METHOD /path`; a list answers one after another and stays at its last. */
export type StubRoutes = Readonly<
  Record<string, StubAnswer | readonly StubAnswer[] | ((request: StubRequest) => StubAnswer)>
>;

export interface StubApi {
  readonly url: string;
  readonly token: string;
  readonly requests: readonly StubRequest[];
  close(): Promise<void>;
}

/** A server on loopback that speaks as much of the API as a test gives it: for formats and exit codes, no more. */
export async function startStubApi(routes: StubRoutes): Promise<StubApi> {
  const requests: StubRequest[] = [];
  const counts = new Map<string, number>();
  const server = createServer((incoming, outgoing) => {
    answer(incoming).then(
      ([status, body]) => {
        const isText = typeof body === 'string';
        outgoing.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json' });
        outgoing.end(isText ? body : JSON.stringify(body));
      },
      () => outgoing.destroy(),
    );
  });

  async function answer(incoming: IncomingMessage): Promise<StubAnswer> {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://stub.example');
    const body = await text(incoming);
    const { method = '', headers } = incoming;
    const request = {
      method,
      path: pathname,
      query: searchParams,
      headers,
      body: body === '' ? null : JSON.parse(body),
    };
    requests.push(request);
    const route = routes[`${method} ${pathname}`];
    if (route === undefined)
      return [404, { status: 404, code: 'notFound', detail: `The stub has no ${method} ${pathname}.` }];
    if (typeof route === 'function') return route(request);
    if (typeof route[0] === 'number') return route as StubAnswer;
    const answers = route as readonly StubAnswer[];
    const count = counts.get(`${method} ${pathname}`) ?? 0;
    counts.set(`${method} ${pathname}`, count + 1);
    return answers[Math.min(count, answers.length - 1)] ?? [500, {}];
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    token: 'stub-token',
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
