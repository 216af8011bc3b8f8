/** An interface by its exact name, or those whose name a regular expression matches somewhere. */
export type InterfaceMatch = string | { readonly pattern: string };

/** The interfaces on which an address is announced: all, or those that one of the list matches. */
export type InterfaceSelection = "all" | readonly InterfaceMatch[];

/** Expressions that were compiled before: there are few, and each is asked about every interface for every address. */
const compiled = new Map<string, RegExp>();
const COMPILED_MAX = 1_000;

/** True where the selection has an interface of this name. Throws `SyntaxError` for a pattern that is no regular expression. */
export function selectsInterface(selection: InterfaceSelection, name: string): boolean {
  if (selection === "all") return true;
  return selection.some((each) => (typeof each === "string" ? each === name : expressionOf(each.pattern).test(name)));
}

/** True where every interface of the selection is one of these names; false where a pattern may select others. */
export function selectsOnly(selection: InterfaceSelection, names: readonly string[]): boolean {
  return selection !== "all" && selection.every((each) => typeof each === "string" && names.includes(each));
}

function expressionOf(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  if (compiled.size >= COMPILED_MAX) compiled.clear();
  const made = new RegExp(pattern);
  compiled.set(pattern, made);
  return made;
}
