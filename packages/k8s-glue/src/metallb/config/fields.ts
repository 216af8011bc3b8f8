/** A value for each field of `Fields`, undefined where the field is to be absent: a field that is forgotten does not compile. */
export type EveryField<Fields> = { readonly [Field in keyof Fields]-?: Fields[Field] | undefined };

/** The fields that have a value. */
export function presentFields<Fields extends object>(fields: EveryField<Fields>): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;
}

/** Takes the rest of an object once all its fields have been read: a field that was not does not compile. */
export function nothingUnread(_rest: Readonly<Record<string, never>>): void {}
