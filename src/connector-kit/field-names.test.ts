import fc from 'fast-check';
import { expect, it } from 'vitest';
import { externalFields, externalName, internalFields, internalName } from './field-names.ts';

it('goes from one spelling to the other and back', () => {
  expect(externalName('companyId')).toBe('company_id');
  expect(internalName('company_id')).toBe('companyId');
  const names = fc
    .array(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 4 })
    .map((words) => words.join('_'));
  fc.assert(
    fc.property(names, (name) => {
      expect(externalName(internalName(name))).toBe(name);
    }),
  );
});

it('renames fields, and leaves what has none alone', () => {
  expect(internalFields({ company_id: 1, region: 'us' })).toEqual({ companyId: 1, region: 'us' });
  expect(externalFields({ companyId: 1 })).toEqual({ company_id: 1 });
  expect(internalFields(null)).toBeNull();
  expect(internalFields(['company_id'])).toEqual(['company_id']);
});
