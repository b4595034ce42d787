import { z } from 'zod';
import { policySchema } from '../../model/changes.ts';
import { connectionText, person } from './change-schemas.ts';
import { time } from './common-schemas.ts';

/** What guards go by: marks of accounts and thresholds; and the hand-offs of secrets. */

export const markPath = z.strictObject({ connection: connectionText, key: z.string().min(1).max(1000) });
export const markSchema = z
  .object({
    connection: z.string(),
    account: z.string().meta({ description: 'Its key.' }),
    is_protected: z.boolean().meta({ description: 'Nothing changes it: an account for emergencies.' }),
    is_service: z.boolean(),
    owner: z.string().nullable().meta({ description: "Who answers for a service's account." }),
    ignored_until: time.nullable(),
    note: z.string().nullable(),
    set_by: person.nullable(),
    set_at: time.nullable().meta({ description: 'null: nothing was ever said of it.' }),
  })
  .meta({ id: 'Mark' });

const moment = z.iso
  .datetime({ offset: true, error: 'Expected a date and time with zone, as 2026-03-02T10:15:00Z' })
  .transform((text) => new Date(text).toISOString());
export const markChangeBody = z
  .strictObject({
    is_protected: z.boolean().optional(),
    is_service: z.boolean().optional(),
    owner: z.string().trim().min(1).max(320).nullable().optional(),
    ignored_until: moment.nullable().optional(),
    note: z.string().trim().min(1).max(2000).nullable().optional(),
  })
  .meta({ examples: [{ is_service: true, owner: 'ada.okonkwo@northwind.example' }] });

const thresholds = policySchema.shape;
const policyShape = {
  window_minutes: thresholds.windowMinutes,
  approval_above_subjects: thresholds.approvalAboveSubjects,
  stop_above_subjects: thresholds.stopAboveSubjects,
  stop_above_percent: thresholds.stopAbovePercent,
  max_snapshot_age_hours: thresholds.maxSnapshotAgeHours,
  plan_days: thresholds.planDays,
};
export const policyViewSchema = z
  .object({
    connection: z.string().nullable().meta({ description: 'null: for all connections.' }),
    policy: z.object(policyShape),
    own: z.array(z.string()).meta({ description: 'Which thresholds were set for this very place.' }),
  })
  .meta({ id: 'Policy' });
export const policyChangeBody = z
  .strictObject({
    window_minutes: changed(thresholds.windowMinutes),
    approval_above_subjects: changed(thresholds.approvalAboveSubjects),
    stop_above_subjects: changed(thresholds.stopAboveSubjects),
    stop_above_percent: changed(thresholds.stopAbovePercent),
    max_snapshot_age_hours: changed(thresholds.maxSnapshotAgeHours),
    plan_days: changed(thresholds.planDays),
  })
  .meta({ description: 'null takes a threshold of its own away.', examples: [{ stop_above_subjects: 200 }] });

export const handoffSchema = z
  .object({ id: z.string(), connection: z.string(), label: z.string(), created_at: time, expires_at: time })
  .meta({ id: 'Handoff', description: 'A secret that waits for you, to be shown once.' });

/** A threshold as a change names it: null takes it away, absent leaves it; no default. */
function changed(threshold: z.ZodDefault<z.ZodNumber>) {
  return threshold.unwrap().nullable().optional();
}
