import { fold } from '../../model/ids.ts';
import { getUser } from './client.ts';
import type { InsightVmContext } from './config.ts';
import { assertSeesAbsence } from './rights.ts';
import type { User } from './schemas.ts';
import { allUsers } from './walk.ts';

/**
 * The users that a text means: by id in one call; by login or address, whatever its letter case, by walking all, since the
 * console has no search for either. A login means one; an address may be that of several. Throws `permission`, code
 * `hidden`, where their absence proves nothing.
 */
export async function findUser(context: InsightVmContext, text: string): Promise<readonly User[]> {
  if (/^\d{1,15}$/.test(text)) {
    const user = await getUser(context, text);
    if (user !== null) return [user];
    await assertSeesAbsence(context, text);
    return [];
  }
  const wanted = fold(text.trim());
  const found: User[] = [];
  for await (const user of allUsers(context)) {
    if (fold(user.login) === wanted) return [user];
    if (typeof user.email === 'string' && fold(user.email) === wanted) found.push(user);
  }
  return found;
}
