import { askToTrust, tellHowToTrust, untrustedCertificate } from '../certificate.ts';
import type { CommonOptions, Context } from '../context.ts';
import {
  connectedSchema,
  connectionSchema,
  connectorSchema,
  startedSyncSchema,
  type ConnectorInfo,
  type Probe,
} from '../contract.ts';
import { EXIT, Failure, toFailure, usage } from '../failure.ts';
import { askFields, fieldHelp, missingFlags, parseFieldFlags, readSecrets, type ConfigValues } from '../fields.ts';
import { parseInterval } from '../interval.ts';
import { printable, wrap } from '../text.ts';
import { followSync } from './sync.ts';

interface SecretOptions extends CommonOptions {
  readonly secretStdin?: boolean;
  readonly help?: boolean;
  /** `--every 6h` */
  readonly every?: string;
}

export interface ConnectOptions extends SecretOptions {
  readonly id?: string;
  readonly dryRun?: boolean;
  /** False for `--no-sync`. */
  readonly sync: boolean;
}

/**
 * `usher connect CONNECTOR`: asks for what the connector's schema wants, probes, saves only what works, and syncs.
 * `words` are the connector and the flags its fields make.
 */
export async function connect(context: Context, words: readonly string[], options: ConnectOptions): Promise<number> {
  const [name, ...flags] = words;
  if (name === undefined || name.startsWith('-')) {
    throw usage(
      'Say what to connect.',
      `usher connect lastpass; these can be: ${(await connectors(context)).map(({ id }) => id).join(', ')}.`,
    );
  }
  const connector = await findConnector(context, name);
  if (options.help === true) return help(context, connector, `usher connect ${connector.id}`, CONNECT_FLAGS);
  let given: ConfigValues = {
    settings: parseFieldFlags(flags, connector),
    secrets: options.secretStdin === true ? await readSecrets(context, connector.fields) : {},
  };
  let previous: ConfigValues['settings'] = {};
  for (;;) {
    let values = await complete(context, connector, given, previous);
    let attempt = await tryConnecting(context, connector, values, options);
    while ('trusts' in attempt) {
      given = { ...given, settings: { ...given.settings, ...attempt.trusts } };
      values = { ...values, settings: { ...values.settings, ...attempt.trusts } };
      attempt = await tryConnecting(context, connector, values, options);
    }
    if ('exitCode' in attempt) return attempt.exitCode;
    // A field that was refused is asked for, even one that is optional in general (the address of a custom region).
    previous = { ...(attempt.refusedField === null ? {} : { [attempt.refusedField]: '' }), ...values.settings };
  }
}

export interface EditOptions extends SecretOptions {
  readonly newSecret?: boolean;
  /** As `every`, or `manual`. */
  readonly schedule?: string;
  readonly pause?: boolean;
  readonly resume?: boolean;
}

/** `usher connections edit ID`: changes settings, secrets, schedule or state; what is not named stays. */
export async function edit(context: Context, words: readonly string[], options: EditOptions): Promise<number> {
  const [id, ...flags] = words;
  if (id === undefined || id.startsWith('-'))
    throw usage('Say which connection to edit.', 'usher connections list shows them.');
  const client = await context.client();
  const params = { path: { connection: id } };
  const connection = await client.read(connectionSchema, (usher) => {
    return usher.GET('/v1/connections/{connection}', { params });
  });
  const connector = await findConnector(context, connection.connector);
  if (options.help === true) return help(context, connector, `usher connections edit ${id}`, EDIT_FLAGS);
  const settings = parseFieldFlags(flags, connector);
  const body = {
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
    ...(await newSecrets(context, connector, options)),
    ...scheduleOf(options.schedule ?? options.every),
    ...(options.pause === true
      ? { state: 'paused' as const }
      : options.resume === true
        ? { state: 'active' as const }
        : {}),
  };
  if (Object.keys(body).length === 0) {
    throw usage('Nothing to change was named.', `See what can be: usher connections edit ${id} --help`);
  }
  const edited = await client.read(connectionSchema, (usher) => {
    return usher.PATCH('/v1/connections/{connection}', { params, body });
  });
  if (context.isJson) context.out.json(edited);
  else {
    context.out.line(`Changed ${printable(id)}: ${Object.keys(body).join(', ').replaceAll('_', ' ')}.`);
    if (edited.state === 'paused' && options.pause !== true)
      context.out.note(`It is still paused. Go on: usher connections edit ${printable(id)} --resume`);
  }
  return EXIT.ok.code;
}

/** `manual`: by hand only. */
function scheduleOf(text: string | undefined): { schedule_seconds?: number | null } {
  if (text === undefined) return {};
  return { schedule_seconds: text === 'manual' ? null : parseInterval(text) };
}

async function newSecrets(
  context: Context,
  connector: ConnectorInfo,
  options: EditOptions,
): Promise<{ secrets?: ConfigValues['secrets'] }> {
  if (options.secretStdin === true) return { secrets: await readSecrets(context, connector.fields) };
  if (options.newSecret !== true) return {};
  const fields = connector.fields.filter(({ kind }) => kind === 'secret');
  const { secrets } = await askFields(context, { ...connector, fields }, { settings: {}, secrets: {} }, {});
  return { secrets };
}

async function complete(
  context: Context,
  connector: ConnectorInfo,
  given: ConfigValues,
  previous: ConfigValues['settings'],
): Promise<ConfigValues> {
  if (context.prompt.isPossible) return askFields(context, connector, given, previous);
  const missing = missingFlags(connector, given);
  if (missing.length > 0) {
    throw usage(
      `${connector.title} needs ${missing.join(', ')}.`,
      `All settings: usher connect ${connector.id} --help`,
    );
  }
  return given;
}

