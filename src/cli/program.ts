import { Argument, Command, Option } from 'commander';
import { GUARDS } from '../model/changes.ts';
import { changeCommands, confirmable } from './program-changes.ts';
import { auditCommands } from './program-audit.ts';
import { keepingCommands } from './program-keeping.ts';
import { collect, does, examples, leaf, limited, type Runner, takesFields } from './program-parts.ts';

/**
 * The `usher` command: names, flags and one sentence each, which is all that help needs. The bodies are loaded when they
 * run, so that a command costs its own modules only.
 */
export function createProgram(run: Runner): Command {
  const program = new Command('usher')
    .description('User lifecycle for the apps that have no SCIM.')
    .option('-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help, or that of a command')
    .helpCommand('help [command]', 'print the help of a command')
    .enablePositionalOptions()
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .showSuggestionAfterError();

  serverCommands(program, run);
  connectionCommands(program, run);
  syncCommands(program, run);
  readingCommands(program, run);
  changeCommands(program, run);
  accessCommands(program, run);
  auditCommands(program, run);
  keepingCommands(program, run);
  simulateCommand(program, run);
  completionCommands(program, run);
  return program;
}

function serverCommands(program: Command, run: Runner): void {
  for (const name of ['serve', 'demo'] as const) {
    const command = leaf(program, name)
      .description(name === 'serve' ? 'start the server' : 'start the server with the invented company Northwind')
      .option('--host <host>', 'address to listen on (USHER_HOST; 127.0.0.1)')
      .option('--port <port>', 'port to listen on (USHER_PORT; 8420)')
      .option('--data-dir <dir>', 'where state is kept (USHER_DATA_DIR)');
    if (name === 'serve') {
      command
        .option('--demo', 'also start the simulators with Northwind, connected and synced')
        .option('--no-engine', 'answer requests only; workers on the same Postgres server carry the work out');
    }
    does(command, run, async () => (await import('./commands/serve.ts'))[name]);
  }
  const worker = leaf(program, 'worker')
    .description('carry work out for the servers of a Postgres server (DATABASE_URL); start as many as you like')
    .option('--health-port <port>', 'answer /healthz and /readyz there; default: nowhere')
    .option('--host <host>', 'address to answer on (USHER_HOST; 127.0.0.1)')
    .option('--data-dir <dir>', 'where the master key is, unless USHER_MASTER_KEY is set (USHER_DATA_DIR)');
  does(worker, run, async () => (await import('./commands/serve.ts')).worker);
  const doctor = leaf(program, 'doctor')
    .description('say what is wrong with this set-up and how to mend it; works without the server too')
    .option('--data-dir <dir>', 'where state is kept (USHER_DATA_DIR)');
  does(doctor, run, async () => (await import('./commands/doctor.ts')).doctor);
}

function connectionCommands(program: Command, run: Runner): void {
  const connect = leaf(program, 'connect [connector] [settings...]')
    .description('connect an app: asks for what it needs, checks it, saves it, pulls it')
    .option('--id <name>', 'name of the connection; default: the connector')
    .option('--secret-stdin', 'read the secret from standard input')
    .option('--every <time>', 'how often to sync: 15m, 6h, 1d')
    .option('--dry-run', 'check only, save nothing')
    .option('--no-sync', 'save only, pull later');
  takesFields(connect, 'print this help; with a connector also its settings');
  does(connect, run, async () => (await import('./commands/connect.ts')).connect);

  const connections = program.command('connections').description('what is connected').enablePositionalOptions();
  const load = () => import('./commands/connections.ts');
  does(
    leaf(connections, 'list', { isDefault: true }).description('list connections (the default)'),
    run,
    async () => (await load()).list,
  );
  does(leaf(connections, 'show <connection>').description('show one connection'), run, async () => (await load()).show);
  does(
    leaf(connections, 'test <connection>').description('ask the app whether the credentials still work'),
    run,
    async () => (await load()).test,
  );
  const edit = leaf(connections, 'edit [connection] [settings...]')
    .description('change settings, secrets, schedule or state')
    .option('--secret-stdin', 'read the new secret from standard input')
    .option('--new-secret', 'ask for the new secret')
    .option('--schedule <time>', 'how often to sync: 15m, 6h, 1d; manual: by hand only')
    .addOption(new Option('--every <time>', 'the same as --schedule').hideHelp())
    .option('--pause', 'stop syncing by schedule')
    .option('--resume', 'go on syncing by schedule');
  takesFields(edit, 'print this help; with a connection also its settings');
  does(edit, run, async () => (await import('./commands/connect.ts')).edit);
  const remove = leaf(connections, 'remove <connection>')
    .description('remove one with all that Usher holds of it; says what goes and asks')
    .option('--yes', 'do not ask');
  does(remove, run, async () => (await load()).remove);
}

