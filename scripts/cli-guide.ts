// Writes docs/guide/cli.md from the command table, the exit codes and the error kinds: `node scripts/cli-guide.ts`.
// A test compares the file with what this makes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { EXIT } from '../src/cli/failure.ts';
import { createProgram } from '../src/cli/program.ts';
import { ERROR_KINDS } from '../src/model/errors.ts';

export const CLI_GUIDE = join(import.meta.dirname, '..', 'docs', 'guide', 'cli.md');

/** The guide to the command line as Markdown. */
export function renderCliGuide(): string {
  const program = createProgram(() => Promise.resolve());
  const sections = leaves(program).filter(({ name }) => name !== 'usher help');
  const commands = sections.map(({ name, command }) => `| \`${usageOf(name, command)}\` | ${command.description()} |`);
  const blocks = [
    INTRODUCTION,
    '## Commands',
    ['| command | what it does |', '|---|---|', ...commands].join('\n'),
    ...sections.flatMap(({ name, command }) => flagsSection(name, command)),
    EXIT_CODES_INTRODUCTION,
    ['| code | when |', '|---:|---|', ...exitCodeRows()].join('\n'),
  ];
  return `${blocks.join('\n\n')}\n`;
}

const INTRODUCTION = `<!-- Made by scripts/cli-guide.ts; change it there. -->

# The usher command

In a clone it is \`./bin/usher.js\`, or \`npm run usher --\`. It speaks to a running Usher over HTTP:

| | |
|---|---|
| \`USHER_URL\`, \`USHER_TOKEN\` | the server's address and a token, where set |
| \`cli.json\` in the data directory | otherwise: the server on this machine writes it at its start, readable by its user alone |
| \`USHER_DATA_DIR\` | where that directory is; default: \`/var/lib/usher\` for root, else \`~/.local/share/usher\` (\`~/Library/Application Support/usher\` on macOS) |
| \`NO_COLOR\` | no colours; there are none on a pipe either |

\`serve\`, \`demo\`, \`simulate\` and \`token create --local\` work without a server.

* Results go to standard output; progress, next steps and errors to standard error. A pipe gets all of a list, a terminal
  the first 100 (\`--limit\`, \`--all\`).
* \`--json\` prints one JSON document, as the API gave it; lists as \`{"data": [...]}\`; \`events\` as a JSON value a line.
  Errors are then \`{"error": {"code", "detail", "next", "exit_code", ...}}\` on standard error.
* Times are shown in your own time zone, and in UTC with \`--json\`.
* Secrets are asked for without echo or piped in (\`--secret-stdin\`), never taken from a flag. A connector with several
  takes a JSON object there, or the only one that is required.
* \`connect\`, \`connections edit\` and \`call\` have further flags, made from what the connector or action takes:
  \`usher connect lastpass --help\`, \`usher actions show ACTION\`.`;

const EXIT_CODES_INTRODUCTION = `## Exit codes

\`sync\` ends with the code of what the sync came to: 0 when it succeeded, that of the error when it failed, 7 when it is
paused until somebody confirms.`;

interface Leaf {
  readonly name: string;
  readonly command: Command;
}

/** Every command that does something, with its whole name. */
function leaves(parent: Command, prefix = 'usher'): Leaf[] {
  const visible = parent.commands.filter((command) => !command.name().startsWith('__'));
  return visible.flatMap((command) => {
    const name = `${prefix} ${command.name()}`;
    const own = command.commands.length === 0 || command.registeredArguments.length > 0 ? [{ name, command }] : [];
    return [...own, ...leaves(command, name)];
  });
}

function usageOf(name: string, command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const text = argument.name().toUpperCase() + (argument.variadic ? '...' : '');
    return argument.required ? text : `[${text}]`;
  });
  return [name, ...words].join(' ');
}

function flagsSection(name: string, command: Command): string[] {
  const options = command.options.filter(({ long }) => !['--json', '--debug', '--help'].includes(long ?? ''));
  if (options.length === 0) return [];
  const rows = options.map(({ flags, description, argChoices, defaultValue }) => {
    const preset: unknown = defaultValue;
    const facts = [
      description,
      ...(argChoices === undefined ? [] : [`one of ${argChoices.join(', ')}`]),
      ...(typeof preset === 'string' ? [`default ${preset}`] : []),
    ];
    return `| \`${flags.replaceAll(/<(.+?)>/g, (_, word: string) => word.toUpperCase())}\` | ${facts.join('; ')} |`;
  });
  return [`### ${name}`, `| flag | |\n|---|---|\n${rows.join('\n')}`];
}

function exitCodeRows(): string[] {
  const meanings = new Map<number, string[]>();
  const add = (code: number, meaning: string): void => {
    meanings.set(code, [...(meanings.get(code) ?? []), meaning]);
  };
  for (const { code, meaning } of Object.values(EXIT)) add(code, meaning);
  for (const [kind, { exitCode, title }] of Object.entries(ERROR_KINDS)) add(exitCode, `${title} (\`${kind}\`).`);
  return [...meanings].toSorted(([a], [b]) => a - b).map(([code, texts]) => `| ${code} | ${texts.join(' ')} |`);
}

if (import.meta.main) writeFileSync(CLI_GUIDE, renderCliGuide());
