import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { connectorSchema } from './contract.ts';
import { askFields } from './fields.ts';
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
