import { readFileSync } from 'node:fs';
import { publicRoute } from '../http/access.ts';
import type { App } from '../types.ts';

/** Files of our own alone, no inline script or style; requests go to this server alone. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'";

const FILES = [
  { url: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { url: '/page.css', file: 'page.css', type: 'text/css; charset=utf-8' },
  { url: '/page.js', file: 'page.js', type: 'text/javascript; charset=utf-8' },
] as const;

/** The plain page at `/`: a shell without company data, which asks for a token and reads `/v1` with it. */
export function pageRoutes(app: App): void {
  for (const { url, file, type } of FILES) {
    const content = readFileSync(new URL(file, import.meta.url));
    app.get(url, {
      config: { access: publicRoute },
      schema: { hide: true },
      handler: async (_, reply) => {
        return reply
          .type(type)
          .header('content-security-policy', POLICY)
          .header('cache-control', 'no-cache')
          .send(content);
      },
    });
  }
}
