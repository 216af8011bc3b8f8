import { type LabHost, type Scope, until } from "@herald-lb/lab";

/** A frame by which a node claims an address: an ARP reply or announcement, or a Neighbor Advertisement. */
export interface Claim {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly mac: string;
  readonly address: string;
}

/** Records who claims addresses on the segment of a host, until it is read. */
export async function captureClaims(
  scope: Scope,
  host: Pick<LabHost, "namespace">,
): Promise<{ readonly claims: () => Promise<readonly Claim[]> }> {
  const tcpdump = scope.spawn({
    name: "tcpdump-claims",
    namespace: host.namespace.name,
    command: "tcpdump",
    args: ["-i", "eth0", "-Q", "in", "--immediate-mode", "-Z", "root", "-lnett", "arp or icmp6"],
  });
  await until("tcpdump to listen", () => tcpdump.output().includes("listening on"));
  return {
    async claims() {
      await tcpdump.stop("SIGINT");
      return tcpdump.output().split("\n").flatMap(readClaim);
    },
  };
}

/** The frames of `leaving` after another node had first claimed an address. */
export interface Beside {
  readonly claims: number;
  /** From the other's first claim to its own last, in milliseconds. */
  readonly forMs: number;
}

/** Returns the frames in which `leaving` went on claiming an address after another node did. */
export function claimedBeside(claims: readonly Claim[], address: string, leaving: string): Beside {
  const about = claims.filter((claim) => claim.address === address);
  const first = about.findIndex(({ mac }) => mac !== leaving);
  const beside = first < 0 ? [] : about.slice(first).filter(({ mac }) => mac === leaving);
  const forMs = (beside.at(-1)?.at ?? 0) - (about[first]?.at ?? 0);
  return { claims: beside.length, forMs: beside.length === 0 ? 0 : Math.round(forMs) };
}

function readClaim(line: string): readonly Claim[] {
  const [, seconds, mac] = /^(\d+\.\d+) (\S+) > /.exec(line) ?? [];
  const address =
    /Reply (\S+) is-at/.exec(line)?.[1] ??
    /Request who-has (\S+) tell \1,/.exec(line)?.[1] ??
    /neighbor advertisement, tgt is ([^\s,]+)/.exec(line)?.[1];
  if (seconds === undefined || mac === undefined || address === undefined) return [];
  return [{ at: Number(seconds) * 1_000, mac, address }];
}
