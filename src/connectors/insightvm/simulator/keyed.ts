/** Things by id, in the order they came; what changed since the first day is known, and can be saved alone. */
export interface Keyed<Id, Thing> {
  get(id: Id): Thing | null;
  has(id: Id): boolean;
  /** All, in order. Kept until something changes. */
  list(): readonly Thing[];
  put(thing: Thing): void;
  remove(id: Id): void;
  /** What changed since the first day; null: gone. */
  save(): readonly (readonly [Id, Thing | null])[];
}

/** Starts with what was there on the first day, and what was saved of the changes since. */
export function keyed<Id, Thing extends { readonly id: Id }>(
  first: Iterable<Thing>,
  saved: readonly (readonly [Id, Thing | null])[] = [],
  onChange: (before: Thing | null, after: Thing | null) => void = () => undefined,
): Keyed<Id, Thing> {
  const things = new Map<Id, Thing>();
  const changed = new Set<Id>();
  let list: readonly Thing[] | null = null;
  const set = (id: Id, thing: Thing | null): void => {
    onChange(things.get(id) ?? null, thing);
    if (thing === null) things.delete(id);
    else things.set(id, thing);
    list = null;
  };
  for (const thing of first) set(thing.id, thing);
  for (const [id, thing] of saved) {
    set(id, thing);
    changed.add(id);
  }
  return {
    get: (id) => things.get(id) ?? null,
    has: (id) => things.has(id),
    list: () => (list ??= [...things.values()]),
    put(thing) {
      set(thing.id, thing);
      changed.add(thing.id);
    },
    remove(id) {
      set(id, null);
      changed.add(id);
    },
    save: () => [...changed].map((id) => [id, things.get(id) ?? null]),
  };
}
