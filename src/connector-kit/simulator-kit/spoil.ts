const EDGE_TITLES: Readonly<Record<number, string>> = {
  403: 'Access Denied',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
};

/** The page a content network puts in front of a vendor: HTML whatever was asked for. */
export function edgePage(status: number): string {
  const title = EDGE_TITLES[status] ?? 'Error';
  return `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1><p>Reference #18.5c1f1160.simulated</p></body></html>\n`;
}

/** The same JSON with values of other types; text that is no JSON becomes a number. */
export function spoilTypes(text: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return '7';
  }
  if (Array.isArray(parsed)) return '{"0":true}';
  if (parsed === null || typeof parsed !== 'object') return '{}';
  return JSON.stringify(Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, otherType(value)])));
}

function otherType(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return 7;
    case 'number':
      return {};
    case 'boolean':
      return 'wrong';
    default:
      return true;
  }
}
