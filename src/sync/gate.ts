/** Lets so many at a time pass; the others wait in their order. */
export interface Gate {
  readonly pass: <T>(work: () => Promise<T>) => Promise<T>;
  /** The same, before those that `pass`. */
  readonly passFirst: <T>(work: () => Promise<T>) => Promise<T>;
}

/** A gate whose width changes. */
export interface VariableGate extends Gate {
  /** How many have passed it and are not done. */
  busy(): number;
  width(): number;
  /** From now on so many at a time; those that have passed are not held back. */
  setWidth(width: number): void;
}

/** A gate for `width` at a time. */
export function gate(width: number): VariableGate {
  let [most, busy] = [width, 0];
  const [first, others]: [(() => void)[], (() => void)[]] = [[], []];
  const letIn = (): void => {
    while (busy < most) {
      const next = first.shift() ?? others.shift();
      if (next === undefined) return;
      busy += 1;
      next();
    }
  };
  const through =
    (queue: (() => void)[]): Gate['pass'] =>
    async (work) => {
      await new Promise<void>((resolve) => {
        queue.push(resolve);
        letIn();
      });
      try {
        return await work();
      } finally {
        busy -= 1;
        letIn();
      }
    };
  return {
    busy: () => busy,
    width: () => most,
    setWidth(next) {
      most = next;
      letIn();
    },
    pass: through(others),
    passFirst: through(first),
  };
}
