import { z } from 'zod';
import { invalidInput } from '../../model/errors.ts';
import type { JsonValue } from '../../model/records.ts';
import type { Clock } from '../connector.ts';
import type { KeyedCertificate } from './certificate.ts';
import { type SimulatorClock, simulatorClock, systemClock } from './clock.ts';
import { type Fault, type FaultKnobs, faultKnobs } from './faults.ts';
import { inspect, type Inspection } from './inspection.ts';
import {
  type BoundedLog,
  boundedLog,
  type EffectRecorder,
  effectRecorder,
  type LoggedEffect,
  loggedEffectSchema,
  type LoggedRequest,
} from './logs.ts';
import { type Seed, seededRandom } from './random.ts';
import { type SimulatedVendor, type SimulatorServer, startSimulatorServer } from './server.ts';
import type { SwitchValues } from './switches.ts';

/** What every simulator is started with; each adds what is its own. */
export interface SimulatorOptions<Saved> {
  /** Another seed invents another crowd; the cast of Northwind is always there. Default `northwind`. */
  readonly seed?: Seed;
  /** How many people Northwind has. Default 250. */
  readonly people?: number;
  /** Default: any free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** The day all dates are relative to. Default: the clock's now. */
  readonly today?: Date;
  /** How the app behaves where its variants differ, by name; see `usher simulate CONNECTOR --help`. */
  readonly switches?: SwitchValues;
  /** Faults, or their texts (`429:0.1`, `lost-answer/OPERATION@1`): operations as the vendor names them. */
  readonly faults?: readonly (Fault | string)[];
  /** What `save()` or `onChange` gave before: the app goes on from there, seed and size included. */
  readonly savedState?: unknown;
  /**
   * Called after every answered request and every change by inspection, with the way to save: cheap to be called, as
   * nothing is copied until `save` is.
   */
  readonly onChange?: (save: () => Saved) => void;
}

/** A running simulator; each adds its credentials. */
export interface Simulator<Switches, Mutation, Saved, Figures> {
  /** The base URL. */
  readonly url: string;
  readonly clock: SimulatorClock;
  readonly faults: FaultKnobs;
  /** Every request so far (the newest 20,000), credentials masked; after a number where given. */
  readonly requests: (after?: number) => readonly LoggedRequest[];
  /** Every change of state and every mail so far; after a number where given. */
  readonly effects: (after?: number) => readonly LoggedEffect[];
  /** The state in figures. */
  readonly state: () => Figures;
  readonly switches: () => Switches;
  readonly setSwitches: (values: SwitchValues) => void;
  /** Changes the app behind the API's back. Throws `invalidInput` or `notFound`. */
  readonly mutate: (change: Mutation) => JsonValue;
  /** What the next start needs to go on here. */
  readonly save: () => Saved;
  readonly close: () => Promise<void>;
}

const savedRunSchema = z.object({
  version: z.literal(1),
  seed: z.string(),
  people: z.number(),
  anchor: z.iso.datetime(),
  switches: z.record(z.string(), z.json()),
  requests: z.number(),
  effects: z.array(loggedEffectSchema),
});
/** What the saved state of every simulator has beside what is its own. */
export type SavedRun = z.output<typeof savedRunSchema>;

/** The figures of every simulator beside its own. */
export interface LogFigures {
  readonly requests: number;
  readonly effects: number;
}

/** What the state of a simulated app is made from. */
export interface Opening<Switches, Own> {
  readonly seed: string;
  /** How many people the company has. */
  readonly people: number;
  /** The day all dates are relative to. */
  readonly anchor: Date;
  readonly clock: SimulatorClock;
  readonly switches: Switches;
  readonly effects: BoundedLog<LoggedEffect>;
  /** What was saved of it; null: its first day. */
  readonly saved: Own | null;
}

/** The state of a simulated app and its settings, as far as the kit needs to know it. */
export interface SimulatedState<Switches> {
  readonly clock: SimulatorClock;
  readonly effects: BoundedLog<LoggedEffect>;
  switches: Switches;
}

type JsonRecord = Readonly<Record<string, JsonValue>>;
type SwitchRecord = Readonly<Record<string, string | number | boolean>>;

/** What one vendor's simulator is: its state, its wire, and what a test may do to both. */
export interface SimulatedApp<
  State extends SimulatedState<Switches>,
  Switches extends SwitchRecord,
  Own extends JsonRecord,
  Mutation,
  MutationInput,
  Figures extends JsonRecord,
> {
  /** As people call it: `LastPass`. */
  readonly name: string;
  /** What it saves beside `SavedRun`. */
  readonly savedSchema: z.ZodType<Own>;
  /** All switches, defaults for those not given. Throws `invalidInput` naming the switch. */
  parseSwitches(values: SwitchValues): Switches;
  /** Builds the state from its seed, and from what was saved of it. Throws `invalidInput`. */
  open(opening: Opening<Switches, Own>): State;
  save(state: State): Own;
  figures(state: State): Figures;
  readonly mutationSchema: z.ZodType<Mutation, MutationInput>;
  /** Makes one change behind the API's back. Throws `notFound` where its subject is not there. */
  mutate(state: State, mutation: Mutation, effect: EffectRecorder): JsonValue;
  /** Absent: they are put into the state. Throws `invalidInput`. */
  setSwitches?(state: State, switches: Switches): void;
  /** The API on the wire. */
  vendor(state: State): Pick<SimulatedVendor, 'describe' | 'answer'>;
  /** The certificate it presents now; absent or null from the start on: it speaks HTTP. */
  certificate?(state: State): KeyedCertificate | null;
}

