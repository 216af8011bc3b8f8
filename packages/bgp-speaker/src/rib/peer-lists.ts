import type { DesiredRoute } from "./route.ts";

/** The different lists of peers that wanted routes name, and the number of wishes that name each. Changed in place. */
export type PeerLists = Map<string, { readonly names: ReadonlySet<string>; uses: number }>;

/** Notes one wish more for a route; returns the peers that it names where no other wish names just these, else null. */
export function retainPeers(lists: PeerLists, peers: DesiredRoute["peers"]): ReadonlySet<string> | null {
  if (peers === "all") return null;
  const key = keyOf(peers);
  const known = lists.get(key);
  if (known !== undefined) {
    known.uses++;
    return null;
  }
  const names = new Set(peers);
  lists.set(key, { names, uses: 1 });
  return names;
}

/** Notes one wish less. */
export function releasePeers(lists: PeerLists, peers: DesiredRoute["peers"]): void {
  if (peers === "all") return;
  const key = keyOf(peers);
  const known = lists.get(key);
  if (known !== undefined && --known.uses === 0) lists.delete(key);
}

/** True where every wanted route that is for one of two peers is for the other as well. */
export function haveEqualRoutes(lists: PeerLists, a: string, b: string): boolean {
  for (const { names } of lists.values()) if (names.has(a) !== names.has(b)) return false;
  return true;
}

function keyOf(peers: readonly string[]): string {
  return peers.length === 1 ? JSON.stringify(peers) : JSON.stringify([...new Set(peers)].toSorted());
}
