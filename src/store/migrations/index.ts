import type { Migration } from '../migrate.ts';
import { access } from './0001_access.ts';
import { snapshot } from './0002_snapshot.ts';
import { doubted } from './0003_doubted.ts';
import { changes } from './0004_changes.ts';
import { audit } from './0005_audit.ts';
import { workers } from './0007_workers.ts';
import { chains } from './0008_chains.ts';
import { credentials } from './0009_credentials.ts';
import { budgets } from './0010_budgets.ts';
import { seats } from './0011_seats.ts';
import { applying } from './0012_applying.ts';

/** All migrations, oldest first. A released one is never edited: the check of its sum would stop every start. */
export const migrations: readonly Migration[] = [
  access,
  snapshot,
  doubted,
  changes,
  audit,
  workers,
  chains,
  credentials,
  budgets,
  seats,
  applying,
];