const REQUESTS_KEPT = 20_000;
const EFFECTS_KEPT = 200_000;

/**
 * Starts a simulated app on this machine: logs, faults, clock, inspection and server around its state, which is the first
 * day's or goes on from what was saved. Rejects with `invalidInput` for wrong switches, faults or saved state.
 */
export async function startSimulated<
  State extends SimulatedState<Switches>,
  Switches extends SwitchRecord,
  Own extends JsonRecord,
  Mutation,
  MutationInput,
  Figures extends JsonRecord,
>(
  app: SimulatedApp<State, Switches, Own, Mutation, MutationInput, Figures>,
  options: SimulatorOptions<SavedRun & Own>,
): Promise<{
  readonly state: State;
  readonly simulator: Simulator<Switches, MutationInput, SavedRun & Own, Figures & LogFigures>;
}> {
  const saved = options.savedState === undefined ? null : parseSaved(app, options.savedState);
  const seed = saved?.seed ?? String(options.seed ?? 'northwind');
  const people = saved?.people ?? options.people ?? 250;
  const clock = simulatorClock(options.clock ?? systemClock);
  const anchor = saved ? new Date(saved.anchor) : (options.today ?? clock.now());
  const requests = boundedLog<LoggedRequest>(
    REQUESTS_KEPT,
    (entry, number) => ({ ...entry, number }),
    [],
    saved?.requests,
  );
  const effects = boundedLog<LoggedEffect>(EFFECTS_KEPT, (entry, number) => ({ ...entry, number }), saved?.effects);
  const faults = faultKnobs(seededRandom(`${seed}/faults`), options.faults);
  const switches = app.parseSwitches({ ...saved?.switches, ...options.switches });
  const state = app.open({ seed, people, anchor, clock, switches, effects, saved });

  const save = (): SavedRun & Own => ({
    version: 1,
    seed,
    people,
    anchor: anchor.toISOString(),
    switches: { ...state.switches },
    requests: requests.count,
    effects: effects.list().map((effect) => ({ ...effect, detail: z.json().parse(effect.detail) })),
    ...app.save(state),
  });
  const figures = (): Figures & LogFigures => ({
    ...app.figures(state),
    requests: requests.count,
    effects: effects.count,
  });
  const onChange = (): void => options.onChange?.(save);
  const inspection: Inspection = {
    requests,
    effects,
    faults,
    clock,
    state: figures,
    save,
    mutate(input) {
      const result = app.mutate(state, parseMutation(app, input), effectRecorder(state, null));
      presentCurrent();
      onChange();
      return result;
    },
    switches: () => ({ ...state.switches }),
    setSwitches(values) {
      const next = app.parseSwitches({ ...state.switches, ...values });
      if (app.setSwitches) app.setSwitches(state, next);
      else state.switches = next;
      onChange();
    },
  };
  const vendor = app.vendor(state);
  let certificate = app.certificate?.(state) ?? null;
  const server: SimulatorServer = await startSimulatorServer({
    vendor: {
      describe: (request) => vendor.describe(request),
      answer(request) {
        const answer = vendor.answer(request);
        onChange();
        return answer;
      },
      inspect: (request) => inspect(inspection, request),
    },
    faults,
    requests,
    clock,
    port: options.port,
    host: options.host,
    ...(certificate && { certificate }),
  });
  function presentCurrent(): void {
    const current = app.certificate?.(state) ?? null;
    if (current === null || current === certificate) return;
    certificate = current;
    server.present(current);
  }
  return {
    state,
    simulator: {
      url: server.url,
      clock,
      faults,
      requests: (after) => requests.list(after),
      effects: (after) => effects.list(after),
      state: figures,
      switches: () => state.switches,
      setSwitches: (values) => inspection.setSwitches(values),
      mutate: (change) => inspection.mutate(change),
      save,
      close: () => server.close(),
    },
  };
}

function parseSaved<Own>(
  { name, savedSchema }: { readonly name: string; readonly savedSchema: z.ZodType<Own> },
  value: unknown,
): SavedRun & Own {
  const parsed = z.intersection(savedRunSchema, savedSchema).safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidInput(
    'savedState',
    `The saved state of the ${name} simulator cannot be read: ${z.prettifyError(parsed.error)}`,
    'Start it without one.',
  );
}

function parseMutation<Mutation>(
  { mutationSchema }: { readonly mutationSchema: z.ZodType<Mutation> },
  input: unknown,
): Mutation {
  const parsed = mutationSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalidInput('mutation', z.prettifyError(parsed.error));
}
