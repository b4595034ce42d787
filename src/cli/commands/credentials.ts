import type { CommonOptions, Context } from '../context.ts';
import { credentialDetailSchema, credentialSchema, type Credential } from '../contract.ts';
import { EXIT } from '../failure.ts';
import { listPages, type ListOptions } from '../list.ts';
import type { Column } from '../table.ts';
import { localTime, printable } from '../text.ts';
import { asOf } from '../time.ts';

export interface CredentialsOptions extends CommonOptions, ListOptions {
  readonly owner?: string;
  readonly type?: string;
  readonly search?: string;
  readonly enabled?: boolean;
  readonly disabled?: boolean;
  readonly asOf?: string;
}

/** `usher credentials list CONNECTION`: the API keys and tokens of its accounts, now or at a past moment. */
export async function list(
  context: Context,
  [connection = '']: readonly string[],
  options: CredentialsOptions,
): Promise<number> {
  const { owner, type, search } = options;
  const enabled = options.enabled ?? (options.disabled === true ? false : undefined);
  const moment = asOf(options.asOf);
  const shown = await listPages(
    context,
    credentialSchema,
    (usher, page) => {
      const query = { owner, type, search, enabled, as_of: moment, ...page };
      return usher.GET('/v1/connections/{connection}/credentials', { params: { path: { connection }, query } });
    },
    columns(context),
    options,
  );
  if (shown === 0 && !context.isJson) {
    context.out.line('No credential fits.');
    context.out.note(`What it holds, and when it was last seen: usher connections show ${connection}`);
  }
  return EXIT.ok.code;
}

/** `usher credentials show CONNECTION KEY`: one, with all that is known of it but its secret, which Usher never keeps. */
export async function show(
  context: Context,
  [connection = '', key = '']: readonly string[],
  options: CredentialsOptions,
): Promise<number> {
  const client = await context.client();
  const params = { path: { connection, key }, query: { as_of: asOf(options.asOf) } };
  const found = await client.read(credentialDetailSchema, (usher) => {
    return usher.GET('/v1/connections/{connection}/credentials/{key}', { params });
  });
  if (context.isJson) {
    context.out.json(found);
    return EXIT.ok.code;
  }
  const { out } = context;
  const facts: [string, string][] = [
    ['Connection', found.connection],
    ['Key', found.key],
    ['Type', found.type],
    ['Owner', ownerOf(found) ?? 'not told'],
    ['State', stateOf(found)],
    ['Created', localTime(found.created_at)],
    ['Expires', found.expires_at == null ? '-' : localTime(found.expires_at)],
    ['Last used', localTime(found.last_used_at)],
    ...Object.entries(found.extra ?? {}).map(([name, value]): [string, string] => [name, textOf(value)]),
    ...(found.missing_since == null ? [] : [['Missing since', localTime(found.missing_since)] as [string, string]]),
  ];
  out.line(out.paint('bold', printable(found.name)));
  for (const [name, value] of facts) out.line(`  ${printable(name).padEnd(16)}  ${printable(value)}`);
  return EXIT.ok.code;
}

function columns({ out }: Context): readonly Column<Credential>[] {
  return [
    { title: 'Credential', value: ({ name }) => name },
    { title: 'Key', value: ({ key }) => key },
    { title: 'Type', value: ({ type }) => type.replaceAll('_', ' ') },
    { title: 'Owner', value: ownerOf },
    {
      title: 'State',
      value: stateOf,
      paint: (cell, { is_enabled: isEnabled }) => (isEnabled === false ? out.paint('dim', cell) : cell),
    },
    { title: 'Created', value: ({ created_at }) => localTime(created_at) },
    { title: 'Last used', value: ({ last_used_at }) => localTime(last_used_at) },
  ];
}

function ownerOf({ owner }: Credential): string | null {
  return owner == null ? null : (owner.email ?? owner.name ?? owner.key);
}

function stateOf({ is_enabled: isEnabled, missing_since: missingSince }: Credential): string {
  const state = isEnabled == null ? 'not told' : isEnabled ? 'enabled' : 'disabled';
  return missingSince == null ? state : `${state}, missing`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
