// The processes that a test or a benchmark starts: each is told to end when it ends, however that happens.
import type { ChildProcess } from 'node:child_process';

const running = new Set<ChildProcess>();

/**
 * A process that ends with this one. Without that a set-up that fails half way leaves what it had started to nobody, and a
 * simulator that goes on holds the pipe which the output of all tests goes through: whoever reads it would wait for ever.
 */
export function owned<Child extends ChildProcess>(child: Child): Child {
  watchOurEnd();
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

let isWatching = false;

function watchOurEnd(): void {
  if (isWatching) return;
  isWatching = true;
  // In order: an Usher that is killed would leave its Postgres behind.
  process.once('exit', () => {
    for (const child of running) child.kill('SIGTERM');
  });
  // Vitest ends its workers with SIGTERM, at which by itself no exit handler runs.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1));
}
