/** Lets so many at a time pass; the others wait in their order. */
export interface Gate {
  readonly pass: <T>(work: () => Promise<T>) => Promise<T>;
  /** The same, before those that `pass`; where it waits for something, the others pass meanwhile. */
  readonly passFirst: <T>(work: () => Promise<T>, patience?: Patience) => Promise<T>;
}

/** What is waited for before the gate, although there is room. Asked whenever somebody could be let in. */
export interface Patience {
  readonly isOver: () => boolean;
  /** Milliseconds after which it is over in any case. */
  readonly mostMs: number;
}

/** A gate whose width changes. */
export interface VariableGate extends Gate {
  /** How many have passed it and are not done. */
  busy(): number;
  width(): number;
  /** From now on so many at a time; those that have passed are not held back. */
  setWidth(width: number): void;
}

interface Waiting {
  mayPass: () => boolean;
  letIn: () => void;
}

/** A gate for `width` at a time. */
export function gate(width: number): VariableGate {
  let [most, busy] = [width, 0];
  const [first, others]: [Waiting[], Waiting[]] = [[], []];
  const nextOf = (queue: Waiting[]): Waiting | undefined => {
    const place = queue.findIndex(({ mayPass }) => mayPass());
    return place < 0 ? undefined : queue.splice(place, 1)[0];
  };
  const letIn = (): void => {
    while (busy < most) {
      const next = nextOf(first) ?? others.shift();
      if (next === undefined) return;
      busy += 1;
      next.letIn();
    }
  };
  const impatient = (waiting: Waiting, ms: number): void => {
    const timer = setTimeout(() => {
      waiting.mayPass = always;
      letIn();
    }, ms);
    timer.unref();
    const { letIn: pass } = waiting;
    waiting.letIn = () => {
      clearTimeout(timer);
      pass();
    };
  };
  const through =
    (queue: Waiting[]) =>
    async <T>(work: () => Promise<T>, patience?: Patience): Promise<T> => {
      await new Promise<void>((resolve) => {
        const waiting: Waiting = { mayPass: patience?.isOver ?? always, letIn: resolve };
        queue.push(waiting);
        if (patience !== undefined) impatient(waiting, patience.mostMs);
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

const always = (): boolean => true;
