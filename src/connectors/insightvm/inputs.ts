import { randomInt } from 'node:crypto';
import { z } from 'zod';

/** Line breaks and signs that steer a terminal are part of no name. */
const ONE_LINE = /^\P{Cc}*$/u;

export const user = z
  .string()
  .trim()
  .min(1)
  .max(600)
  .meta({ description: 'Id or e-mail address of the user, or composite id' });

export const name = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .regex(ONE_LINE, 'It holds a line break or another control character.');

/** The console wants a dot in the domain (rapid7/insightconnect-plugins). */
export const email = z
  .string()
  .trim()
  .max(254)
  .regex(/^[^\s@,;<>"]+@[^\s@,;<>"]+\.[^\s@,;<>"]+$/, 'Give one mail address.');

export const login = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .regex(/^[^\p{Cc}\s]+$/u, 'A login has no blanks in it.');
export const role = z.string().trim().min(1).max(100).meta({ description: 'Id of the role: insightvm_list_roles' });
export const siteId = z.coerce.number().int().positive().meta({ description: 'Id of the site: insightvm_list_sites' });
export const assetGroupId = z.coerce.number().int().positive().meta({ description: 'Id of the asset group' });
export const sites = z.array(siteId).max(2000);
export const assetGroups = z.array(assetGroupId).max(2000);
/** BCP 47, as `en-US`. */
export const language = z
  .string()
  .trim()
  .regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, 'Give a language tag such as en-US.');
export const password = z.string().min(8).max(255);

/** Letters and digits that are not mistaken for others, and signs that need no escaping anywhere. */
const CLASSES = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnopqrstuvwxyz', '23456789', '-_.+='] as const;
const LENGTH = 24;

/** A random password of 24 characters (140 bits), with one of each class at least. */
export function strongPassword(): string {
  const all = CLASSES.join('');
  for (;;) {
    const made = Array.from({ length: LENGTH }, () => all.charAt(randomInt(all.length))).join('');
    if (CLASSES.every((signs) => signs.split('').some((sign) => made.includes(sign)))) return made;
  }
}
