import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CLI_GUIDE, renderCliGuide } from '../../scripts/cli-guide.ts';

it('the guide to the command line says what the commands, flags and exit codes are (else: node scripts/cli-guide.ts)', () => {
  expect(readFileSync(CLI_GUIDE, 'utf8')).toBe(renderCliGuide());
});
