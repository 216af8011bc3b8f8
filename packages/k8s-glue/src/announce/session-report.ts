import { BGP_PORT, type BfdSnapshot, type PeerConfig, type PeerError, type PeerSnapshot } from "@herald-lb/bgp-speaker";
import type { BgpSession, ConfigIssue } from "@herald-lb/k8s-glue/metallb";
import type { NodePeers } from "./node-peers.ts";
import { endpointOf, sessionError } from "./session-error.ts";

/** The maximum number of dynamic neighbors that a report names. */
const MOST_NAMED = 8;

/** The part of a peer's limit from which on it is warned of: that of FRR's maximum-prefix. */
const PREFIX_WARNING = 0.75;

/**
 * The sessions of a node, sorted by the names of their BGPPeers: those that the speaker machine has, and those that it cannot have
 * because their Secret is missing or unusable. Two attempts that fail alike give the same report.
 */
export function sessionReports(
  { peers, issues, maxPrefixesSent }: NodePeers,
  snapshots: readonly PeerSnapshot[],
): readonly BgpSession[] {
  const byName = new Map(snapshots.map((snapshot) => [snapshot.name, snapshot]));
  const sessions = peers.map((peer): BgpSession => {
    const limit = maxPrefixesSent?.get(peer.name);
    if (peer.prefix !== undefined) return rangeReport(peer, limit, snapshots);
    const { state = "Idle", lastError = null, announcedPrefixes = 0, bfd = null } = byName.get(peer.name) ?? {};
    const facts = bfd === null ? {} : { bfd: bfdState(bfd) };
    if (state === "Established") return { peer: peer.name, state, ...prefixesOf(announcedPrefixes, limit), ...facts };
    if (lastError !== null)
      return { peer: peer.name, state: failedState(lastError), ...sessionError(peer, lastError), ...facts };
    if (peer.connectionMode === "passive") return { ...waiting(peer, endpointOf(peer)), ...facts };
    const message = "the first attempt is under way";
    return { peer: peer.name, state: "Connect", reason: "Connecting", message, ...facts };
  });
  return [...sessions, ...issues.map(withoutSecret)].toSorted((a, b) => (a.peer < b.peer ? -1 : 1));
}

/** The sessions of a range of dynamic neighbors as one: established while one of them is. */
function rangeReport(peer: PeerConfig, limit: number | undefined, snapshots: readonly PeerSnapshot[]): BgpSession {
  const own = snapshots.filter(({ configuredName }) => configuredName === peer.name);
  const up = own.flatMap(({ state, address }) => (state === "Established" && address !== null ? [address] : []));
  if (up.length > 0) {
    const named = up.toSorted().slice(0, MOST_NAMED).join(", ");
    const more = up.length > MOST_NAMED ? ` and ${up.length - MOST_NAMED} more` : "";
    const most = Math.max(...own.map(({ announcedPrefixes }) => announcedPrefixes));
    const message = `${up.length} sessions: ${named}${more}`;
    return { peer: peer.name, state: "Established", message, ...prefixesOf(most, limit) };
  }
  const error = own.find(({ lastError }) => lastError !== null)?.lastError ?? null;
  if (error !== null) return { peer: peer.name, state: failedState(error), ...sessionError(peer, error) };
  return waiting(peer, `routers in ${peer.prefix}`);
}

function waiting({ name, listenPort = BGP_PORT }: PeerConfig, whom: string): BgpSession {
  const message = `the node waits on TCP port ${listenPort} for a connection of ${whom}`;
  return { peer: name, state: "Active", reason: "Waiting", message };
}

/** Two levels and not the number, which may change with every Service: a report is written when it changes. */
function prefixesOf(announced: number, limit: number | undefined): Pick<BgpSession, "prefixes"> {
  if (limit === undefined || announced < PREFIX_WARNING * limit) return {};
  return { prefixes: announced > limit ? "OverLimit" : "NearLimit" };
}

/** The same sessions once the speaker has ended them. */
export function endedSessions(sessions: readonly BgpSession[]): readonly BgpSession[] {
  return sessions.map(({ peer }) => ({
    peer,
    state: "Idle",
    reason: "SpeakerStopped",
    message: "the speaker of the node has stopped",
  }));
}

/**
 * The state in which the last attempt failed. A session that was lost is Idle: `Established` is for those that stand. A router may send
 * its OPEN before the NOTIFICATION that refuses ours, or not, so OpenConfirm counts as OpenSent, or each attempt might be a change.
 */
function failedState({ state }: PeerError): string {
  if (state === "Established") return "Idle";
  return state === "OpenConfirm" ? "OpenSent" : state;
}

/** Init is Down: a session that cannot come up is now in one, now in the other, and each would be a change. */
function bfdState({ state, remoteState }: BfdSnapshot): NonNullable<BgpSession["bfd"]> {
  if (state === "Up" || state === "AdminDown") return state;
  return remoteState === "AdminDown" ? "AdminDown" : "Down";
}

function withoutSecret({ object, facts }: ConfigIssue): BgpSession {
  const { secret, reason } = facts;
  const name = `Secret ${object.namespace}/${String(secret)}`;
  const missing = reason === "not found";
  return {
    peer: object.name,
    state: "Idle",
    reason: missing ? "SecretMissing" : "BadSecret",
    message: `${name} ${missing ? "is missing" : (faults[String(reason)] ?? "cannot be used")}: Herald opens no session until spec.passwordSecret names a usable one`,
  };
}

const faults: Readonly<Record<string, string>> = {
  "wrong type": "is not of type kubernetes.io/basic-auth",
  "no such key": "has no key password",
  "not base64 text": "has a key password that is not base64 text",
};
