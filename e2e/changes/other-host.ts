// A network namespace as another host: its own addresses, one link to here, and that link can be cut. Linux, as root.
import { spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface OtherHost {
  /** Put before a command, it runs there. */
  readonly command: readonly string[];
  /** Under which this machine finds it, and it this machine. */
  readonly address: string;
  readonly here: string;
  /** Lets it reach a port of this machine's loopback, at the same port of `here`. */
  share(port: number): Promise<void>;
  /** Nothing gets through any more, and nobody is told: what is under way waits. */
  cut(): void;
  /** The link is back, and with it all that still waits. */
  mend(): void;
  close(): Promise<void>;
}

/** Makes one with a link of its own. Throws where that may not be. */
export async function makeHost(): Promise<OtherHost> {
  const name = nameOf();
  const net = `10.${randomInt(200, 250)}.${randomInt(0, 255)}`;
  const [here, address] = [`${net}.1`, `${net}.2`];
  const [link, itsLink] = [`${name}a`, `${name}b`];
  const relays: Relay[] = [];
  const command = ['ip', 'netns', 'exec', name];
  ip('netns', 'add', name);
  ip('link', 'add', link, 'type', 'veth', 'peer', 'name', itsLink, 'netns', name);
  ip('address', 'add', `${here}/24`, 'dev', link);
  ip('link', 'set', link, 'up');
  ip('-n', name, 'address', 'add', `${address}/24`, 'dev', itsLink);
  ip('-n', name, 'link', 'set', itsLink, 'up');
  ip('-n', name, 'link', 'set', 'lo', 'up');
  return {
    command,
    address,
    here,
    share: async (port) => void relays.push(await relay(here, port)),
    cut: () => ip('link', 'set', link, 'down'),
    mend: () => ip('link', 'set', link, 'up'),
    async close() {
      await Promise.all(relays.map((each) => each.close()));
      ip('netns', 'delete', name);
    },
  };
}

/** Links have names of up to 15 characters. */
function nameOf(): string {
  return `usher-${randomBytes(3).toString('hex')}`;
}

function ip(...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status === 0) return;
  const why = error?.message ?? stderr.trim();
  throw new Error(`ip ${args.join(' ')}: ${why}. Hosts of their own need Linux, root and the package iproute2.`);
}

interface Relay {
  close(): Promise<void>;
}

async function relay(host: string, port: number): Promise<Relay> {
  const open = new Set<Socket>();
  const server: Server = createServer((outside) => {
    const inside = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      open.add(socket);
      socket.on('error', () => undefined).once('close', () => {
        open.delete(socket);
        other.destroy();
      }); // prettier-ignore
    }
    outside.pipe(inside).pipe(outside);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
