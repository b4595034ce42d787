import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { PARTS, PART_TITLES } from './openapi-parts.ts';
import type { App } from './types.ts';

/** Where the documentation UI is; its files and those alone are public beside what says so itself. */
export const DOCS = '/docs';
/** Swagger UI styles elements inline; its scripts are files of its own. */
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="32" viewBox="0 0 120 32"><text x="0" y="24" ' +
  'font-family="sans-serif" font-size="22" font-weight="600" fill="#ffffff">Usher API</text></svg>';

/** Whether a route belongs to the documentation UI. */
export function isDocumentationRoute(url: string): boolean {
  return url === DOCS || url.startsWith(`${DOCS}/`);
}

/** Describes the API (OpenAPI 3.1) and shows it at `/docs`, with nothing loaded from elsewhere. Before all routes. */
export async function describeApi(app: App, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Usher',
        version,
        description:
          'User lifecycle for the apps that have no SCIM. `/v1` are our own resources; `/unified` is compatible with ' +
          "StackOne's IAM API, reads the snapshot and writes by way of plans; `/actions` calls the apps. The two halves by themselves: " +
          '`/openapi.json?part=v1` and `?part=unified`.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'Snapshot', description: 'What the apps hold, now and at any past moment.' },
        { name: 'Connections', description: 'The apps that are connected.' },
        { name: 'Syncs', description: 'Pulls of connections.' },
        { name: 'Events', description: 'What changed, in order.' },
        { name: 'Changes', description: 'Plans of changes, their approval, and the runs that carry them out.' },
        {
          name: 'Guards and marks',
          description: 'Thresholds and marks that guards go by; secrets that are shown once.',
        },
        { name: 'Access', description: 'Who may call.' },
        { name: 'Actions', description: 'The catalogue of actions and their calls.' },
        { name: 'Unified IAM', description: "Compatible with StackOne's IAM API." },
        {
          name: 'Accounts and connectors',
          description: 'What is connected and what can be, compatible with StackOne.',
        },
        { name: 'Operations', description: 'Health.' },
      ],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'A token of a principal (`ush_…`).' },
          basic: {
            type: 'http',
            scheme: 'basic',
            description:
              'On `/unified`, `/actions`, `/accounts` and `/connectors` alone: the token as user name, an empty password.',
          },
        },
      },
      security: [{ bearer: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  await app.register(swaggerUi, {
    routePrefix: DOCS,
    staticCSP: DOCS_POLICY,
    uiConfig: {
      validatorUrl: null,
      persistAuthorization: false,
      docExpansion: 'list',
      urls: PARTS.map((part) => ({ url: `/openapi.json?part=${part}`, name: PART_TITLES[part] })),
    },
    logo: { type: 'image/svg+xml', content: Buffer.from(LOGO), href: DOCS, target: '_self' },
    theme: { title: 'Usher API' },
  });
}
