import { expect, it } from 'vitest';
import { compareVersions } from './versions.ts';

it('orders versions as semver does', () => {
  const ordered = [
    'unknown', '0.1.0-alpha', '0.1.0-alpha.1', '0.1.0-alpha.beta', '0.1.0-rc.2', '0.1.0-rc.10', '0.1.0', '0.1.9', '0.1.10',
    '0.2.0', '1.0.0', '10.0.0',
  ]; // prettier-ignore
  for (const [left, a] of ordered.entries()) {
    for (const [right, b] of ordered.entries()) {
      expect([a, b, Math.sign(compareVersions(a, b))]).toEqual([a, b, Math.sign(left - right)]);
    }
  }
});

it('takes builds of one version for the same', () => {
  expect(compareVersions('1.2.3+one', '1.2.3+two')).toBe(0);
  expect(compareVersions('dev', 'main')).toBe(0);
});
