import { expect, it } from 'vitest';
import { keyChanges } from './key-changes.ts';

it.each([
  ['delete_api_key', 'Delete API key NEW for good; its tokens end'],
  ['disable_api_key', 'Disable API key NEW: it makes no tokens any more'],
  ['enable_api_key', 'Enable API key NEW'],
])('%s names the key it is about, where a rotation of another one is undone', (id, words) => {
  const old = { kind: 'credential', key: 'acme/OLD', email: null, name: 'OLD' } as const;
  const change = keyChanges.find((each) => each.id === id);
  expect(change?.summary(old, { subAccount: 'acme', keyId: 'NEW' })).toBe(words);
});
