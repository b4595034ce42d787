import type { JsonValue } from '../model/records.ts';

/** What a simulator of the demo is started with. */
export interface DemoAppOptions {
  readonly seed: string;
  readonly people: number;
  /** 0: any free one. */
  readonly port: number;
  /** The day that Northwind's stories count from. */
  readonly today: Date;
  /** What `save` gave at the last start; undefined: there was none. */
  readonly savedState: unknown;
  /** Called after every change, with the way to save: cheap to be called. */
  readonly onChange: (save: () => unknown) => void;
}

/** One app of the invented company. */
export interface DemoApp {
  /** Of its connector, and of the connection that the demo makes with it. */
  readonly id: string;
  /** What its resources are called: `shared folders`. */
  readonly resources: string;
  /** Starts its simulator. Rejects where the port is taken. */
  start(options: DemoAppOptions): Promise<RunningDemoApp>;
}

/** A simulator of the demo that runs, and how Usher connects it. */
export interface RunningDemoApp {
  readonly url: string;
  /** Of the connection, by their names outside (`base_url`); the address among them. */
  readonly settings: Readonly<Record<string, JsonValue>>;
  readonly secrets: Readonly<Record<string, string>>;
  save(): unknown;
  close(): Promise<void>;
}
