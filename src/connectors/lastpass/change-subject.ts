import type { ChangeItem } from '../../connector-kit/changes.ts';
import { subjectLabel } from '../../model/changes.ts';
import { UsherError } from '../../model/errors.ts';
import type { LastPassContext } from './config.ts';

export type Settings = LastPassContext['settings'];

/** The address the vendor knows the subject by: as it was read right before, else as it was planned. */
export function addressOf({ subject, before }: Pick<ChangeItem<unknown>, 'subject' | 'before'>): string {
  const address = before.account?.email ?? subject.email;
  if (address !== null && address !== '') return address;
  throw new UsherError('invalidInput', `${subjectLabel(subject)} has no address, and LastPass knows users by theirs.`);
}
