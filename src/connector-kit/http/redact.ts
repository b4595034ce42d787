import type { RequestPreview } from './types.ts';

/** Stands where a secret was. */
export const MASK = '••••';

/** Names of headers and fields whose values are never shown, whatever they are. */
const SECRET_NAME =
  /pass(?:word|wd|phrase)|secret|token|api[-_]?key|credential|authorization|cookie|provhash|private[-_]?key|session/i;
/** A JSON string field, even one cut off in the middle of its value. */
const JSON_FIELD = /"((?:[^"\\]|\\.)*)"(\s*:\s*)"(?:[^"\\]|\\.)*(?:"|\\?$)/g;
const FORM_FIELD = /(^|[?&])([^=&\s"{}]+)=([^&\s"]*)/g;

/** Masks what must not be seen in what people see. */
export interface Redactor {
  /** Masks known secrets wherever they stand, and values of fields with a secret's name. */
  text(text: string): string;
  /** The first `limit` characters, masked before they are cut so that no piece of a secret is left at the edge. */
  head(text: string, limit: number): string;
  headers(headers: Readonly<Record<string, string>>): Record<string, string>;
  preview(preview: RequestPreview): RequestPreview;
}

/**
 * Makes a redactor that knows these secrets, also as they look inside JSON, a URL or base64. A secret shorter than four
 * characters is masked where it is a whole JSON text only: searching for it would black out everything. Fields with a
 * secret's name are masked anyway.
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const forms = secretForms(secrets);
  const longest = forms.reduce((length, form) => Math.max(length, form.length), 0);
  const text = (input: string): string => maskFields(maskValues(input, forms));
  const headers = (all: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(all).map(([name, value]) => [name, SECRET_NAME.test(name) ? MASK : maskValues(value, forms)]),
    );
  return {
    text,
    headers,
    head: (input, limit) => cut(text(input.slice(0, limit + longest)), limit),
    preview: ({ method, url, headers: all, body }) => ({
      method,
      url: text(url),
      headers: headers(all),
      body: body === null ? null : text(body),
    }),
  };
}

function secretForms(secrets: readonly string[]): string[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret === '') continue;
    if (secret.length < 4) {
      forms.add(JSON.stringify(secret));
      continue;
    }
    forms.add(secret);
    for (const escaped of [secret, JSON.stringify(secret).slice(1, -1)].map((text) =>
      JSON.stringify(text).slice(1, -1),
    )) {
      forms.add(escaped);
      forms.add(asPhpWrites(escaped));
    }
    forms.add(encodeURIComponent(secret.toWellFormed()));
    forms.add(new URLSearchParams({ s: secret }).toString().slice(2));
    forms.add(Buffer.from(secret).toString('base64').replace(/=+$/, ''));
    forms.add(Buffer.from(secret).toString('base64url'));
  }
  return [...forms].sort((a, b) => b.length - a.length);
}

/** PHP's JSON has no bare slash and nothing beyond ASCII. */
function asPhpWrites(json: string): string {
  const hex = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return json.replaceAll('/', '\\/').replaceAll(/[^\u0000-\u007f]/g, hex);
}

function maskValues(text: string, forms: readonly string[]): string {
  return forms.reduce((masked, form) => (masked.includes(form) ? masked.replaceAll(form, maskOf(form)) : masked), text);
}

/** What was a JSON text stays one. */
function maskOf(form: string): string {
  return form.startsWith('"') && form.endsWith('"') && form.length <= 2 + 6 * 3 ? `"${MASK}"` : MASK;
}

function maskFields(text: string): string {
  return text
    .replace(JSON_FIELD, (whole: string, name: string, colon: string) =>
      SECRET_NAME.test(name) ? `"${name}"${colon}"${MASK}"` : whole,
    )
    .replace(FORM_FIELD, (whole: string, before: string, name: string) =>
      SECRET_NAME.test(name) ? `${before}${name}=${MASK}` : whole,
    );
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}…`;
}
