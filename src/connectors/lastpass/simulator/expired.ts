import type { SimulatorAnswer } from '../../../connector-kit/simulator-kit/server.ts';
import type { Company } from './company.ts';
import { userIdOf } from './users.ts';
import { answer, isRecord, readWhole } from './wire.ts';

const LARGEST_PAGE = 500;
/** How old a master password is when it counts as expired here: the help article leaves it to the company's policy. */
const EXPIRES_AFTER_MS = 365 * 86_400_000;

/**
 * `expiredmasterpwlist`: active users whose master password is old, in pages of up to 500 by a continuation token. The one
 * place where ids are numbers inside of objects.
 */
export function expiredmasterpwlist(company: Company, data: unknown): SimulatorAnswer {
  const query = isRecord(data) ? data : {};
  const limit = Math.max(1, Math.min(readWhole(query['limit']) ?? LARGEST_PAGE, LARGEST_PAGE));
  const after = readWhole(query['continuation_token']) ?? 0;
  const expired = expiredUsers(company).filter(({ user_id }) => user_id > after);
  const items = expired.slice(0, limit);
  const remaining = expired.length - items.length;
  const continuation =
    remaining > 0 ? { token: String(items.at(-1)?.user_id ?? 0), remaining_item_count: remaining } : null;
  return answer(JSON.stringify({ status: 'Success', continuation, items }), company.switches);
}

function expiredUsers(company: Company): { user_id: number; user_name: string; last_pw_change: string }[] {
  const { users, zone, clock, plan } = company;
  const before = clock.now().getTime() - EXPIRES_AFTER_MS;
  const slots = users.select({ disabled: false });
  const expired: { user_id: number; user_name: string; last_pw_change: string }[] = [];
  for (let place = 0; place < slots.length; place++) {
    const slot = slots[place] ?? -1;
    const user = users.visible(slot);
    if (!user || user.lastLogin === null || user.lastPasswordChange >= before) continue;
    expired.push({
      user_id: userIdOf(plan.seedHash, slot),
      user_name: user.username,
      last_pw_change: zone.format(user.lastPasswordChange),
    });
  }
  return expired;
}
