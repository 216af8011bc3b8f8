import { type Bird, type Frr, type LabHost, run } from "@herald-lb/lab";

/** One way to a prefix, as a router holds it; sorted by next hop where there are several. */
export interface HeldPath {
  readonly nextHop: string;
  /** The autonomous systems, separated by spaces; empty for none. */
  readonly asPath: string;
  readonly origin: string;
  readonly localPref: number | null;
  /** `64500:1` each, as the router prints them. */
  readonly communities: readonly string[];
  /** `64500:1:2` each. */
  readonly largeCommunities: readonly string[];
}

interface FrrPath {
  readonly origin: string;
  readonly locPrf?: number;
  readonly aspath: { readonly string: string };
  readonly community?: { readonly string: string };
  readonly largeCommunity?: { readonly string: string };
  readonly nexthops: readonly { readonly ip: string; readonly scope?: string }[];
}

/** The fields that the tests read of a neighbour in FRR's `show bgp neighbors json`. */
export interface FrrNeighbor {
  readonly bgpState: string;
  readonly connectionsEstablished: number;
  /** Code and subcode of the last NOTIFICATION, two hexadecimal digits each. */
  readonly lastErrorCodeSubcode?: string;
  readonly lastShutdownDescription?: string;
}

/** The ways to a prefix that FRR holds. */
export async function frrPaths(frr: Frr, prefix: string): Promise<readonly HeldPath[]> {
  const family = prefix.includes(":") ? "ipv6" : "ipv4";
  const { paths = [] } = await frr.showJson<{ readonly paths?: readonly FrrPath[] }>(
    `show bgp ${family} unicast ${prefix} json`,
  );
  return sortedByNextHop(
    paths.map(({ origin, locPrf, aspath, community, largeCommunity, nexthops }) => ({
      nextHop: nexthops.find(({ scope }) => scope !== "link-local")?.ip ?? "",
      asPath: aspath.string === "Local" ? "" : aspath.string,
      origin,
      localPref: locPrf ?? null,
      communities: wordsOf(community?.string),
      largeCommunities: wordsOf(largeCommunity?.string),
    })),
  );
}

/** FRR's view of its neighbours, by address. */
export function frrNeighbors(frr: Frr): Promise<Readonly<Record<string, FrrNeighbor>>> {
  return frr.showJson("show bgp neighbors json");
}

/** The ways to a prefix that BIRD holds. */
export async function birdPaths(bird: Bird, prefix: string): Promise<readonly HeldPath[]> {
  // birdc fails where there is no route at all.
  const text = await bird.show(`show route all for ${prefix}`).catch(() => "");
  const blocks = text.split(/^(?=\S*\s+unicast \[)/m).filter((block) => /(?:BGP\.|bgp_)origin/.test(block));
  return sortedByNextHop(
    blocks.map((block) => {
      // BIRD 3 writes the names of attributes as its filters do.
      const attribute = (name: string): string =>
        new RegExp(`(?:BGP\\.|bgp_)${name}:[ \\t]*(.*)`).exec(block)?.[1] ?? "";
      const tuples = (name: string): readonly string[] =>
        [...attribute(name).matchAll(/\(([^)]*)\)/g)].map(([, tuple = ""]) => tuple.replaceAll(/,\s*/g, ":"));
      return {
        nextHop: attribute("next_hop").split(" ")[0] ?? "",
        asPath: attribute(block.includes("BGP.") ? "as_path" : "path"),
        origin: attribute("origin"),
        localPref: Number(attribute("local_pref")),
        communities: tuples("community"),
        largeCommunities: tuples("large_community"),
      };
    }),
  );
}

/** Enters lines of configuration into the FRR of a router. */
export async function configureFrr({ namespace }: LabHost, lines: readonly string[]): Promise<void> {
  await run("vtysh", ["-N", namespace.name, ...["configure terminal", ...lines].flatMap((line) => ["-c", line])]);
}

/** A counter of a host's TCP, by its name in `nstat`. */
export async function tcpCounter({ namespace }: LabHost, name: string): Promise<number> {
  const line = new RegExp(`^${name}\\s+(\\d+)`, "m").exec(await namespace.run("nstat", ["-asz", name]));
  return Number(line?.[1] ?? Number.NaN);
}

function wordsOf(text = ""): readonly string[] {
  return text.split(" ").filter((word) => word !== "");
}

/** Sorts paths by their next hops. */
export function sortedByNextHop<Path extends Pick<HeldPath, "nextHop">>(paths: readonly Path[]): readonly Path[] {
  return paths.toSorted((left, right) => (left.nextHop < right.nextHop ? -1 : 1));
}
