import { z } from 'zod';
import { UsherError } from '../../model/errors.ts';
import { homeAccount, type Settings } from './config.ts';

/** Parts that inputs of several actions have. */
export const user = z.string().trim().min(1).max(320).meta({
  description: 'Address, GUID of a service user or composite id',
});
export const role = z.enum(['admin', 'power_user', 'read_only_user', 'user']).meta({
  description: 'admin; power_user or read_only_user where RBAC is on; user where it is not',
});

/** What a person's company is said to be: required by the API reference, left out by the guide. */
export function companyOf(settings: Settings): string {
  return homeAccount(settings);
}

/** The error for what makes no sense with somebody as they are. */
export function misfit(message: string, next: string): UsherError {
  return new UsherError('conflict', message, { next });
}
