import type { z } from 'zod';
import { toUsherError, UsherError } from '../model/errors.ts';
import type { JsonValue } from '../model/records.ts';
import type {
  Change,
  ConnectorChange,
  ItemResult,
  OpenWrites,
  WriteAction,
  WriteDefinition,
  Writes,
} from './changes.ts';
import type { ConnectorContext } from './connector.ts';
import { isObject } from './json.ts';
import type { CallTrace, HttpClient } from './http/types.ts';

/** Shown in the place of a secret. */
const MASK = '••••••';

/** The writing half of a connector as other rooms hold it. */
export function closeWrites<Settings>(connectorId: string, writes: WriteDefinition<Settings>): Writes {
  const { concurrency, unified } = writes;
  return {
    concurrency,
    unified,
    hasLog: writes.readLog !== undefined,
    change: (id): Change => changeOf(connectorId, writes, id),
  };
}

/** The writing half of an opened connection. `parse` validates an action's input, throwing `invalidInput`. */
export function openWrites<Settings>(
  connectorId: string,
  writes: WriteDefinition<Settings>,
  context: ConnectorContext<Settings>,
  parse: <Schema extends z.ZodObject>(schema: Schema, value: unknown) => z.output<Schema>,
): OpenWrites {
  return {
    async plan(id, input, snapshot) {
      const action = actionOf(connectorId, writes, id);
      return action.plan(parse(action.input, input), snapshot, context.settings);
    },
    maskInput: (id, input) =>
      masked(
        input,
        (actionOf(connectorId, writes, id).secretInputs ?? []).map((path) => path.split('.')),
      ),
    read: (subjects, purpose, looksAt) => writes.read(context, subjects, purpose, looksAt),
    administrators: () => writes.administrators(context),
    ownAccount: async () => (await writes.ownAccount?.(context)) ?? null,
    async readLog(since) {
      if (writes.readLog !== undefined) return writes.readLog(context, since);
      throw new UsherError('unsupported', `The connector ${connectorId} has no log to look into.`);
    },
    async call(id, items, onCall) {
      const change = changeOf(connectorId, writes, id);
      try {
        const results = await change.call({ ...context, http: told(context.http, onCall) }, items);
        if (results.length === items.length) return results;
        throw new UsherError('upstreamBug', `${id} answered for ${results.length} of ${items.length} changes.`);
      } catch (thrown) {
        if (context.signal.aborted) throw thrown;
        const error = toUsherError(thrown);
        return items.map(() => resultOf(error));
      }
    },
  };
}

/** What an error says of the change it came of: refused where the app did nothing, else unclear. */
export function resultOf(error: UsherError): ItemResult {
  return { kind: isRefusal(error) ? 'refused' : 'unclear', error };
}

/** Whether an error says that the app did nothing. An app that is too busy has not begun. */
function isRefusal(error: UsherError): boolean {
  if (error.kind === 'transient') return NOTHING_SENT.has(error.details.code ?? '');
  return REFUSALS.has(error.kind);
}

const NOTHING_SENT: ReadonlySet<string> = new Set(['unknownHost', 'connectionRefused']);
const REFUSALS: ReadonlySet<string> = new Set([
  'auth', 'permission', 'wrongScope', 'notFound', 'alreadyExists', 'conflict', 'stale', 'guarded', 'invalidInput',
  'unsupported', 'rateLimited',
]); // prettier-ignore

/** The same client, handing the trace of each attempt to `onCall` as well. */
function told(http: HttpClient, onTrace: (trace: CallTrace) => void): HttpClient {
  return {
    baseUrl: http.baseUrl,
    request: (request) => http.request({ ...request, onTrace }),
    stream: (request) => http.stream({ ...request, onTrace }),
  };
}

function changeOf<Settings>(
  connectorId: string,
  { changes }: WriteDefinition<Settings>,
  id: string,
): ConnectorChange<Settings> {
  const found = changes.find((change) => change.id === id);
  if (found !== undefined) return found;
  throw new UsherError('unsupported', `The connector ${connectorId} has no change ${id}.`, {
    next: 'It may come from another Usher version: make the plan again.',
  });
}

function actionOf<Settings>(
  connectorId: string,
  { actions }: WriteDefinition<Settings>,
  id: string,
): WriteAction<z.ZodObject, Settings> {
  const found = actions.find((action) => action.id === id);
  if (found !== undefined) return found;
  throw new UsherError('notFound', `The connector ${connectorId} has no writing action ${id}.`, {
    next: 'See which there are: usher actions list.',
  });
}

/** A copy without the values at these paths; `*` stands for every element. What is no JSON is left out. */
function masked(value: unknown, paths: readonly (readonly string[])[]): JsonValue {
  if (paths.some((path) => path.length === 0)) return value === undefined || value === null ? null : MASK;
  const below = (name: string): (readonly string[])[] =>
    paths.filter(([first]) => first === name || first === '*').map((path) => path.slice(1));
  if (Array.isArray(value)) return value.map((item: unknown, index) => masked(item, below(String(index))));
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, masked(inner, below(name))]));
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
