import { z } from 'zod';
import { defineChange } from '../../connector-kit/define-change.ts';
import { type Subject, subjectLabel } from '../../model/changes.ts';
import { addressOf, type Settings } from './change-subject.ts';
import { oneByOne } from './item-results.ts';
import { pushSite } from './write-calls.ts';

/** What is pushed, but for its credentials: these are secrets, also the notes and the name signed in with. */
export const siteParams = z.strictObject({
  url: z.string(),
  name: z.string(),
  folder: z.string(),
  usernameType: z.enum(['email', 'username', 'custom']),
  isPersistent: z.boolean(),
  isFavorite: z.boolean(),
});
type SiteParams = z.output<typeof siteParams>;

/** Puts an entry into the vaults of one user, a group or everybody. The credentials travel and wait in clear text. */
export const pushSiteChange = defineChange<Settings, SiteParams>({
  id: 'push_site',
  summary: (subject, { url, name }) =>
    `Push the site ${name === '' ? url : `${name} (${url})`} to ${recipients(subject)}; its password lies in clear text at LastPass until it is delivered`,
  params: siteParams,
  secrets: ['username', 'password', 'notes'],
  effect: () => 'write',
  endsAccess: false,
  // Nobody is known to get a mail, but a second push is a second entry: it must not be made on a guess either.
  sendsMail: true,
  undo: { isPossible: false, how: 'The people delete the entry from their vaults.' },
  looksAt: [],
  wanted: () => false,
  proof: { by: 'answer', note: 'LastPass took it; it arrives when each person signs in, which the API does not show' },
  batchSize: 1,
  inverse: () => null,
  call: (context, items) =>
    oneByOne(context, items, (item) => {
      const { params, secrets } = item;
      return pushSite(context, {
        users: recipientOf(item),
        persistent: params.isPersistent ? '1' : '0',
        url: params.url,
        name: params.name,
        group: params.folder,
        usernametype: params.usernameType,
        username: secrets['username'] ?? '',
        password: secrets['password'] ?? '',
        notes: secrets['notes'] ?? '',
        fav: params.isFavorite ? 'on' : '',
        decryptid: '0',
      });
    }),
});

function recipients(subject: Subject): string {
  if (subject.kind === 'connection') return 'everybody';
  return subject.kind === 'group' ? `the members of ${subject.name ?? subject.key}` : subjectLabel(subject);
}

function recipientOf(item: Parameters<typeof addressOf>[0]): string {
  const { subject } = item;
  if (subject.kind === 'connection') return 'all';
  return subject.kind === 'group' ? subject.key : addressOf(item);
}
