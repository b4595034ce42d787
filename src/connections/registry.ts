import type { Connector } from '../connector-kit/connector.ts';
import { invalidInput } from '../model/errors.ts';

/** The connectors this Usher has. */
export interface Registry {
  /** In the order they were given. */
  readonly connectors: readonly Connector[];
  /** Null where there is none with this id. */
  find(id: string): Connector | null;
  /** Throws `invalidInput` naming the field `connector` and the connectors there are. */
  get(id: string): Connector;
  /** The connector that has this action, or null. */
  ofAction(actionId: string): Connector | null;
}

/**
 * Holds the connectors that `main.ts` hands in. Throws where two have one id, or an action is not named after its
 * connector: an action's id alone must say whose it is.
 */
export function createRegistry(connectors: readonly Connector[]): Registry {
  const byId = new Map<string, Connector>();
  const byAction = new Map<string, Connector>();
  for (const connector of connectors) {
    if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(connector.id)) {
      throw new Error(`The connector id ${connector.id} is not of a-z, 0-9 and single dashes.`);
    }
    if (byId.has(connector.id)) throw new Error(`Two connectors have the id ${connector.id}.`);
    byId.set(connector.id, connector);
    const prefix = `${connector.id.replaceAll('-', '_')}_`;
    for (const { id } of connector.actions) {
      if (!id.startsWith(prefix)) throw new Error(`The action ${id} of ${connector.id} does not begin with ${prefix}.`);
      if (byAction.has(id)) throw new Error(`Two connectors have the action ${id}.`);
      byAction.set(id, connector);
    }
  }
  return {
    connectors: [...connectors],
    find: (id) => byId.get(id) ?? null,
    ofAction: (actionId) => byAction.get(actionId) ?? null,
    get(id) {
      const found = byId.get(id);
      if (found !== undefined) return found;
      throw invalidInput(
        'connector',
        `There is no connector ${JSON.stringify(id.slice(0, 80))}.`,
        `Those there are: ${[...byId.keys()].join(', ')}.`,
      );
    },
  };
}
