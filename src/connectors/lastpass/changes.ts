import type { ConnectorChange } from '../../connector-kit/changes.ts';
import { accountChanges } from './account-changes.ts';
import type { Settings } from './change-subject.ts';
import { contactChanges } from './contact-changes.ts';
import { changeGroups } from './group-change.ts';
import { nameChanges } from './name-changes.ts';
import { pushSiteChange } from './push-site.ts';

/** All that can be changed in LastPass. Plans keep ids and params, so both keep their meaning for good. */
export const changes: readonly ConnectorChange<Settings>[] = [
  ...accountChanges,
  changeGroups,
  ...nameChanges,
  ...contactChanges,
  pushSiteChange,
];
