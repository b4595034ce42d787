import type { z } from 'zod';
import type { PrincipalKind, Role } from '../../model/access.ts';
import type { CommonOptions, Context } from '../context.ts';
import { principalSchema } from '../contract.ts';
import { EXIT } from '../failure.ts';
import { listPages, type ListOptions } from '../list.ts';
import type { Column } from '../table.ts';
import { printable } from '../text.ts';

type Principal = z.infer<typeof principalSchema>;

/** `usher principals list`: who may ask. */
export async function list(
  context: Context,
  _: readonly string[],
  options: CommonOptions & ListOptions,
): Promise<number> {
  await listPages(
    context,
    principalSchema,
    (usher, query) => usher.GET('/v1/principals', { params: { query } }),
    COLUMNS,
    options,
  );
  return EXIT.ok.code;
}

const COLUMNS: readonly Column<Principal>[] = [
  { title: 'Name', value: ({ name }) => name },
  { title: 'E-mail', value: ({ email }) => email },
  { title: 'Kind', value: ({ kind }) => kind },
  { title: 'Role', value: ({ role }) => role },
  { title: 'State', value: (principal) => (isDisabled(principal) ? 'disabled' : 'active') },
  { title: 'Id', value: ({ id }) => id },
];

export interface CreateOptions extends CommonOptions {
  readonly email?: string;
  readonly kind: PrincipalKind;
  readonly role?: Role;
}

/** `usher principals create NAME` */
export async function create(
  context: Context,
  [name = '']: readonly string[],
  options: CreateOptions,
): Promise<number> {
  const client = await context.client();
  const { email, kind, role = kind === 'agent' ? 'agent' : 'viewer' } = options;
  const body = { name, kind, role, ...(email === undefined ? {} : { email }) };
  const principal = await client.read(principalSchema, (usher) => usher.POST('/v1/principals', { body }));
  if (context.isJson) context.out.json(principal);
  else {
    context.out.line(
      `Made the ${printable(principal.kind)} ${printable(principal.name)}, ${printable(principal.role)}: ${principal.id}`,
    );
    context.out.note(`Give it a token: usher token create --principal ${principal.id} --name NAME`);
  }
  return EXIT.ok.code;
}

/** `usher principals disable ID`: its tokens stop working at once; nothing is deleted. */
export async function disable(context: Context, [id = '']: readonly string[]): Promise<number> {
  const client = await context.client();
  const principal = await client.read(principalSchema, (usher) => {
    return usher.PATCH('/v1/principals/{id}', { params: { path: { id } }, body: { disabled: true } });
  });
  if (context.isJson) context.out.json(principal);
  else context.out.line(`Disabled ${printable(principal.name)}; its tokens no longer work.`);
  return EXIT.ok.code;
}

function isDisabled(principal: Principal): boolean {
  return principal['disabled'] === true || typeof principal['disabled_at'] === 'string';
}
