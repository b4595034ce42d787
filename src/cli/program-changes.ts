import type { Command } from 'commander';
import { does, examples, leaf, limited, type Runner } from './program-parts.ts';

/** Plans, runs, the secrets that changes hand over, and the thresholds of the guards. */
export function changeCommands(program: Command, run: Runner): void {
  planCommands(program, run);
  runCommands(program, run);
  secretCommands(program, run);
  policyCommands(program, run);
}

/** The flags of whatever carries out a plan. */
export function confirmable(command: Command): Command {
  return command
    .option('--yes', 'do not ask; approve it too, where you may alone')
    .option('--reason <text>', 'why: for whoever approves, and for the record')
    .option('--show-calls', 'also show the exact calls to the app, secrets masked')
    .option('--no-wait', 'start it only, do not follow it');
}

function planCommands(program: Command, run: Runner): void {
  const load = () => import('./commands/plan.ts');
  const plan = program
    .command('plan')
    .description('changes that were asked for: look, approve, apply')
    .enablePositionalOptions();
  examples(plan, [
    'usher plan --state waiting',
    'usher plan show PLAN --show-calls',
    'usher plan approve PLAN --reason "HR-1042"',
  ]);
  const list = leaf(plan, 'list', { isDefault: true })
    .description('list plans, newest first (the default)')
    .option('--connection <id>', 'of one connection')
    .option('--state <states>', 'waiting, ready, applied, rejected, cancelled, expired; several with commas');
  does(limited(list), run, async () => (await load()).list);
  const show = leaf(plan, 'show <plan>')
    .description('show one like a diff: what it changes, what guards say, who decided')
    .option('--show-calls', 'also show the exact calls to the app, secrets masked')
    .option('--all', 'all of its changes, not the first hundred');
  does(show, run, async () => (await load()).show);
  const approve = leaf(plan, 'approve <plan>').description('approve one that waits, and follow its run');
  does(confirmable(approve), run, async () => (await load()).approve);
  const reject = leaf(plan, 'reject <plan>')
    .description('say no to one that waits')
    .option('--reason <text>', 'why, for whoever asked');
  does(reject, run, async () => (await load()).reject);
  const apply = leaf(plan, 'apply <plan>').description('carry one out and follow its run');
  does(confirmable(apply), run, async () => (await load()).apply);
  const cancel = leaf(plan, 'cancel <plan>').description('withdraw one that was not applied');
  does(cancel, run, async () => (await load()).cancel);
}

function runCommands(program: Command, run: Runner): void {
  const load = () => import('./commands/runs.ts');
  const runs = program
    .command('runs')
    .description('changes being carried out, and what came of them')
    .enablePositionalOptions();
  examples(runs, [
    'usher runs --state partial,failed',
    'usher runs follow RUN',
    'usher runs show RUN --state failed,uncertain',
  ]);
  const list = leaf(runs, 'list', { isDefault: true })
    .description('list runs, newest first (the default)')
    .option('--connection <id>', 'of one connection')
    .option(
      '--state <states>',
      'queued, running, waiting, paused, succeeded, partial, failed, cancelled; several with commas',
    );
  does(limited(list), run, async () => (await load()).list);
  const show = leaf(runs, 'show <run>')
    .description('show one with its receipts, by its id or its plan')
    .option('--state <states>', 'only changes that are done, skipped, failed, uncertain; several with commas')
    .option('--show-calls', 'also show the calls that were made, and what shows that it is so')
    .option('--all', 'all of its changes, not the first hundred');
  does(show, run, async () => (await load()).show);
  const follow = leaf(runs, 'follow <run>').description('show one live until it ends; JSON lines with --json');
  does(follow, run, async () => (await load()).follow);
  const pause = leaf(runs, 'pause <run>').description('stop at the next safe point');
  does(pause, run, async () => (await load()).pause);
  const resume = leaf(runs, 'resume <run>')
    .description('go on with a paused one, and follow it')
    .option('--no-wait', 'do not follow it');
  does(resume, run, async () => (await load()).resume);
  const cancel = leaf(runs, 'cancel <run>').description('end one: what was not begun never is');
  does(cancel, run, async () => (await load()).cancel);
  const task = leaf(runs, 'task <run> <change>')
    .description('say that the task is done which a change waits for; a person alone may')
    .option('--done', 'it is done: the run goes on')
    .option('--note <text>', 'what was done, for the receipt');
  examples(task, ['usher runs task RUN 2 --done --note "The new key is in the build server"']);
  does(task, run, async () => (await load()).task);
  const retry = leaf(runs, 'retry <run>')
    .description('try its failed changes again, and follow it')
    .option('--no-wait', 'do not follow it');
  does(retry, run, async () => (await load()).retry);
  const undo = leaf(runs, 'undo <run>')
    .description(
      'plan what takes it back as far as it can be, ask, and carry that out; a run that waits is cancelled at once',
    )
    .option('--no-apply', 'make the plan only');
  examples(undo, ['usher runs undo RUN --reason "The wrong Jane"', 'usher runs undo RUN --no-apply']);
  does(confirmable(undo), run, async () => (await load()).undo);
}

function secretCommands(program: Command, run: Runner): void {
  const load = () => import('./commands/secret.ts');
  const secret = program
    .command('secret')
    .description('secrets that changes made for you, each to be seen once')
    .enablePositionalOptions();
  const list = leaf(secret, 'list', { isDefault: true }).description('list those that wait for you (the default)');
  does(list, run, async () => (await load()).list);
  const take = leaf(secret, 'take <id>').description('show one, this once; then it is gone');
  does(take, run, async () => (await load()).take);
}

function policyCommands(program: Command, run: Runner): void {
  const load = () => import('./commands/policy.ts');
  const policy = program
    .command('policy')
    .description('when changes need approval, and when they are stopped')
    .enablePositionalOptions();
  const show = leaf(policy, 'show [connection]', { isDefault: true }).description('show the thresholds (the default)');
  does(show, run, async () => (await load()).show);
  const set = leaf(policy, 'set [connection] [thresholds...]').description(
    'set thresholds, as stop_above_percent=10; NAME=default takes one away',
  );
  examples(set, [
    'usher policy set approval_above_subjects=3',
    'usher policy set lastpass stop_above_percent=10',
    'usher policy set lastpass stop_above_percent=default',
  ]);
  does(set, run, async () => (await load()).set);
}
