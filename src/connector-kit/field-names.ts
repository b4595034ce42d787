/**
 * The fields of a connector's settings and secrets have two spellings: `companyId` in its code, `company_id` wherever
 * somebody outside sees them (API, stored settings, forms, error messages). These go from one to the other.
 */

/** `companyId` -> `company_id`. */
export function externalName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `company_id` -> `companyId`; a name without underscores stays as it is. */
export function internalName(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The same fields under their outside names. */
export function externalFields<Value>(fields: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [externalName(name), value]));
}

/** The same fields under their inside names; anything but an object is handed back untouched. */
export function internalFields(fields: unknown): unknown {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return fields;
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [internalName(name), value]));
}
