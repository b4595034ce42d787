import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type ConfigField, connectorSchema } from './contract.ts';
import { askFields, readSecrets } from './fields.ts';
import { createOutput } from './output.ts';

const connector = connectorSchema.parse({
  id: 'lastpass',
  title: 'LastPass Business',
  description: '',
  fields: [
    { name: 'company_id', title: 'Company ID', kind: 'text', required: true },
    { name: 'region', title: 'Region', kind: 'choice', choices: ['us', 'custom'], default: 'us', required: false },
    { name: 'base_url', title: 'Address', kind: 'text', required: false },
    { name: 'provisioning_hash', title: 'Provisioning hash', kind: 'secret', required: true },
  ],
});

const NOTHING = { settings: {}, secrets: {} };

/** A person who answers by the words of the question, and what was asked. */
function person(answers: Readonly<Record<string, string>>): {
  readonly asked: string[];
  readonly context: Parameters<typeof askFields>[0];
} {
  const asked: string[] = [];
  const answer = (question: string, preset = ''): Promise<string> => {
    asked.push(question.trim());
    const name = Object.keys(answers).find((words) => question.startsWith(words));
    return Promise.resolve((name === undefined ? undefined : answers[name]) ?? preset);
  };
  const prompt = {
    isPossible: true,
    line: answer,
    secret: answer,
    confirm: () => Promise.resolve(true),
    everything: () => Promise.resolve(''),
  };
  return { asked, context: { prompt, out: createOutput(new PassThrough(), new PassThrough(), {}) } };
}

it('asks for what is required or chosen, and leaves what is optional to its flag', async () => {
  const { asked, context } = person({ 'Company ID': '12345678', Provisioning: 'hash' });
  const values = await askFields(context, connector, { settings: {}, secrets: {} }, {});
  expect(values).toEqual({
    settings: { company_id: '12345678', region: 'us' },
    secrets: { provisioning_hash: 'hash' },
  });
  expect(asked.some((question) => question.startsWith('Address'))).toBe(false);
});

it('asks after a refusal for the field that was refused too, with the other answers preset', async () => {
  const { context } = person({ Address: 'https://lastpass.example', Provisioning: 'hash' });
  const previous = { base_url: '', company_id: '12345678', region: 'custom' };
  const values = await askFields(context, connector, { settings: {}, secrets: {} }, previous);
  expect(values.settings).toEqual({ company_id: '12345678', region: 'custom', base_url: 'https://lastpass.example' });
});

it('shows a long description in lines of its own above its question', async () => {
  const words = 'A login of the console made for Usher. Only an administrator sees and changes users there.';
  const [field] = connector.fields;
  const { asked, context } = person({ 'Company ID': '1' });
  await askFields(
    context,
    { ...connector, fields: field === undefined ? [] : [{ ...field, description: words }] },
    NOTHING,
    {},
  );
  expect(asked).toEqual(['Company ID']);
});

describe('Secrets from standard input', () => {
  const password = { name: 'password', title: 'Password', kind: 'secret', required: true } as const;
  const code = { name: 'code', title: 'Code', kind: 'secret', required: false } as const;
  const read = (text: string, fields: readonly ConfigField[]) =>
    readSecrets({ prompt: { everything: () => Promise.resolve(text) } }, fields);

  it.each(['correct horse', '{"not":"by name"}'])('are the one that is required, as in %s', async (text) => {
    expect(await read(text, [password, code])).toEqual({ password: text });
  });

  it('are all that a JSON object names', async () => {
    const text = '{"password":"correct horse","code":"123456"}';
    expect(await read(text, [password, code])).toEqual({ password: 'correct horse', code: '123456' });
  });

  it('have to be named where several are required', async () => {
    await expect(read('correct horse', [password, { ...code, required: true }])).rejects.toThrow(
      'There are 2 secrets: give them as a JSON object.',
    );
  });
});
