/** A predicate that tells whether two values are equal. */
export type Equality<Value> = (a: Value, b: Value) => boolean;

/**
 * Equality of objects in each of several respects, one for each field. The record names every field, optional ones too: a field that is
 * added to the type and forgotten here does not compile.
 */
export function equalInEach<Value>(
  fields: {
    readonly [Field in keyof Required<Value>]: Equality<Value>;
  },
): Equality<Value> {
  const equalities: readonly Equality<Value>[] = Object.values(fields);
  return (a, b) => {
    if (a === b) return true;
    for (const equality of equalities) if (!equality(a, b)) return false;
    return true;
  };
}

/** Equality of objects whose fields are compared one by one, with the equality of each field's values. */
export function equalFields<Value>(
  fields: {
    readonly [Field in keyof Required<Value>]: Equality<Value[Field]>;
  },
): Equality<Value> {
  const names = Object.keys(fields) as (keyof Value)[];
  return (a, b) => a === b || names.every((name) => fields[name](a[name], b[name]));
}

/** Equality of lists item by item, in order; the items are compared by identity by default. */
export function equalLists<Item>(items: Equality<Item> = Object.is): Equality<readonly Item[]> {
  return (a, b) => a === b || (a.length === b.length && a.every((item, at) => items(item, b[at] as Item)));
}

/** Equality in which an absent value counts as `absent`. */
export function withDefault<Value>(absent: Value, equality: Equality<Value> = Object.is): Equality<Value | undefined> {
  return (a = absent, b = absent) => equality(a, b);
}
