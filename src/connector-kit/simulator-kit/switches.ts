import { z } from 'zod';
import { invalidInput } from '../../model/errors.ts';

/** Switch values by name, as themselves or as texts. */
export type SwitchValues = Readonly<Record<string, unknown>>;

/** The switches of a simulator: every one with a default and a description. */
export type SwitchShape = Readonly<Record<string, z.ZodDefault>>;

/** All switches, defaults for those not given. Throws `invalidInput` naming the switch. */
export function readSwitches<Shape extends SwitchShape>(
  schema: z.ZodObject<Shape, z.core.$strict>,
  values: SwitchValues = {},
): z.output<z.ZodObject<Shape, z.core.$strict>> {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : String(issue?.path[0] ?? '');
  throw invalidInput(
    `switch.${name}`,
    `Switch ${name}: ${issue?.message ?? 'not valid'}.`,
    'See --help for the switches.',
  );
}

/** A line for each switch, for the help: its values, the default first, and what they are about. */
export function helpOfSwitches(schema: z.ZodObject<SwitchShape, z.core.$strict>): readonly string[] {
  return Object.entries(schema.shape).map(([name, { def, description }]) => {
    const usual = String(def.defaultValue);
    // An object of texts that are numbers has those first: the order of the options is not the one they were written in.
    const others = def.innerType instanceof z.ZodEnum ? def.innerType.options.filter((value) => value !== usual) : [];
    return `${name}=${[usual, ...others].join(' | ')}  ${description ?? ''}`;
  });
}
