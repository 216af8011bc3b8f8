import { sys } from "./sys.ts";

/** The kernel's number for the interface of a name; null where there is none. */
export function interfaceIndex(name: string): number | null {
  const index = sys.if_nametoindex(name);
  return index === 0 ? null : index;
}
