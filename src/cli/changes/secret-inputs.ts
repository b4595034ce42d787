import { z } from 'zod';
import { usage } from '../failure.ts';
import { kebab } from '../text.ts';

interface Node {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly writeOnly?: boolean;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

const nodeSchema: z.ZodType<Node> = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  format: z.string().optional(),
  writeOnly: z.boolean().optional(),
  get properties() {
    return z.record(z.string(), nodeSchema).optional();
  },
  get items() {
    return nodeSchema.optional();
  },
  get anyOf() {
    return z.array(nodeSchema).optional();
  },
});

/** Where the input of an action has secrets, by its JSON Schema: `password`, `users.*.password`. */
export function secretPaths(schema: unknown): string[] {
  const parsed = nodeSchema.safeParse(schema);
  return parsed.success ? pathsIn(parsed.data, []) : [];
}

/**
 * Throws where an input that came by the command line holds a secret: everybody on the machine sees command lines, and
 * the shell keeps them.
 */
export function assertNoSecret(input: unknown, paths: readonly string[]): void {
  for (const path of paths) {
    if (!holds(input, path.split('.'))) continue;
    const last = path.split('.').at(-1) ?? path;
    throw usage(
      `${path.replaceAll('.*', '')} is a secret, and a command line is seen by everybody on the machine.`,
      path.includes('.')
        ? 'Pipe the input in as JSON: --input - < input.json'
        : `Leave --${kebab(last)} out to be asked for it, or pipe the input in as JSON: --input - < input.json`,
    );
  }
}

function pathsIn(node: Node, path: readonly string[]): string[] {
  if (path.length > 0 && isSecret(node, path.at(-1) ?? '')) return [path.join('.')];
  const own = Object.entries(node.properties ?? {}).flatMap(([name, child]) => pathsIn(child, [...path, name]));
  const items = node.items === undefined ? [] : pathsIn(node.items, [...path, '*']);
  const choices = (node.anyOf ?? []).flatMap((each) => pathsIn(each, path));
  return [...new Set([...own, ...items, ...choices])];
}

/** Said by the schema (`writeOnly`, format `password`), or a text called a password. */
function isSecret({ writeOnly, format, type }: Node, name: string): boolean {
  if (writeOnly === true || format === 'password') return true;
  const isText = type === undefined || [type].flat().includes('string');
  return isText && /(?:^|_)password$/i.test(name);
}

function holds(value: unknown, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return value !== undefined && value !== null;
  if (name === '*') return Array.isArray(value) && value.some((each: unknown) => holds(each, rest));
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? holds(Object.entries(value).find(([key]) => key === name)?.[1], rest)
    : false;
}
