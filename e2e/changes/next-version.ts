// Run by itself: a worker as the version after this one could be, with a schema of its own.
import { parseArgs } from 'node:util';
import { apiLimitsFromEnvironment } from '../../src/api/http/limits.ts';
import { parseEgressAllow } from '../../src/connector-kit/http/egress.ts';
import { startHealth } from '../../src/health.ts';
import { openHouse } from '../../src/house.ts';
import { patienceFromEnvironment } from '../../src/lifecycle/apply/patience.ts';
import { CONNECTORS } from '../../src/main.ts';
import { migrations } from '../../src/store/migrations/index.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { NEXT_SCHEMA, NEXT_VERSION } from './next-schema.ts';

const { values } = parseArgs({ options: { 'health-port': { type: 'string' }, 'data-dir': { type: 'string' } } });
const { env } = process;
const house = await openHouse({
  dataDir: values['data-dir'] ?? '',
  databaseUrl: env['DATABASE_URL'] ?? null,
  masterKey: env['USHER_MASTER_KEY'] ?? null,
  nextKey: null,
  connectors: CONNECTORS,
  egress: parseEgressAllow(env['USHER_EGRESS_ALLOW']),
  proxy: null,
  version: NEXT_VERSION,
  migrations: [...migrations, NEXT_SCHEMA],
  allowedHosts: [],
  limits: apiLimitsFromEnvironment(env),
  isMetricsOpen: false,
  backsUpBeforeUpgrade: false,
  carriesOut: true,
  apply: patienceFromEnvironment(env),
  log: createLog('warn'),
  clock: { now: () => new Date() },
});
await house.resume();
const health = await startHealth(house.services, { host: '127.0.0.1', healthPort: Number(values['health-port']) });
await new Promise((resolve) => process.once('SIGTERM', resolve));
await health?.close();
await house.close();
