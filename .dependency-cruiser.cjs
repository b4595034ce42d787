// Who may import whom. The picture and its reasons are in docs/architecture.md; `npm run imports` checks it and fails
// when nothing was looked at. CommonJS, because dependency-cruiser loads its configuration by path.

// A room, and the rooms before it that it may use.
const foundations = ['model'];
const state = [...foundations, 'store'];
const connecting = [...state, 'connector-kit', 'secrets', 'connections'];
const middle = ['sync', 'identity', 'lifecycle', 'events', 'audit'];
const inner = [...connecting, 'engine', 'access', 'telemetry', ...middle];
const rooms = {
  model: [],
  'connector-kit': foundations,
  store: foundations,
  secrets: foundations,
  engine: state,
  access: state,
  backup: [...state, 'secrets'],
  telemetry: foundations,
  doctor: [...state, 'secrets', 'access'],
  connections: connecting,
  sync: inner,
  identity: inner,
  lifecycle: inner,
  events: inner,
  audit: inner,
  keys: inner,
  client: foundations,
  api: inner,
  scim: inner,
  mcp: inner,
  cli: [...inner, 'backup', 'client', 'doctor', 'keys'],
};

const tests = String.raw`\.test\.ts$|/testing/|/testing\.ts$|/testkit/`;
const simulators = String.raw`^src/connectors/[^/]+/simulator|^src/connector-kit/simulator-kit/`;

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `room-${room}`,
  comment: `src/${room} imports ${[...allowed].sort().join(', ') || 'nothing of ours'}.`,
  severity: 'error',
  from: { path: `^src/${room}/`, pathNot: tests },
  to: {
    path: '^src/',
    pathNot: [
      `^src/(${[room, ...allowed].join('|')})/`,
      ...(room === 'model' ? [] : [String.raw`^src/version\.ts$`]),
      // The commands that are not clients over HTTP: the server itself, and the simulators.
      ...(room === 'cli' ? [String.raw`^src/main\.ts$`, simulators] : []),
    ],
  },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...roomRules,
    {
      name: 'connector-alone',
      comment: 'A connector imports model and connector-kit, nothing else: not the store, not another connector.',
      severity: 'error',
      from: { path: '^src/connectors/([^/]+)/', pathNot: tests },
      to: { path: '^src/', pathNot: '^src/(model|connector-kit|connectors/$1)/' },
    },
    {
      name: 'connectors-by-main-only',
      comment: 'main.ts alone knows the connectors by name.',
      severity: 'error',
      from: { path: '^src/', pathNot: [tests, '^src/connectors/', String.raw`^src/main\.ts$`] },
      to: { path: '^src/connectors/', pathNot: simulators },
    },
    {
      name: 'simulators-apart',
      comment: 'Nothing imports a simulator but tests, `usher simulate` and the demo.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [tests, simulators, '^src/demo/', String.raw`^src/cli/commands/simulate\.ts$`],
      },
      to: { path: simulators },
    },
    {
      name: 'simulator-not-from-connector',
      comment: 'A simulator is made from what the vendor documents, never from the connector it is to test.',
      severity: 'error',
      from: { path: simulators, pathNot: tests },
      to: { path: '^src/connectors/', pathNot: simulators },
    },
    {
      name: 'test-code-in-tests',
      comment: 'What exists for tests is imported by tests alone.',
      severity: 'error',
      from: { path: '^(src|bin)/', pathNot: tests },
      to: { path: tests },
    },
    {
      name: 'source-stands-alone',
      comment: 'The product does not import its benchmarks, scripts or whole-product tests.',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { path: '^(bench|e2e|scripts)/' },
    },
    {
      name: 'engine-alone-has-dbos',
      comment: 'The durable engine is imported by src/engine alone, so that it can be replaced there.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/engine/' },
      to: { path: '@dbos-inc/' },
    },
    {
      name: 'store-alone-has-sql',
      comment: 'The store is the only room with SQL.',
      severity: 'error',
      from: { path: '^src/', pathNot: [tests, '^src/store/'] },
      to: { path: 'node_modules/(kysely|pg|pg-copy-streams|@types/pg|@types/pg-copy-streams)/' },
    },
    {
      name: 'no-development-dependency',
      comment: 'What the product imports is in dependencies.',
      severity: 'error',
      from: { path: '^(src|bin)/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycle',
      comment: 'No file loads itself round a corner; types may, they are erased.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'Every import leads somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^dist/', '^coverage/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