function syncCommands(program: Command, run: Runner): void {
  const load = () => import('./commands/sync.ts');
  const sync = leaf(program, 'sync <connection>')
    .description('pull a connection now, or join the sync that runs, and follow it')
    .option('--no-wait', 'start it only')
    .enablePositionalOptions();
  does(sync, run, async () => (await load()).sync);
  const status = leaf(sync, 'status [connection]').description('the latest syncs, newest first; of all: one each');
  does(limited(status), run, async () => (await load()).status);
  const confirm = leaf(sync, 'confirm <connection>')
    .description('say that what a paused sync found is true')
    .option('--no-wait', 'do not follow it');
  does(confirm, run, async () => (await load()).confirm);
}

function readingCommands(program: Command, run: Runner): void {
  const accounts = program.command('accounts').description('people and services in the apps').enablePositionalOptions();
  const list = leaf(accounts, 'list', { isDefault: true })
    .description('list accounts (the default)')
    .option('--connection <id>', 'of one connection')
    .option('--status <status>', 'invited, pending (or never-signed-in), active, disabled')
    .option('--role <role>', 'with this role')
    .addOption(new Option('--mfa <state>', 'by second factor').choices(['none', 'some', 'unknown']))
    .option('--email <address>', 'with this e-mail address')
    .option('--group <group>', 'members of this group')
    .option('--search <text>', 'with this text in name or address')
    .option('--as-of <time>', 'as it was then: 2026-11-21, 2026-11-21T09:30Z');
  does(limited(list), run, async () => (await import('./commands/accounts.ts')).list);
  const show = leaf(accounts, 'show <account>')
    .description('show one, what it holds and how it changed; by key or e-mail address')
    .option('--connection <id>', 'in which connection, where several have it')
    .option('--as-of <time>', 'as it was then');
  does(show, run, async () => (await import('./commands/accounts.ts')).show);
  const mark = leaf(accounts, 'mark <connection> <account>')
    .description('say what guards go by; without flags show what was said')
    .option('--protected', 'no change touches it: an account for emergencies')
    .option('--no-protected', 'not any more')
    .option('--service', 'a program uses it, nobody leaves with it')
    .option('--no-service', 'not any more')
    .option('--owner <who>', 'who answers for it; "" for nobody')
    .option('--ignore-until <time>', 'leave it out of findings until then; "" for not at all')
    .option('--note <text>', 'for people; "" for none')
    .option('--clear', 'take all of it away');
  examples(mark, [
    'usher accounts mark lastpass breakglass@northwind.example --protected --note "Emergencies"',
    'usher accounts mark lastpass ci@northwind.example --service --owner ada.okonkwo@northwind.example',
  ]);
  does(mark, run, async () => (await import('./commands/marks.ts')).mark);

  const loadCredentials = () => import('./commands/credentials.ts');
  const credentials = program.command('credentials').description('API keys and tokens').enablePositionalOptions();
  const listCredentials = leaf(credentials, 'list <connection>')
    .description('list those of a connection; secrets are never kept')
    .option('--owner <account>', 'of this account: key or e-mail address')
    .option('--type <type>', 'of one type: api_key')
    .option('--search <text>', 'with this text in their name')
    .addOption(new Option('--enabled', 'those that work').conflicts('disabled'))
    .option('--disabled', 'those that do not work')
    .option('--as-of <time>', 'as it was then: 2026-11-21, 2026-11-21T09:30Z');
  does(limited(listCredentials), run, async () => (await loadCredentials()).list);
  const showCredential = leaf(credentials, 'show <connection> <key>')
    .description('show one')
    .option('--as-of <time>', 'as it was then');
  does(showCredential, run, async () => (await loadCredentials()).show);

  const actions = program.command('actions').description('what can be done in the apps').enablePositionalOptions();
  const listActions = leaf(actions, 'list', { isDefault: true })
    .description('list actions (the default)')
    .option('--connection <id>', 'those of a connection')
    .option('--connector <id>', 'those of a connector')
    .option('--search <text>', 'with this text');
  does(listActions, run, async () => (await import('./commands/actions.ts')).list);
  does(
    leaf(actions, 'show <action>').description('what one does and takes'),
    run,
    async () => (await import('./commands/actions.ts')).show,
  );

  const call = leaf(program, 'call [action] [fields...]')
    .description(
      'call an action: read live, or plan a change, ask and carry it out; its fields are flags: --page-size 10',
    )
    .option('--connection <id>', 'on which connection, where several fit')
    .option('--input <json>', 'fields as one JSON object; - takes it from standard input, for secrets')
    .option('--dry-run', 'show the exact call or the plan, secrets masked; nothing is sent or kept')
    .option('--no-apply', 'make the plan only, to be applied later')
    .option('--at <time>', 'carry it out then: 17:00, 2026-11-21T17:00, 2026-11-21T17:00Z')
    .addOption(
      new Option(
        '--override <guard>',
        `let a change pass a guard, with a --reason; again for more: ${GUARDS.join(', ')}`,
      ).argParser(collect),
    )
    .option('--idempotency-key <key>', 'the same request again under this key is the same plan');
  examples(call, [
    'usher call lastpass_list_users --username ada.okonkwo@northwind.example',
    'usher call lastpass_disable_user --user jonas.lind@northwind.example',
    'usher call lastpass_disable_user --user jonas.lind@northwind.example --dry-run --show-calls',
    'usher call lastpass_disable_user --user jonas.lind@northwind.example --at 17:00',
    'usher call ACTION --input - --yes < input.json',
  ]);
  takesFields(confirmable(call), 'print this help; with an action also its fields');
  does(call, run, async () => (await import('./commands/call.ts')).call);

  const events = leaf(program, 'events')
    .description('what changed, in order; JSON lines with --json')
    .option('-f, --follow', 'go on with what comes, until Ctrl-C')
    .option('--type <type>', 'of one type: account.disabled')
    .option('--connection <id>', 'of one connection')
    .addOption(
      new Option('--source <source>', 'seen by a sync, made by Usher, or told by the app').choices([
        'sync',
        'usher',
        'app',
      ]),
    )
    .option('--after <position>', 'continue after this position');
  does(limited(events), run, async () => (await import('./commands/events.ts')).events);
}

