import { describe, expect, test } from 'vitest';
import { createRegistry } from './registry.ts';
import { paperConnector } from './testing/paper-app.ts';

const paper = paperConnector();
const withAction = (id: string) => ({
  ...paper,
  actions: paper.actions.map((action) => ({ ...action, id })).slice(0, 1),
});

describe('the registry', () => {
  test('finds connectors by id and by action', () => {
    const registry = createRegistry([paper]);
    expect(registry.get('paper-app')).toBe(paper);
    expect(registry.find('other')).toBeNull();
    expect(registry.ofAction('paper_app_list_people')).toBe(paper);
    expect(registry.ofAction('paper_app_unified_list_users')).toBe(paper);
    expect(registry.ofAction('other_list')).toBeNull();
    expect(() => registry.get('other')).toThrow(expect.objectContaining({ kind: 'invalidInput' }));
  });

  test('refuses two connectors of one id, ids that are no slugs, and actions named after nobody', () => {
    expect(() => createRegistry([paper, paper])).toThrow('Two connectors have the id paper-app');
    for (const id of ['Paper', 'paper_app', '-paper', 'a--b']) {
      expect(() => createRegistry([{ ...paper, id }])).toThrow('is not of a-z');
    }
    expect(() => createRegistry([withAction('list_people')])).toThrow('does not begin with paper_app_');
    const paperTwin = { ...withAction('paper_app_x'), id: 'paper' };
    expect(() => createRegistry([withAction('paper_app_x'), paperTwin])).toThrow('Two connectors have the action');
  });
});
