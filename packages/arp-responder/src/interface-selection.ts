import { type IpAddress, type IpPrefix, prefixContains } from "@herald-lb/sansio";

/** An interface by its exact name, or those whose name a regular expression matches somewhere. */
export type InterfaceMatch = string | { readonly pattern: string };

/** The interfaces on which an address is announced: all, or those that one of the list matches. */
export type InterfaceSelection = "all" | readonly InterfaceMatch[];

/** The subnets that an interface of a node is on. */
export interface InterfaceSubnets {
  /** The name of the interface. */
  readonly interface: string;
  readonly prefixes: readonly IpPrefix[];
}

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

/** True where an address is announced on an interface: regardless of its subnets, or because one of them contains the address. */
export function answersOn(
  { interfaces, onSubnet = [] }: { readonly interfaces: InterfaceSelection; readonly onSubnet?: InterfaceSelection },
  address: IpAddress,
  on: InterfaceSubnets,
): boolean {
  if (selectsInterface(interfaces, on.interface)) return true;
  return selectsInterface(onSubnet, on.interface) && on.prefixes.some((prefix) => prefixContains(prefix, address));
}

function expressionOf(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  if (compiled.size >= COMPILED_MAX) compiled.clear();
  const made = new RegExp(pattern);
  compiled.set(pattern, made);
  return made;
}
