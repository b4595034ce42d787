import type { SyncRunView } from '../sync/view.ts';

const BAR_WIDTH = 16;

/** A line an app while all are pulled side by side: drawn over again on a terminal, else written once each has ended. */
export interface Board {
  show(id: string, run: SyncRunView): void;
  /** Gives an app the line that stays. */
  end(id: string, line: string): void;
  /** After the last: a terminal shows the lines whole, however long they are. */
  close(): void;
}

/** Where a board is drawn. */
export interface BoardOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Makes a board of these lines; `resources` is what each app calls its own. */
export function createBoard(
  apps: readonly { readonly id: string; readonly resources: string }[],
  output: BoardOutput,
): Board {
  const width = nameWidth(apps);
  const lines = new Map<string, string>();
  const ended = new Set<string>();
  let drawn = 0;
  let written = 0;
  const draw = (columns = output.columns ?? 80): void => {
    const shown = apps.map(({ id }) => (lines.get(id) ?? `  ${id}`).slice(0, Math.max(1, columns - 1)));
    const up = drawn > 0 ? `\u001B[${drawn}A` : '';
    output.write(`${up}${shown.map((line) => `\r\u001B[2K${line}\n`).join('')}`);
    drawn = shown.length;
  };
  return {
    show(id, run) {
      if (output.isTTY !== true) return;
      lines.set(id, `  ${id.padEnd(width)}  ${bar(run)}  ${run.progress.records} records`);
      draw();
    },
    end(id, line) {
      lines.set(id, `  ${id.padEnd(width)}  ${line}`);
      if (output.isTTY === true) return draw();
      // In their order: a line waits for those before it.
      ended.add(id);
      for (let next = apps[written]; next !== undefined && ended.has(next.id); next = apps[written]) {
        output.write(`${lines.get(next.id)}\n`);
        written += 1;
      }
    },
    close() {
      if (output.isTTY === true) draw(Number.POSITIVE_INFINITY);
    },
  };
}

/** How wide the names of these apps are. */
export function nameWidth(apps: readonly { readonly id: string }[]): number {
  return Math.max(0, ...apps.map(({ id }) => id.length));
}

/** A run that has ended: `████  250 accounts  18 groups  31 shared folders  418 grants  0.3 s  complete`. */
export function endOf(run: SyncRunView, resources: string): string {
  const took = run.startedAt && run.finishedAt ? Date.parse(run.finishedAt) - Date.parse(run.startedAt) : 0;
  const isPartial = run.collections.some(({ state }) => state === 'partial');
  const word = run.state === 'succeeded' ? (isPartial ? 'partial' : 'complete') : run.state;
  return `${bar(run)}  ${countsOf(run.counts, resources)}  ${(took / 1000).toFixed(1)} s  ${word}`;
}

/** What a connection holds: kinds of which there are none are left out. */
export function countsOf(counts: Readonly<Record<string, number>>, resources: string): string {
  const kinds = [
    ['account', 'accounts'],
    ['group', 'groups'],
    ['resource', resources],
    ['grant', 'grants'],
    ['credential', 'API keys'],
  ] as const;
  return kinds.flatMap(([kind, words]) => ((counts[kind] ?? 0) > 0 ? [`${counts[kind]} ${words}`] : [])).join('  ');
}

function bar(run: SyncRunView): string {
  const { records, total } = run.progress;
  const share = run.state === 'succeeded' ? 1 : total ? Math.min(1, records / total) : 0;
  return '█'.repeat(Math.round(share * BAR_WIDTH)).padEnd(BAR_WIDTH, '░');
}
