import MiniSearch from 'minisearch';
import type { ActionInfo, Connector } from '../../connector-kit/connector.ts';

/** An action that fits a search. */
export interface FoundAction {
  readonly connector: Connector;
  readonly action: ActionInfo;
  /** 0 to 1; 1: the best match, holding all words of the query. */
  readonly similarity: number;
}

export interface ActionSearch {
  /** How many actions can be found. */
  readonly size: number;
  /** What fits words as people type them, best first; empty where nothing does. */
  find(query: string, options: SearchOptions): readonly FoundAction[];
  /**
   * What somebody may have meant by an id that no action has: those that are spelled nearly so, else those whose words
   * fit well; best first, a few at most, of one connector where it is named.
   */
  near(id: string, connector: string | null): readonly FoundAction[];
}

export interface SearchOptions {
  /** Only actions of this connector. */
  readonly connector: string | null;
  readonly limit: number;
  readonly minSimilarity: number;
}

/** How many ids are offered for one that is wrong. */
const NEAR = 3;
/** Two letters swapped, or two slips; more, and `enable` would stand for `disable`. */
const SLIPS = 2;
/** Of what does not look alike: most of its words have to be there, not the connector's name alone. */
const NEAR_SIMILARITY = 0.6;
/** Share of the best's similarity: where one fits clearly better, nothing that deletes is named beside it. */
const NEAR_AS_BEST = 0.85;

/** Words that say nothing of which action is meant. */
const FILLERS = new Set(
  (
    'a an and are all by can do for from get give how i in is it me my of on or please show that the their them these ' +
    'this to us want was what which who whose with someone somebody anyone anybody'
  ).split(' '),
);

/** What people also say for a word of an id or a title: nobody should be led to the opposite of what they mean. */
const ALSO_SAID: Readonly<Record<string, string>> = {
  disable: 'deactivate suspend block lock off',
  enable: 'reenable reactivate unsuspend unblock unlock restore activate',
  delete: 'remove offboard terminate erase drop left leaver',
  create: 'add invite provision onboard new hire',
  update: 'edit change rename',
  multifactor: 'mfa 2fa second factor totp',
  invitation: 'invite activation',
  members: 'membership add remove assign join',
  email: 'mail address',
  events: 'log history audit',
};

/**
 * An index over the actions of the connectors: forgiving of typing errors, of word order and of half-typed words.
 * Relevance is MiniSearch's BM25+; a result is worth less for every word of the query that it does not hold.
 */
export function createActionSearch(connectors: readonly Connector[]): ActionSearch {
  const entries = connectors.flatMap((connector) => connector.actions.map((action) => ({ connector, action })));
  const byId = new Map(entries.map((entry) => [entry.action.id, entry]));
  const index = new MiniSearch<Document>({
    fields: ['id', 'title', 'description', 'connector', 'alsoSaid'],
    tokenize: wordsOf,
  });
  index.addAll(entries.map(documentOf));
  const spelling = new MiniSearch<{ readonly id: string }>({
    fields: ['id'],
    tokenize: (id) => [wordsOf(id).join('')],
  });
  spelling.addAll(entries.map(({ action: { id } }) => ({ id })));

  const ofConnectors = new Set(connectors.flatMap(({ id }) => wordsOf(id)));

  const search: ActionSearch = {
    size: entries.length,
    near(id, connector) {
      const alike = spelling
        .search(id, { fuzzy: SLIPS })
        .flatMap(({ id: found }) => byId.get(String(found)) ?? [])
        .filter((entry) => connector === null || entry.connector.id === connector)
        .map((entry) => ({ ...entry, similarity: 1 }));
      if (alike.length > 0) return alike.slice(0, NEAR);
      if (wordsOf(id.toLowerCase()).every((word) => ofConnectors.has(word))) return [];
      const fitting = search.find(id, { connector, limit: NEAR, minSimilarity: NEAR_SIMILARITY });
      const best = fitting[0]?.similarity ?? 0;
      return fitting.filter(({ similarity }) => similarity >= NEAR_AS_BEST * best);
    },
    find(query, { connector, limit, minSimilarity }) {
      const words = meaningfulWords(query);
      const results = index.search(words.join(' '), {
        boost: { title: 3, id: 2 },
        prefix: (word) => word.length > 2,
        fuzzy: (word) => (word.length > 2 ? 0.34 : false), // two letters swapped in a word of five
        maxFuzzy: 2,
        weights: { prefix: 0.5, fuzzy: 0.2 },
        combineWith: 'OR',
      });
      const best = results[0]?.score ?? 1;
      return results
        .flatMap(({ id, score, queryTerms }) => {
          const entry = byId.get(String(id));
          const held = new Set(queryTerms).size / words.length;
          return entry === undefined ? [] : [{ ...entry, similarity: rounded((score / best) * held) }];
        })
        .filter((found) => connector === null || found.connector.id === connector)
        .filter(({ similarity }) => similarity > 0 && similarity >= minSimilarity)
        .sort((a, b) => b.similarity - a.similarity || (a.action.id < b.action.id ? -1 : 1))
        .slice(0, limit);
    },
  };
  return search;
}

const searches = new WeakMap<readonly Connector[], ActionSearch>();

/** The index over a catalogue, made once. */
export function actionSearchOf(connectors: readonly Connector[]): ActionSearch {
  const search = searches.get(connectors) ?? createActionSearch(connectors);
  searches.set(connectors, search);
  return search;
}

interface Document {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly connector: string;
  readonly alsoSaid: string;
}

function documentOf({ connector, action }: { connector: Connector; action: ActionInfo }): Document {
  const { id, title, description } = action;
  const words = new Set(wordsOf(`${id} ${title}`).map((word) => word.toLowerCase()));
  const alsoSaid = [...words].map((word) => (Object.hasOwn(ALSO_SAID, word) ? ALSO_SAID[word] : '')).join(' ');
  return { id, title, description, connector: `${connector.id} ${connector.title}`, alsoSaid };
}

function meaningfulWords(query: string): readonly string[] {
  const words = [...new Set(wordsOf(query).map((word) => word.toLowerCase()))];
  const meaningful = words.filter((word) => !FILLERS.has(word));
  return meaningful.length > 0 ? meaningful : words;
}

/** Words of a text or an id (`lastpass_list_users`). */
function wordsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}

function rounded(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}
