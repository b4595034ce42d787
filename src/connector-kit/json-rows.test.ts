import fc from 'fast-check';
import { expect, it } from 'vitest';
import { UsherError } from '../model/errors.ts';
import { readJsonRows } from './json-rows.ts';

const jsonObject = fc.dictionary(fc.string(), fc.jsonValue());

it('reads the rows of any answer, wherever it is cut into pieces', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(jsonObject, { maxLength: 8 }),
      jsonObject,
      fc.array(jsonObject, { maxLength: 2 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
      fc.boolean(),
      async (rows, before, after, sizes, isIndented) => {
        const answer = {
          ...without(before),
          data: rows,
          paging: { rows: rows.length, others: after, data: [{ not: 'a row' }] },
        };
        const text = JSON.stringify(answer, null, isIndented ? 2 : undefined);
        const read = await readAll(text, sizes);
        expect(read.rows).toEqual(JSON.parse(JSON.stringify(rows)));
        const { data: _, ...envelope } = JSON.parse(text);
        expect(read.envelope).toEqual(envelope);
      },
    ),
  );
});

it('reads a bare list, an empty one, and one object in place of the list', async () => {
  expect(await readAll('[{"a":1},{"b":[{"c":2}]}]')).toEqual({ rows: [{ a: 1 }, { b: [{ c: 2 }] }], envelope: [] });
  expect(await readAll(' [ ] ')).toEqual({ rows: [], envelope: [] });
  expect(await readAll('{}')).toEqual({ rows: [], envelope: {} });
  expect(await readAll('{"data":null}')).toEqual({ rows: [], envelope: {} });
  expect(await readAll('\ufeff{"data":{"a":{"data":[{}]}},"x":1}')).toEqual({
    rows: [{ a: { data: [{}] } }],
    envelope: { x: 1 },
  });
});

it('keeps the text of a row as it came', async () => {
  const rows: string[] = [];
  for await (const batch of read('{"data":[ {"name" : "J\\u00f6rg \\"]}"} ]}')) {
    rows.push(...batch.map(({ text }) => text));
  }
  expect(rows).toEqual(['{"name" : "J\\u00f6rg \\"]}"}']);
});

it('hands rows over in batches of the size asked for', async () => {
  const sizes: number[] = [];
  for await (const batch of read('[{},{},{},{},{}]', undefined, 2)) sizes.push(batch.length);
  expect(sizes).toEqual([2, 2, 1]);
});

it('refuses every answer that is cut short, at whichever byte', async () => {
  const text = '{"paging":null,"data":[{"a":"x"},{"b":[1,2]}],"n":{"o":1}}';
  for (let length = 1; length < text.length; length += 1) {
    const error = await readAll(text.slice(0, length)).catch((thrown: unknown) => thrown);
    expect(error, text.slice(0, length)).toMatchObject({ kind: 'transient', details: { code: 'truncated' } });
  }
});

it.each([
  '{"data":[{"a":1},2]}',
  '{"data":[{"a":1} {"b":2}]}',
  '{"data":[{"a":1},]}',
  '{"data":[0,{"a":1}]}',
  '{"data":[{"a":tru}]}',
  '{"data":[{"a":1}]} more',
  '{"data":"text"}',
  '[{"a":1},[]]',
  '{"data":[{"a":1}],"data":[]}',
])('refuses %s', async (text) => {
  await expect(readAll(text)).rejects.toMatchObject({ kind: 'upstreamBug', details: { code: 'unreadableAnswer' } });
});

it('lets the caller say what an answer is that is no JSON', async () => {
  await expect(readAll('<html>Sign in</html>')).rejects.toThrow('other: <html>Sign in</html>');
  await expect(readAll('')).rejects.toThrow('other: ');
});

async function readAll(text: string, sizes?: Iterable<number>): Promise<{ rows: unknown[]; envelope: unknown }> {
  const rows: unknown[] = [];
  const batches = read(text, sizes);
  for (;;) {
    const step = await batches.next();
    if (step.done === true) return { rows, envelope: step.value };
    rows.push(...step.value.map(({ value }) => value));
  }
}

function read(text: string, sizes: Iterable<number> = [7], batchSize = 3) {
  return readJsonRows(pieces(text, sizes), {
    operation: 'GET Things', field: 'data', batchSize,
    describeOther: (head) => new UsherError('transient', `other: ${head}`),
  }); // prettier-ignore
}

async function* pieces(text: string, sizes: Iterable<number>): AsyncGenerator<Uint8Array, void, void> {
  const bytes = Buffer.from(text);
  const lengths = sizes[Symbol.iterator]();
  for (let at = 0; at < bytes.length;) {
    const next = lengths.next();
    const length = next.done === true ? 7 : next.value;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

function without(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).filter(([name]) => name !== 'data' && name !== 'paging' && name !== '__proto__'),
  );
}
