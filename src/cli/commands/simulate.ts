import type { Context } from '../context.ts';
import { EXIT, usage } from '../failure.ts';

/** The simulators, each loaded when it is asked for. */
export const SIMULATORS: Readonly<Record<string, () => Promise<(argv: readonly string[]) => Promise<void>>>> = {
  insightvm: async () => (await import('../../connectors/insightvm/simulator.ts')).runInsightVmSimulator,
  'insight-platform': async () =>
    (await import('../../connectors/insight-platform/simulator.ts')).runInsightPlatformSimulator,
  lacework: async () => (await import('../../connectors/lacework/simulator.ts')).runLaceworkSimulator,
  lastpass: async () => (await import('../../connectors/lastpass/simulator.ts')).runLastPassSimulator,
};

/** `usher simulate CONNECTOR …`: a stand-in for an app's API, until it is told to stop. Its flags are the simulator's. */
export async function simulate({ out }: Context, [connector, ...argv]: readonly string[]): Promise<number> {
  const known = Object.keys(SIMULATORS).join(', ');
  if (connector === undefined || connector === '--help' || connector === '-h') {
    out.line('Usage: usher simulate CONNECTOR [--port P] [--seed S] [--people N] [--fault KIND] [--json]');
    out.line();
    out.line(`A stand-in for an app's API, with an invented company in it. There is one for: ${known}.`);
    out.line('All flags of one: usher simulate CONNECTOR --help');
    return EXIT.ok.code;
  }
  const load = Object.hasOwn(SIMULATORS, connector) ? SIMULATORS[connector] : undefined;
  if (load === undefined) throw usage(`There is no simulator "${connector}".`, `There is one for: ${known}.`);
  const run = await load();
  await run(argv);
  return EXIT.ok.code;
}
