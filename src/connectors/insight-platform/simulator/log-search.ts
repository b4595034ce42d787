import { z } from 'zod';
import type { SimulatorAnswer } from '../../../connector-kit/simulator-kit/server.ts';
import type { Company } from './company.ts';
import { uuidOf } from './first-day.ts';
import type { AuditEntry } from './model.ts';
import { answer, type Call, correlationOf, refusal } from './wire.ts';

const LARGEST_PAGE = 500;
const PREFIX = '/log_search';

/** A query on its way: all of it is in its id, so that nothing has to be remembered. */
const querySchema = z.object({
  log: z.string(),
  from: z.number(),
  to: z.number(),
  perPage: z.number(),
  /** Entries up to this sequence number were given. */
  after: z.number(),
  /** How often it still says that it is not ready. */
  polls: z.number(),
});
type Query = z.output<typeof querySchema>;

/** `GET /management/logs`: the logs with the sets they are in. The audit log is there once audit logging is on. */
export function getLogs({ company }: Call): SimulatorAnswer {
  const sets = { audit: 'Internal Logs', other: 'Endpoint Activity' };
  const log = (name: string, set: string): object => ({
    id: logId(company, name),
    name,
    tokens: [],
    structures: [],
    source_type: 'token',
    logsets_info: [{ id: uuidOf(`${company.seed}/logset/${set}`), name: set, links: [] }],
  });
  const logs = [log('Endpoint Activity', sets.other)];
  return answer(200, { logs: company.switches.auditLog === 'on' ? [...logs, log('Audit Logs', sets.audit)] : logs });
}

/** `GET /query/logs/{logId}`: the result, or 202 with where to look for it. */
export function queryLog(call: Call): SimulatorAnswer {
  const { company, params, request } = call;
  const log = params[0] ?? '';
  if (!['Endpoint Activity', 'Audit Logs'].some((name) => logId(company, name) === log)) {
    return failed(call, 404, 'The log does not exist.');
  }
  const number = (name: string, fallback: number): number => Number(request.query.get(name) ?? fallback);
  const now = company.clock.now().getTime();
  const query: Query = {
    log,
    from: number('from', now - 20 * 60_000),
    to: number('to', now),
    perPage: Math.min(number('per_page', 50), LARGEST_PAGE, company.switches.logPage),
    after: number('sequence_number', 0),
    polls: company.switches.logPolls,
  };
  if (!querySchema.safeParse(query).success || query.from > query.to || query.perPage < 1) {
    return failed(call, 400, 'from, to and per_page do not make a query.');
  }
  return carryOn(call, query);
}

/** `GET /query/{id}`: asks for the result again. */
export function pollQuery(call: Call): SimulatorAnswer {
  const query = readId(call.params[0] ?? '');
  return query === null ? failed(call, 404, 'The query does not exist.') : carryOn(call, query);
}

function carryOn(call: Call, query: Query): SimulatorAnswer {
  const { company } = call;
  const links = (rel: string, path: string): readonly object[] => [{ rel, href: `${hostOf(call)}${path}` }];
  if (query.polls > 0) {
    const id = idOf({ ...query, polls: query.polls - 1 });
    return answer(202, {
      logs: [query.log], id, progress: Math.round(100 / (query.polls + 1)), links: links('Self', `/query/${id}`),
    }); // prettier-ignore
  }
  const isAudit = query.log === logId(company, 'Audit Logs');
  const found = (isAudit ? company.audit : []).filter(
    ({ at, sequence }) => at >= query.from && at <= query.to && sequence > query.after,
  );
  const page = found.slice(0, query.perPage);
  const last = page.at(-1);
  const next = new URLSearchParams({
    from: String(query.from), to: String(query.to), per_page: String(query.perPage),
    sequence_number: String(last?.sequence ?? 0),
  }); // prettier-ignore
  return answer(200, {
    logs: [query.log],
    leql: { statement: '', during: { from: query.from, to: query.to } },
    events: page.map((entry) => eventJson(company, query.log, entry)),
    ...(found.length > page.length && { links: links('Next', `/query/logs/${query.log}?${next.toString()}`) }),
  });
}

function eventJson(company: Company, log: string, entry: AuditEntry): object {
  const { at, sequence, action, actor, target, address } = entry;
  const message =
    company.switches.auditText === 'json'
      ? JSON.stringify({
          timestamp: new Date(at).toISOString(),
          action,
          request: { user: { email: actor }, source_ip: address },
          target: { name: target },
        })
      : `${actor} ${action} ${target}`;
  return {
    labels: [],
    timestamp: at,
    sequence_number: sequence,
    sequence_number_str: String(sequence),
    log_id: log,
    message,
  };
}

function hostOf({ company, request }: Call): string {
  if (company.switches.logHost === 'rest') return `https://${company.region}.rest.logs.insight.rapid7.com`;
  return `http://${request.headers.host ?? ''}${request.path.startsWith(PREFIX) ? PREFIX : ''}`;
}

function logId(company: Company, name: string): string {
  return uuidOf(`${company.seed}/log/${name}`);
}

function idOf(query: Query): string {
  return Buffer.from(JSON.stringify(query)).toString('base64url');
}

function readId(id: string): Query | null {
  try {
    const parsed = querySchema.safeParse(JSON.parse(Buffer.from(id, 'base64url').toString()));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function failed(call: Call, status: number, message: string): SimulatorAnswer {
  return refusal('logs', status, message, correlationOf(call.company, call.request));
}
