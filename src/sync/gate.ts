/** Lets so many at a time pass; the others wait in their order. */
export interface Gate {
  readonly pass: <T>(work: () => Promise<T>) => Promise<T>;
}

/** A gate for `width` at a time. */
export function gate(width: number): Gate {
  let free = width;
  const waiting: (() => void)[] = [];
  return {
    async pass(work) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next();
      }
    },
  };
}
