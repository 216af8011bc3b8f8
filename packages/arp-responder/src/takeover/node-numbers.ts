/** Numbers for the names of nodes: a spread over thousands of services looks at hundreds of thousands of candidates. Filled in place. */
export interface NodeNumbers {
  readonly byName: Map<string, number>;
  readonly names: string[];
}

/** No node. */
export const NOBODY = -1;

/** Numbers for no name yet. */
export function createNodeNumbers(): NodeNumbers {
  return { byName: new Map(), names: [] };
}

/** The number of a node; a new name has the next one. */
export function numberOf({ byName, names }: NodeNumbers, name: string): number {
  const known = byName.get(name);
  if (known !== undefined) return known;
  byName.set(name, names.length);
  return names.push(name) - 1;
}

/** A mark for the number of each node: 1 for these. */
export function marksOf({ names }: NodeNumbers, marked: ReadonlySet<string>): Uint8Array {
  return Uint8Array.from(names, (name) => (marked.has(name) ? 1 : 0));
}
