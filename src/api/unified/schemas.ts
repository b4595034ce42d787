import { z } from 'zod';
import { flagSchema, unifiedErrorSchema, userFilterSchema, wholeNumber } from '../../connector-kit/unified/index.ts';
import { nextQuery } from '../v1/common-schemas.ts';

/** What `/unified` takes: the parameters of StackOne's SDK and of its later documentation. */

const moment = z.iso.datetime({ offset: true, error: 'Expected a date and time with zone, as 2026-03-02T10:15:00Z' });
const updatedAfter = moment.optional().meta({ description: 'Only what Usher saw change after this moment.' });

/** Accepted by the schema so that the answer can say why it is refused. */
const refused = {
  proxy: z
    .unknown()
    .optional()
    .meta({ description: 'Refused: reads come from the snapshot, no request is passed on.' }),
  page: z
    .unknown()
    .optional()
    .meta({ description: 'Refused: page numbers skip and repeat rows; use `next`.', deprecated: true }),
};

const view = {
  fields: z.string().max(2000).optional().meta({ description: 'Comma list of fields to answer; default: all.' }),
  expand: z.string().max(200).optional().meta({ description: 'Comma list of relations to answer in full.' }),
  raw: flagSchema.optional().meta({ description: 'Adds what the app sent, as it was kept.' }),
  ...refused,
};

const fresh = {
  fresh: flagSchema.optional().meta({ description: 'Asks the app now instead of the snapshot; needs `live:read`.' }),
};

const paging = {
  page_size: wholeNumber(1, 100).default(25).meta({ description: 'Rows a page, 1 to 100.' }),
  next: nextQuery,
  updated_after: moment.optional().meta({ description: 'Use `filter[updated_after]`.', deprecated: true }),
};

const idFilter = z.string().min(1).max(500).optional();
const nameFilter = z.string().min(1).max(500).optional().meta({ description: 'Part of the name, in any letter case.' });

export const usersQuery = z.strictObject({
  ...paging,
  ...view,
  ...fresh,
  filter: userFilterSchema.extend({ updated_after: updatedAfter }).optional(),
});
export const groupsQuery = z.strictObject({
  ...paging,
  ...view,
  ...fresh,
  filter: z.strictObject({ name: nameFilter, organization_id: idFilter, updated_after: updatedAfter }).optional(),
});
export const namedQuery = z.strictObject({
  ...paging,
  ...view,
  ...fresh,
  filter: z.strictObject({ name: nameFilter, updated_after: updatedAfter }).optional(),
});
export const resourceUsersQuery = z.strictObject({
  ...paging,
  ...view,
  ...fresh,
  resource_type: z.string().min(1).max(200).optional().meta({ description: "Default: the connector's first type." }),
  resource_id: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .meta({ description: 'Only this resource; default: all of the type.' }),
});
export const oneQuery = z.strictObject({ ...view, ...fresh });
export const meQuery = z.strictObject({ ...view, ...fresh });
export const typesQuery = z.strictObject({ ...fresh, proxy: refused.proxy });
export const idParams = z.strictObject({
  id: z.string().min(1).max(2000).meta({ description: "The app's id, or a composite id (`c28xIQ…`)." }),
});

/** The header that selects the connection. Names beside it are ignored, as clients send many. */
export const accountHeaders = z.object({
  'x-account-id': z
    .string()
    .optional()
    .meta({ description: 'Id of the connection. Required.', examples: ['lastpass'] }),
});

const content = { 'application/json': { schema: unifiedErrorSchema } };
export const unifiedErrors = {
  '4xx': { description: 'The request cannot be answered; `message` and `next` say why and what to do.', content },
  '5xx': { description: 'Usher or the app failed, or what is asked is not built.', content },
} as const;
