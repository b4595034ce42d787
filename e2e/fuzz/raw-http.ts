// HTTP as it is on the wire, and the memory of the process that answers it.
import { type Agent, request } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { z } from 'zod';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Sends one request as it is, without the kindness of a real client. */
export function send(
  agent: Agent,
  base: URL,
  options: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string | Buffer;
  },
): Promise<Answer> {
  const { method, path, headers, body } = options;
  return new Promise((resolve, reject) => {
    const call = request({ agent, host: base.hostname, port: base.port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** Writes bytes to a new connection and answers what came until it was closed. Never rejects. */
export async function sendBytes(base: URL, pieces: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect({ host: base.hostname, port: Number(base.port) });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => socket.destroy());
  const closed = new Promise((resolve) => {
    socket.once('close', resolve);
  });
  for (const piece of pieces) if (!socket.destroyed) socket.write(piece);
  await closed;
  return Buffer.concat(chunks).toString('latin1');
}

const pages = z.array(z.object({ webSocketDebuggerUrl: z.string() }));
const usage = z.object({ id: z.number(), result: z.looseObject({ usedSize: z.number().optional() }).optional() });

/** The heap of a process that runs with `--inspect`, after all garbage was collected; megabytes. */
export async function heapMb(inspectorPort: number): Promise<number> {
  const [page] = pages.parse(await (await fetch(`http://127.0.0.1:${inspectorPort}/json/list`)).json());
  const socket = new WebSocket(page?.webSocketDebuggerUrl ?? '');
  await once(socket, 'open');
  let id = 0;
  const ask = async (method: string): Promise<number> => {
    id += 1;
    const wanted = id;
    const answer = new Promise<number>((resolve) => {
      socket.addEventListener('message', ({ data }) => {
        const message = usage.safeParse(JSON.parse(String(data)));
        if (message.success && message.data.id === wanted) resolve(message.data.result?.usedSize ?? 0);
      });
    });
    socket.send(JSON.stringify({ id: wanted, method }));
    return answer;
  };
  for (let round = 0; round < 3; round += 1) await ask('HeapProfiler.collectGarbage');
  const bytes = await ask('Runtime.getHeapUsage');
  socket.close();
  return bytes / 1024 / 1024;
}