/** How a try ended: settled, to be tried again with the certificate trusted, or with the field that was refused. */
type Attempt =
  | { readonly exitCode: number }
  | { readonly trusts: Readonly<Record<string, string>> }
  | { readonly refusedField: string | null };

async function tryConnecting(
  context: Context,
  connector: ConnectorInfo,
  { settings, secrets }: ConfigValues,
  options: ConnectOptions,
): Promise<Attempt> {
  const client = await context.client();
  const body = {
    connector: connector.id,
    settings,
    secrets,
    ...(options.id === undefined ? {} : { id: options.id }),
    ...(options.every === undefined ? {} : { schedule_seconds: parseInterval(options.every) }),
  };
  const { out } = context;
  if (!context.isJson) out.status('Checking ... ');
  let saved: string;
  try {
    const params = { query: options.dryRun === true ? { dry_run: true } : {} };
    const connection = await client.read(connectedSchema, (usher) => usher.POST('/v1/connections', { params, body }));
    out.status(null);
    if (!context.isJson) describeProbe(context, connection.probe, connection.id, options.dryRun === true);
    if (options.dryRun === true || !options.sync) {
      if (context.isJson) out.json(connection);
      else if (options.dryRun !== true) out.note(`Pull it: usher sync ${connection.id}`);
      return { exitCode: EXIT.ok.code };
    }
    saved = connection.id;
  } catch (error) {
    out.status(null);
    const failure = toFailure(error);
    const certificate = untrustedCertificate(failure, connector, settings);
    if (certificate !== null) {
      const trusts = context.isJson || !context.prompt.isPossible ? null : await askToTrust(context, certificate);
      if (trusts !== null) return { trusts };
      throw tellHowToTrust(failure, certificate);
    }
    if (context.isJson || !isAboutTheInput(failure)) throw failure;
    if (!(await wantsAnotherTry(context, connector, failure))) {
      throw new Failure('Nothing was saved.', {
        ...failure.details,
        next: `Try again, or see usher connect ${connector.id} --help.`,
      });
    }
    const field = failure.details.problem?.field ?? '';
    return { refusedField: field.startsWith('settings.') ? field.slice('settings.'.length) : null };
  }
  // From here on the connection is there, whatever becomes of its first sync.
  const { run } = await client.read(startedSyncSchema, (usher) => {
    return usher.POST('/v1/connections/{connection}/syncs', { params: { path: { connection: saved } } });
  });
  return { exitCode: await followSync(context, run) };
}

function isAboutTheInput({ details }: Failure): boolean {
  return details.problem !== undefined && details.exitCode !== EXIT.unreachable.code && details.code !== 'invalidToken';
}

async function wantsAnotherTry(context: Context, connector: ConnectorInfo, failure: Failure): Promise<boolean> {
  const { out, prompt } = context;
  out.note('Checking ... refused.');
  for (const line of wrap(printable(failure.message), (out.width ?? 100) - 2)) out.note(`  ${line}`);
  if (failure.details.next) out.note(`  ${printable(failure.details.next)}`);
  if (!prompt.isPossible) return false;
  out.note('  Nothing was saved.');
  return prompt.confirm(`Try ${connector.title} again?`, true);
}

function describeProbe({ out }: Context, probe: Probe | null | undefined, id: string, isDryRun: boolean): void {
  if (probe == null) {
    out.line('Checking ... ok.');
    return;
  }
  out.line(`Checking ... ok: ${printable(probe.tenant.name)} (${printable(probe.tenant.id)})`);
  for (const note of probe.notes) out.line(`  ${printable(note)}`);
  out.line(isDryRun ? '  A dry run: nothing was saved.' : `  Saved as ${printable(id)}.`);
}

async function connectors(context: Context): Promise<ConnectorInfo[]> {
  const client = await context.client();
  const all: ConnectorInfo[] = [];
  const pages = client.pages(connectorSchema, (usher, query) => usher.GET('/v1/connectors', { params: { query } }));
  for await (const { items } of pages) all.push(...items);
  return all;
}

async function findConnector(context: Context, name: string): Promise<ConnectorInfo> {
  const all = await connectors(context);
  const found = all.find(({ id }) => id === name);
  if (found === undefined) {
    throw usage(`There is no connector "${name}".`, `These can be connected: ${all.map(({ id }) => id).join(', ')}.`);
  }
  return found;
}

const CONNECT_FLAGS: readonly [string, string][] = [
  ['--id NAME', 'name of the connection; default: the connector'],
  ['--every TIME', 'how often to sync: 15m, 6h, 1d'],
  ['--no-sync', 'save only, sync later'],
  ['--dry-run', 'check only, save nothing'],
  ['--json', 'one JSON document'],
];

const EDIT_FLAGS: readonly [string, string][] = [
  ['--new-secret', 'ask for the secrets again'],
  ['--schedule TIME', 'how often to sync: 15m, 6h, 1d; manual: by hand only'],
  ['--pause, --resume', 'stop or go on syncing by schedule'],
  ['--json', 'one JSON document'],
];

function help({ out }: Context, connector: ConnectorInfo, command: string, flags: readonly [string, string][]): number {
  out.line(`Usage: ${command} [flags]`);
  out.line();
  if (connector.description) out.line(printable(connector.description));
  out.line();
  for (const line of fieldHelp(connector)) out.line(line);
  out.line();
  for (const [flag, text] of flags) out.line(`  ${flag.padEnd(20)}  ${text}`);
  return EXIT.ok.code;
}
