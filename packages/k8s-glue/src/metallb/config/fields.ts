/** A value for each field of `Fields`, undefined for a field to leave out. A forgotten field does not compile. */
export type EveryField<Fields> = { readonly [Field in keyof Fields]-?: Fields[Field] | undefined };

/** The fields whose value is not undefined. */
export function presentFields<Fields extends object>(fields: EveryField<Fields>): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;
}

/** Takes the rest of an object after all its fields were read. An unread field does not compile. */
export function nothingUnread(_rest: Readonly<Record<string, never>>): void {}
