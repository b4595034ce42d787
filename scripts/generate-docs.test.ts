import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONNECTORS } from '../src/main.ts';
import { between, connectorPage, generatedDocs } from './generate-docs.ts';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const PAGES = [...globSync('*.md', { cwd: ROOT }), ...globSync('docs/**/*.md', { cwd: ROOT })].toSorted();

describe('the documentation', () => {
  it.each(generatedDocs())('$path says what the connectors and roles are (else: npm run docs)', ({ path, text }) => {
    expect(read(path)).toBe(text);
  });

  it('has a page for each connector and none for others', () => {
    const made = generatedDocs().map(({ path }) => path);
    expect(globSync('docs/connectors/*', { cwd: ROOT }).toSorted()).toEqual(
      made.filter((path) => path.startsWith('docs/connectors/')).toSorted(),
    );
  });

  it('names every environment variable that the product reads, and no other', () => {
    const source = globSync('src/**/*.ts', { cwd: ROOT }).filter((path) => !/\.test\.ts$|\/testing\//.test(path));
    const names = /\b(?:env|environment)\['(\w+)'\]|'(USHER_[A-Z_]+)'/g;
    const used = source.flatMap((path) =>
      [...read(path).matchAll(names)].map(([, name, ours]) => (name ?? ours ?? '').toUpperCase()),
    );
    const table = /## Environment\n(?<table>[\s\S]*?)\n## /.exec(read('docs/guide/getting-started.md'))?.groups?.[
      'table'
    ];
    const named = [...(table ?? '').matchAll(/^\| `(.+?)` \|/gm)].flatMap(([, names = '']) => names.split('`, `'));
    expect(named.toSorted()).toEqual([...new Set(used)].toSorted());
  });

  it.each(PAGES)('%s links to what is there', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !leadsSomewhere(page, link))).toEqual([]);
  });
});

describe('a generated part', () => {
  it('stands between its markers and leaves the rest alone, however often it is made', () => {
    const text = 'a\n<!-- x:begin -->\nold\n<!-- x:end -->\nz\n';
    const once = between(text, 'x', 'new');
    expect(once).toBe('a\n<!-- x:begin -->\nnew\n<!-- x:end -->\nz\n');
    expect(between(once, 'x', 'new')).toBe(once);
  });

  it.each([
    'none',
    '<!-- x:begin -->',
    '<!-- x:end --><!-- x:begin -->',
    '<!-- x:begin --><!-- x:end --><!-- x:end -->',
    '<!-- x:begin --><!-- x:begin --><!-- x:end -->',
  ])('is refused in a page with the markers %j', (text) => {
    expect(() => between(text, 'x', 'new')).toThrow('There must be one <!-- x:begin -->');
  });

  it('keeps a table whole where a text has a bar or a line break', () => {
    const [connector] = CONNECTORS;
    if (connector === undefined) throw new Error('There is no connector.');
    const collections = [{ id: 'c', title: 'one | two\nthree', yields: ['account'] as const }];
    expect(connectorPage({ ...connector, collections })).toContain('| `c` | one \\| two three | accounts |');
  });
});

/** Whether a link's file is there, and in it a heading for the link's fragment. */
function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', fragment] = link.split('#');
  const target = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path));
  if (!existsSync(join(ROOT, target))) return false;
  if (fragment === undefined) return true;
  const headings = [...read(target).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => slugOf(text));
  return headings.includes(fragment);
}

/** As code hosts name headings: lower case, punctuation gone, blanks as dashes. */
function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}
