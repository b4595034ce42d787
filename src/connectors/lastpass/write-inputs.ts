import { z } from 'zod';

/** A mail address, without blanks around it; LastPass takes any with one @ in it. */
export const address = z
  .string()
  .trim()
  .max(254)
  .regex(/^[^\s@,;<>"]+@[^\s@,;<>"]+$/, 'Give one mail address.');

/** What an account is named by: address, key (also `invited:…`) or composite id. */
export const reference = z.string().trim().min(1).max(600);

/** Line breaks and signs that steer a terminal are part of no name. */
const ONE_LINE = /^\P{Cc}*$/u;

/** A name of a person. */
export const name = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .regex(ONE_LINE, 'It holds a line break or another control character.');

/** The exact name of a group. */
export const groupName = z.string().min(1).max(255).regex(/\S/, 'Give the name of a group.');
