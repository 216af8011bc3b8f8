import type { BgpSession } from "@herald-lb/k8s-glue/metallb";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { BgpBfdReport, ToWorker } from "../worker/protocol.ts";
import { type Cluster, createCluster, NAMESPACE, NODE, paths, startSpeaker } from "./cluster.test.fixture.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const ROUTER = "192.0.2.9";
const PEER = `${paths.peers}/watched`;
const PROFILE = `${paths.bfdProfiles}/fast`;

const report = (state: BgpBfdReport["state"], more: Partial<BgpBfdReport> = {}): BgpBfdReport => ({
  key: `single ${ROUTER} any`,
  state,
  diagnostic: 0,
  remoteState: state === "Up" ? "Up" : "Down",
  remoteDiagnostic: 0,
  packetsSent: 1,
  packetsReceived: 1,
  ups: 0,
  downs: 0,
  problem: null,
  ...more,
});
const tell = (cluster: Cluster, ...facts: Parameters<typeof report>): void =>
  cluster.fromWorker({ type: "BgpBfdReported", sessions: [report(...facts)] });

function reported(cluster: Cluster): BgpSession | undefined {
  const state = [...cluster.server.objects(paths.states).values()].find(
    ({ metadata }) => metadata?.name === `speaker-${NODE}`,
  );
  const { bgpSessions = [] } = (state?.["status"] ?? {}) as { readonly bgpSessions?: readonly BgpSession[] };
  return bgpSessions.find(({ peer }) => peer === "watched");
}

const desired = (cluster: Cluster): readonly Extract<ToWorker, { type: "BgpBfdSessionsDesired" }>[] =>
  cluster.takeTold().filter((message) => message.type === "BgpBfdSessionsDesired");

/** A speaker whose session with the peer "watched" is established, and whose BFD is up. */
async function watched(): Promise<Cluster> {
  const cluster = createCluster();
  await startSpeaker(cluster);
  cluster.post(paths.bfdProfiles, {
    apiVersion: "metallb.io/v1beta1",
    kind: "BFDProfile",
    metadata: { namespace: NAMESPACE, name: "fast" },
    spec: { receiveInterval: 50 },
  });
  cluster.post(paths.peers, {
    apiVersion: "metallb.io/v1beta2",
    kind: "BGPPeer",
    metadata: { namespace: NAMESPACE, name: "watched" },
    spec: { myASN: 64512, peerASN: 65001, peerAddress: ROUTER, bfdProfile: "fast" },
  });
  await cluster.until("the session", () => reported(cluster)?.state === "Established", 20_000);
  tell(cluster, "Up");
  await cluster.until("BFD in the report", () => reported(cluster)?.bfd === "Up", 20_000);
  return cluster;
}

describe("a speaker with BFD beside a BGP session", () => {
  it("asks the worker for the session that the profile wants, and tells of it", async () => {
    const cluster = await watched();
    expect(desired(cluster)).toMatchObject([
      { sessions: [{ remote: ROUTER, hops: "single", requiredMinRxInterval: 50, desiredMinTxInterval: 300 }] },
    ]);
    expect(reported(cluster)).toEqual({ peer: "watched", state: "Established", bfd: "Up" });
    const { text } = await cluster.speaker.exposition();
    expect(text).toContain(`metallb_bfd_session_up{peer="${ROUTER}",vrf="default"} 1`);
  });

  it("ends the session with a Cease when BFD is lost, and has it again without BFD", async () => {
    const cluster = await watched();
    const before = cluster.routers.received(ROUTER, "NOTIFICATION");
    tell(cluster, "Down", { diagnostic: 1 });
    await cluster.pass(10);
    expect(cluster.routers.received(ROUTER, "NOTIFICATION")).toBe(before + 1);
    const said = cluster.lines.find(({ message }) => message === "BFD session down");
    expect(said?.facts).toMatchObject({ peers: ["watched"], diagnostic: "Control Detection Time Expired" });
    await cluster.until("the session", () => {
      const session = reported(cluster);
      return session?.state === "Established" && session.bfd === "Down";
    });
    expect(cluster.routers.received("192.0.2.1", "NOTIFICATION")).toBe(0);
  });

  it("tells why the session is gone while the router does not answer", async () => {
    const cluster = await watched();
    cluster.routers.silent.add(ROUTER);
    tell(cluster, "Down", { diagnostic: 1 });
    await cluster.until("the reason", () => reported(cluster)?.reason === "BfdDown", 10_000);
    expect(reported(cluster)).toMatchObject({ state: "Idle", bfd: "Down" });
  });

  it("lets the session stand when the profile changes, goes and comes back", async () => {
    const cluster = await watched();
    const opens = cluster.routers.received(ROUTER, "OPEN");
    desired(cluster);
    cluster.patch(PROFILE, { metadata: { generation: 2 }, spec: { detectMultiplier: 7 } });
    await cluster.pass(2_000);
    expect(desired(cluster)).toMatchObject([{ sessions: [{ detectMult: 7, requiredMinRxInterval: 50 }] }]);
    cluster.patch(PEER, { metadata: { generation: 2 }, spec: { bfdProfile: null } });
    await cluster.pass(2_000);
    expect(desired(cluster)).toEqual([{ type: "BgpBfdSessionsDesired", sessions: [] }]);
    cluster.patch(PEER, { metadata: { generation: 3 }, spec: { bfdProfile: "fast" } });
    await cluster.pass(2_000);
    expect(desired(cluster)).toMatchObject([{ sessions: [{ detectMult: 7 }] }]);
    cluster.remove(PROFILE);
    await cluster.pass(120_000);
    expect(desired(cluster)).toEqual([{ type: "BgpBfdSessionsDesired", sessions: [] }]);
    expect(reported(cluster)).toEqual({ peer: "watched", state: "Established" });
    expect(cluster.routers.received(ROUTER, "OPEN")).toBe(opens);
    expect(cluster.routers.received(ROUTER, "NOTIFICATION")).toBe(0);
  });
});
