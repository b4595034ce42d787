import type { z } from 'zod';
import { UsherError } from '../model/errors.ts';
import type { ChangeDefinition, ChangeParams, ConnectorChange, WriteAction } from './changes.ts';

/** Closes a change over the type of its params: stored ones are parsed before they are used. */
export function defineChange<Settings, Params>(
  definition: ChangeDefinition<Settings, Params>,
): ConnectorChange<Settings> {
  const {
    id,
    secrets,
    endsAccess,
    makesAccount = false,
    sendsMail,
    looksAt = null,
    undo,
    proof,
    batchSize,
  } = definition;
  const parse = (params: ChangeParams): Params => {
    const parsed = definition.params.safeParse(params);
    if (parsed.success) return parsed.data;
    throw new UsherError('unsupported', `This Usher no longer understands the parameters of a stored change ${id}.`, {
      code: 'paramsMismatch',
      next: 'Make the plan again.',
    });
  };
  return {
    id,
    secrets,
    endsAccess,
    makesAccount,
    sendsMail,
    looksAt,
    undo,
    proof: proof.by === 'log' ? { by: 'log' } : proof,
    batchSize,
    summary: (subject, params) => definition.summary(subject, parse(params)),
    effect: (before, params) => definition.effect(before, parse(params)),
    wanted: (state, params) => definition.wanted(state, parse(params)),
    looksBesides: definition.besides !== undefined,
    besides: (before, after, params) => definition.besides?.(before, after, parse(params)) ?? [],
    inverse: (before, params, subject, made) => definition.inverse(before, parse(params), subject, made),
    isShownBy: (event, subject, params) => proof.by === 'log' && proof.shows(event, subject, parse(params)),
    call: (context, items) =>
      definition.call(
        context,
        items.map((item) => ({ ...item, params: parse(item.params) })),
      ),
  };
}

/** Types a writing action's `plan` by its schema; use it for each entry of a connector's `writes.actions`. */
export function writeAction<Input extends z.ZodObject, Settings = unknown>(
  action: Omit<WriteAction<Input, Settings>, 'schemaType'>,
): WriteAction<Input, Settings> {
  return { schemaType: 'native', ...action };
}
