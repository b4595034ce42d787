import type { WriteConformanceOptions, WriteTarget } from '../index.ts';
import { startDesk } from './desk-app.ts';
import { createDesk } from './desk-connector.ts';

/** The desk as the suite tries it. */
export const deskOptions: WriteConformanceOptions = {
  name: 'The desk',
  connector: createDesk(),
  start: startDesk,
  people: { active: 'cleo@desk.example', other: 'dan@desk.example', invited: 'gus@desk.example' },
  unified: { group: 't-blue', newUser: { email: 'hal@desk.example', name: 'Hal', groups: [] } },
  cases: [
    {
      action: 'desk_off',
      input: { accounts: ['cleo@desk.example', 'dan@desk.example', 'eve@desk.example'] },
      plans: [1, 2, 3].map(() => ({ change: 'turn_off', effects: ['person.off'] })),
      again: 'nothing',
      refuses: [{ input: { accounts: ['nobody@desk.example'] }, kind: 'notFound', field: 'accounts' }],
      bad: { email: 'dan@desk.example', spoil: (target: WriteTarget) => target.removeAccount('dan@desk.example') },
    },
    {
      action: 'desk_on',
      input: { accounts: ['finn@desk.example', 'ivy@desk.example'] },
      plans: [1, 2].map(() => ({ change: 'turn_on', effects: ['person.on'] })),
      again: 'nothing',
    },
    {
      action: 'desk_teams',
      input: { accounts: ['cleo@desk.example'], add: ['t-red'], remove: ['t-blue'] },
      plans: [{ change: 'teams', effects: ['person.teams'] }],
      again: 'nothing',
    },
    {
      action: 'desk_create',
      input: { email: 'hal@desk.example', name: 'Hal' },
      plans: [{ change: 'create', effects: ['person.created', 'mail.invitation'] }],
      again: 'nothing',
      refuses: [{ input: { email: 'cleo@desk.example', name: 'C' }, kind: 'alreadyExists', field: 'email' }],
    },
    {
      action: 'desk_remind',
      input: { accounts: ['gus@desk.example'] },
      plans: [{ change: 'remind', effects: ['mail.reminder'] }],
      again: 'repeats',
    },
    {
      action: 'desk_phrase',
      input: { account: 'eve@desk.example', phrase: 'three quiet "otters"' },
      plans: [{ change: 'phrase', effects: ['person.phrase'] }],
      again: 'repeats',
      secrets: ['three quiet "otters"'],
    },
    {
      action: 'desk_remove',
      input: { accounts: ['dan@desk.example'] },
      plans: [{ change: 'remove', effects: ['person.deleted'] }],
      again: 'nothing',
    },
  ],
};
