// Writes src/client/schema.ts: TypeScript types of our own API and of the actions, made from the OpenAPI document, in the
// shape that openapi-fetch takes (`paths`, `components`): `node scripts/generate-client.ts`. A test compares the file
// with what this makes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApp } from '../src/api/app.ts';
import { descriptionOf } from '../src/api/openapi-parts.ts';
import type { Services } from '../src/api/services.ts';
import { renderClientTypes } from './openapi-types.ts';

export const CLIENT_TYPES = join(import.meta.dirname, '..', 'src', 'client', 'schema.ts');

/** The paths that the client is typed for. */
const PREFIXES = ['/v1/', '/actions'];

/** The types of the client as they should be. */
export async function clientTypes(): Promise<string> {
  const app = await createApp(emptyHouse());
  try {
    return renderClientTypes(descriptionOf(app.swagger(), null), PREFIXES);
  } finally {
    await app.close();
  }
}

/** A house whose rooms nobody enters: routes are described, not called. Entering one throws. */
function emptyHouse(): Services {
  const rooms: Partial<Services> = {
    catalogue: { connectors: [], fields: () => [] },
    settings: { version: '0.0.0', allowedHosts: [] },
  };
  const roomNamed = (name: string | symbol) => {
    const enter = () => {
      throw new Error(`The description of the API must not call ${String(name)}.`);
    };
    return new Proxy({}, { get: enter });
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the proxy has whatever room is asked for
  return new Proxy(rooms as Services, {
    get(target, name): unknown {
      const room: unknown = Reflect.get(target, name);
      return room ?? roomNamed(name);
    },
  });
}

if (import.meta.main) writeFileSync(CLIENT_TYPES, await clientTypes());
