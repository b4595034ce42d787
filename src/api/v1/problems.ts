import { problemSchema } from './schemas.ts';

const content = { 'application/problem+json': { schema: problemSchema } };

/** What every route of `/v1` answers when it cannot do what was asked. */
export const problems = {
  '4xx': { description: 'The request cannot be answered; `detail` and `next` say why and what to do.', content },
  '5xx': { description: 'Usher or the app failed.', content },
} as const;
