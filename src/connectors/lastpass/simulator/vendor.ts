import type {
  SimulatedVendor,
  SimulatorAnswer,
  SimulatorRequest,
} from '../../../connector-kit/simulator-kit/server.ts';
import { effectRecorder } from '../../../connector-kit/simulator-kit/logs.ts';
import { type Company, provisioningHashOf } from './company.ts';
import { batchadd, batchchangegrp } from './batch-writes.ts';
import { expiredmasterpwlist } from './expired.ts';
import { getuserdata, renderCache, type RenderCache } from './getuserdata.ts';
import { type SecondLimiter, secondLimiter } from './limits.ts';
import { reporting } from './reporting.ts';
import { getdetailedsfdata, getsfdata } from './sharedfolders.ts';
import {
  deluser,
  disablemultifactor,
  pushsitestousers,
  reinviteuser,
  requiremasterpasswordchange,
  resetpassword,
  switchUsers,
  updateemail,
  updateuser,
  type WriteCall,
} from './writes.ts';
import {
  edgeAnswer,
  type Envelope,
  isApiPath,
  isRecord,
  maskEnvelope,
  readEnvelope,
  readText,
  refusal,
  tooManyRequests,
} from './wire.ts';

/** Mails a second for one source address and for one old address (help article on updating an e-mail address). */
const ADDRESS_MAILS_A_SECOND = 10;

type Read = (company: Company, data: unknown, cache: RenderCache) => SimulatorAnswer;
type Write = (company: Company, call: WriteCall) => SimulatorAnswer;

/** Reading commands and the entry they leave in the company's log. */
const READS: Readonly<Record<string, { readonly read: Read; readonly action: string | null }>> = {
  getuserdata: { read: getuserdata, action: 'Get user data' },
  getsfdata: { read: getsfdata, action: 'Get shared folder data' },
  getdetailedsfdata: { read: getdetailedsfdata, action: 'Get shared folder data' },
  reporting: { read: reporting, action: 'Reporting' },
  expiredmasterpwlist: { read: expiredmasterpwlist, action: null },
};

const WRITES: Readonly<Record<string, Write>> = {
  batchadd,
  batchchangegrp,
  updateuser,
  deluser,
  disableuser: switchUsers(true),
  enableuser: switchUsers(false),
  reinviteuser,
  disablemultifactor,
  resetpassword,
  requiremasterpasswordchange,
  updateemail,
  pushsitestousers,
};

/**
 * The API on the wire: one path, one method, the command in the body. The order of checks: edge, rate, body, credentials,
 * command; everything the API itself says comes with status 200.
 */
export function lastPassVendor(
  company: Company,
  pageCacheBytes: number | undefined,
): Pick<SimulatedVendor, 'describe' | 'answer'> {
  const cache = renderCache(pageCacheBytes);
  const limiter = secondLimiter(company.clock);
  return {
    describe(request) {
      const envelope = isApiPath(request) ? readEnvelope(request.body) : null;
      return { operation: readText(envelope?.['cmd']) ?? '', body: maskEnvelope(envelope) };
    },
    answer(request) {
      const { edge, ratePerSecond } = company.switches;
      if (edge !== 'off') return edgeAnswer(edge === '403' ? 403 : 503);
      if (!isApiPath(request)) return edgeAnswer(404);
      if (ratePerSecond !== 'off' && !limiter.allows('all', ratePerSecond)) return tooManyRequests();
      return answerCommand(company, request, cache, limiter);
    },
  };
}

function answerCommand(
  company: Company,
  request: SimulatorRequest,
  cache: RenderCache,
  limiter: SecondLimiter,
): SimulatorAnswer {
  const { switches } = company;
  if (request.method !== 'POST') return refusal('Authorization Error', switches);
  const envelope = readEnvelope(request.body);
  if (!envelope) return refusal('Invalid Request', switches);
  if (!isAuthorized(company, envelope)) return refusal('Authorization Error', switches);
  const command = readText(envelope['cmd']) ?? '';
  if (company.refusedCommands.has(command)) return refusal('Authorization Error', switches);
  const { data } = envelope;
  const actor = readText(envelope['apiuser']) ? `API: ${readText(envelope['apiuser'])}` : 'API';

  if (Object.hasOwn(READS, command)) {
    const known = READS[command];
    const answer = known?.read(company, data, cache);
    if (known?.action) {
      const { remoteAddress } = request;
      company.events.append({
        username: actor,
        address: remoteAddress,
        action: known.action,
        data: 'Initiated by API',
      });
    }
    if (answer) return answer;
  }
  const write = Object.hasOwn(WRITES, command) ? WRITES[command] : undefined;
  if (!write) return refusal('Invalid Command', switches);
  if (command === 'updateemail' && !mayMail(limiter, request, data)) return tooManyRequests();
  const effect = effectRecorder(company, request.number);
  return write(company, { data, actor, address: request.remoteAddress, effect });
}

/** Both have to fit; the answer does not tell which does not, nor does a key of the other API (`lpkey_`) get another one. */
function isAuthorized(company: Company, envelope: Envelope): boolean {
  const { cid, provhash } = envelope;
  const companyId = typeof cid === 'number' || typeof cid === 'string' ? String(cid).trim() : '';
  return companyId === company.companyId && provhash === provisioningHashOf(company);
}

function mayMail(limiter: SecondLimiter, request: SimulatorRequest, data: unknown): boolean {
  const oldEmail = isRecord(data) ? (readText(data['oldemail']) ?? '') : '';
  return (
    limiter.allows(`source ${request.remoteAddress}`, ADDRESS_MAILS_A_SECOND) &&
    limiter.allows(`address ${oldEmail}`, ADDRESS_MAILS_A_SECOND)
  );
}
