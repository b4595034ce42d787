import { z } from 'zod';
import type { ReadAction } from '../../connector-kit/connector.ts';
import { readAction } from '../../connector-kit/define.ts';
import { decodeCursor, encodeCursor } from '../../model/cursor.ts';
import { getDetailedSharedFolders } from './client.ts';
import type { LastPassContext, LastPassSettings } from './config.ts';
import { type FolderPermission, folderRole, readFolder, type SharedFolder } from './folders.ts';
import { readFolderById, readFolders } from './live.ts';

type Settings = LastPassSettings & { readonly provisioningHash: string };

const roleName = z.enum(['admin', 'editor', 'viewer']);
const permissionSchema = z.object({
  username: z.string(),
  group_name: z.string().nullable().meta({ description: 'The group through which, or as which, it is granted' }),
  can_administer: z.boolean(),
  give: z.boolean().meta({ description: 'May see passwords' }),
  readonly: z.boolean().meta({ description: 'May not change items' }),
  superadmin: z.boolean().nullable().meta({ description: 'null: not told' }),
  role: roleName,
});
const folderBase = { id: z.string(), name: z.string(), deleted: z.boolean() };
const score = z.union([z.number(), z.string()]).nullable();
const policySchema = z.object({ ...folderBase, permissions: z.array(permissionSchema) });
const roleSchema = z.object({
  ...folderBase,
  roles: z.array(z.object({ role: roleName, holders: z.array(z.string()) })),
});
const folderSchema = z.object({ ...folderBase, score, grantee_count: z.int() });
const detailsSchema = z.object({
  ...folderBase,
  score,
  permissions: z.array(permissionSchema.extend({ sites: z.array(z.string()) })),
});

const listInput = z.strictObject({
  include_deleted: z.boolean().default(false).meta({ description: 'Also folders that are deleted softly' }),
});
const oneInput = z.strictObject({
  id: z
    .string()
    .regex(/^\d+$/, 'Give the number of the shared folder.')
    .meta({ description: 'Id of the shared folder' }),
});

const listPolicies = readAction({
  id: 'lastpass_list_policies',
  title: 'List permission sets of shared folders',
  description: 'Lists the permission set of each shared folder: who may do what with it. The id is that of the folder.',
  input: listInput,
  output: z.array(policySchema),
  async run(context: LastPassContext, input) {
    return { data: (await readFolders(context, input.include_deleted)).map(showPolicy) };
  },
});

const getPolicy = readAction({
  id: 'lastpass_get_policy',
  title: 'Get the permission set of a shared folder',
  description: 'Gets one permission set by the id of its shared folder.',
  input: oneInput,
  output: policySchema,
  async run(context: LastPassContext, input) {
    return { data: showPolicy(await readFolderById(context, input.id)) };
  },
});

const listRoles = readAction({
  id: 'lastpass_list_roles',
  title: 'List roles on shared folders',
  description: 'Lists for each shared folder who is its admin, editor and viewer. The id is that of the folder.',
  input: listInput,
  output: z.array(roleSchema),
  async run(context: LastPassContext, input) {
    return { data: (await readFolders(context, input.include_deleted)).map(showRoles) };
  },
});

const getRole = readAction({
  id: 'lastpass_get_role',
  title: 'Get the roles on a shared folder',
  description: 'Gets who is admin, editor and viewer of one shared folder, by its id.',
  input: oneInput,
  output: roleSchema,
  async run(context: LastPassContext, input) {
    return { data: showRoles(await readFolderById(context, input.id)) };
  },
});

const listSharedFolders = readAction({
  id: 'lastpass_list_shared_folders',
  title: 'List shared folders',
  description: 'Lists the shared folders of the company.',
  input: listInput,
  output: z.array(folderSchema),
  async run(context: LastPassContext, input) {
    const folders = await readFolders(context, input.include_deleted);
    return {
      data: folders.map((folder) => ({
        ...base(folder),
        score: folder.score,
        grantee_count: folder.permissions.length,
      })),
    };
  },
});

const listSharedFolderDetails = readAction({
  id: 'lastpass_list_shared_folder_details',
  title: 'List shared folders with sites and permissions',
  description:
    'Lists shared folders with who may do what and which sites each sees; page by page, as the app cannot do it at once.',
  input: z.strictObject({
    include_deleted: z.boolean().default(false).meta({ description: 'Also folders that are deleted softly' }),
    page_size: z.coerce.number().int().min(1).max(500).default(100).meta({ description: 'Folders a page' }),
    next: z.string().optional().meta({ description: 'The `next` of the page before' }),
  }),
  output: z.array(detailsSchema),
  async run(context: LastPassContext, input) {
    const { include_deleted: withDeleted, page_size: pageSize } = input;
    const binding = { list: 'lastpass_list_shared_folder_details', filters: { withDeleted, pageSize } };
    const pageIndex = Number(decodeCursor(input.next, binding, 1)?.[0] ?? 0);
    const entries = await getDetailedSharedFolders(context, pageSize, pageIndex);
    const folders = entries.map(readFolder).filter((folder) => withDeleted || !folder.isDeleted);
    return {
      data: folders.map((folder) => ({
        ...base(folder),
        score: folder.score,
        permissions: folder.permissions.map((each) => ({ ...showPermission(each), sites: [...(each.sites ?? [])] })),
      })),
      // There is no total: fewer than asked for is the end (Elastic's integration does the same).
      next: entries.length < pageSize ? null : encodeCursor(binding, [String(pageIndex + 1)]),
    };
  },
});

/** The actions that read shared folders, under the three views the catalogue has of them. */
export const folderActions: readonly ReadAction<Settings, z.ZodObject, z.ZodType>[] = [
  listPolicies,
  getPolicy,
  listRoles,
  getRole,
  listSharedFolders,
  listSharedFolderDetails,
];

function base(folder: SharedFolder): { id: string; name: string; deleted: boolean } {
  return { id: folder.id, name: folder.name, deleted: folder.isDeleted };
}

function showPolicy(folder: SharedFolder): z.input<typeof policySchema> {
  return { ...base(folder), permissions: folder.permissions.map(showPermission) };
}

function showPermission(permission: FolderPermission): z.input<typeof permissionSchema> {
  return {
    username: permission.username,
    group_name: permission.groupName,
    can_administer: permission.canAdminister,
    give: permission.give,
    readonly: permission.readonly,
    superadmin: permission.superadmin,
    role: folderRole(permission),
  };
}

function showRoles(folder: SharedFolder): z.input<typeof roleSchema> {
  return {
    ...base(folder),
    roles: roleName.options.map((role) => ({
      role,
      holders: folder.permissions.filter((each) => folderRole(each) === role).map((each) => each.username),
    })),
  };
}