function accessCommands(program: Command, run: Runner): void {
  const loadPrincipals = () => import('./commands/principals.ts');
  const principals = program.command('principals').description('who may ask').enablePositionalOptions();
  const list = leaf(principals, 'list', { isDefault: true }).description('list principals (the default)');
  does(limited(list), run, async () => (await loadPrincipals()).list);
  const create = leaf(principals, 'create <name>')
    .description('add a person, service or agent')
    .option('--email <address>', 'e-mail address')
    .addOption(new Option('--kind <kind>', 'what it is').choices(['person', 'service', 'agent']).default('person'))
    .addOption(
      new Option('--role <role>', 'what it may; default: viewer; an agent is always agent').choices([
        'viewer',
        'operator',
        'approver',
        'admin',
        'agent',
      ]),
    );
  does(create, run, async () => (await loadPrincipals()).create);
  const disable = leaf(principals, 'disable <id>').description('stop one; its tokens stop working at once');
  does(disable, run, async () => (await loadPrincipals()).disable);

  const loadTokens = () => import('./commands/token.ts');
  const token = program.command('token').description('what principals prove themselves by').enablePositionalOptions();
  does(
    limited(leaf(token, 'list', { isDefault: true }).description('list tokens (the default)')),
    run,
    async () => (await loadTokens()).list,
  );
  const make = leaf(token, 'create')
    .description('make one; it is shown this once')
    .option('--name <name>', 'what it is for', 'cli')
    .option('--principal <id>', 'whose it is; default: yours')
    .option('--role <role>', 'less than the principal may')
    .option('--connection <id>', 'good for this connection only; again for more', collect)
    .option('--expires-in-days <n>', 'when it ends')
    .option('--local', 'make it in the data directory, without the server');
  does(make, run, async () => (await loadTokens()).create);
  does(leaf(token, 'revoke <id>').description('end one'), run, async () => (await loadTokens()).revoke);
}

/** All its words go to the simulator, which has flags of its own. */
function simulateCommand(program: Command, run: Runner): void {
  const simulate = program
    .command('simulate [connector] [settings...]')
    .description("start a stand-in for an app's API: --port P --seed S --people N --fault KIND")
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false);
  does(simulate, run, async () => (await import('./commands/simulate.ts')).simulate);
}

/** `__complete` is what the scripts ask, with the words of the command line as they are. */
function completionCommands(program: Command, run: Runner): void {
  const completion = program
    .command('completion')
    .description('print the script that completes commands, flags and names in a shell')
    .addArgument(new Argument('<shell>', 'whose').choices(['bash', 'zsh', 'fish']));
  does(completion, run, async () => (await import('./commands/completion.ts')).script);
  const complete = program
    .command('__complete [words...]', { hidden: true })
    .option('--split', 'words are split at =')
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false);
  does(complete, run, async () => (await import('./commands/completion.ts')).candidates(program));
}
