import { type LostLinks, noLostLinks } from "@herald-lb/arp-responder";
import type { NetworkInterface } from "@herald-lb/host";
import { addressBits, deepEqual, familyOf, type IpPrefix, prefixOf } from "@herald-lb/sansio";

/** The interfaces that are remembered at most: a machine may make and remove others for ever. */
const REMEMBERED = 64;

/** The interfaces that had a link and have none, for the other speakers: an address whose segment cannot be reached over one must be served by another node. */
export class LostLinksRecord {
  /** The prefixes of each interface when it had a link last. The kernel removes IPv6 addresses with the link. */
  readonly #known = new Map<string, readonly IpPrefix[]>();
  #current: LostLinks = noLostLinks;

  /** Takes the interfaces on which this node may answer; returns the lost links where they differ from before, null otherwise. */
  update(interfaces: readonly NetworkInterface[]): LostLinks | null {
    const linked = interfaces.filter(({ up, carrier }) => up && carrier);
    const names = new Set(linked.map(({ name }) => name));
    for (const each of linked) {
      this.#known.delete(each.name);
      this.#known.set(each.name, prefixesOf(each));
    }
    for (const name of this.#known.keys()) {
      if (this.#known.size <= REMEMBERED) break;
      if (!names.has(name)) this.#known.delete(name);
    }
    const present = new Set(linked.flatMap(prefixesOf));
    const lost = [...this.#known].filter(([name]) => !names.has(name));
    const prefixes = new Set(lost.flatMap(([, each]) => each).filter((prefix) => !present.has(prefix)));
    const current = { interfaces: lost.map(([name]) => name).toSorted(), prefixes: [...prefixes].toSorted() };
    if (deepEqual(current, this.#current)) return null;
    this.#current = current;
    return current;
  }
}

/** The prefixes of the segments that an interface is on, in the order of its addresses. A prefix of one address, or of links, names no segment. */
export function prefixesOf({ addresses }: Pick<NetworkInterface, "addresses">): readonly IpPrefix[] {
  return addresses
    .filter(({ address, prefixLength, scope }) => scope === "global" && prefixLength < addressBits(familyOf(address)))
    .map(({ address, prefixLength }) => prefixOf(address, prefixLength));
}
