import { connect, type Socket } from 'node:net';

/** A TCP connection to a server of this machine, to say what no HTTP client would say. */
export interface RawSocket {
  readonly socket: Socket;
  send(bytes: string | Buffer): void;
  /** All that came, once the server has closed the connection. */
  closed(): Promise<string>;
  /** What came so far, as soon as it satisfies; or what came until the connection was closed. */
  until(isEnough: (text: string) => boolean): Promise<string>;
}

/** Connects to a port of 127.0.0.1. Errors of the connection count as its end. */
export async function rawSocket(port: number): Promise<RawSocket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const chunks: Buffer[] = [];
  let isClosed = false;
  const watchers = new Set<() => void>();
  const notify = (): void => watchers.forEach((watcher) => watcher());
  const text = (): string => Buffer.concat(chunks).toString('latin1');
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    notify();
  });
  for (const event of ['end', 'error', 'close'] as const) {
    socket.on(event, () => {
      isClosed = true;
      socket.destroy();
      notify();
    });
  }
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve).once('error', () => resolve());
  });
  const until = (isEnough: (text: string) => boolean): Promise<string> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!isClosed && !isEnough(text())) return;
        watchers.delete(look);
        resolve(text());
      };
      watchers.add(look);
      look();
    });
  return {
    socket,
    send: (bytes) => void socket.write(bytes),
    closed: () => until(() => false),
    until,
  };
}
