import type { BgpSession } from "@herald-lb/k8s-glue/metallb";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  announcedService,
  type Cluster,
  createCluster,
  NAMESPACE,
  NODE,
  paths,
  startSpeaker,
} from "./cluster.test.fixture.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const STATE = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/configurationstates/speaker-${NODE}`;
const SECOND = "192.0.2.2";

/** The sessions in the ConfigurationState of the speaker, as the API server has it. */
function reported(cluster: Cluster): readonly BgpSession[] {
  const state = [...cluster.server.objects(paths.states).values()].find(
    ({ metadata }) => metadata?.name === `speaker-${NODE}`,
  );
  const { bgpSessions = [] } = (state?.["status"] ?? {}) as { readonly bgpSessions?: readonly BgpSession[] };
  return bgpSessions;
}

/** Adds a BGPPeer. */
function addPeer(cluster: Cluster, spec: object = {}, name = "second"): void {
  cluster.post(paths.peers, {
    apiVersion: "metallb.io/v1beta2",
    kind: "BGPPeer",
    metadata: { namespace: NAMESPACE, name },
    spec: { myASN: 64512, peerASN: 65001, peerAddress: SECOND, ...spec },
  });
}

const stateWrites = (cluster: Cluster): number =>
  cluster.takeWrites().filter(({ path }) => path.startsWith(STATE)).length;

async function started(): Promise<Cluster> {
  const cluster = createCluster();
  await startSpeaker(cluster);
  return cluster;
}

/** Waits for the report on `second` with a reason, and gives it. */
async function untilReason(cluster: Cluster, reason: string): Promise<BgpSession> {
  const found = (): BgpSession | undefined => reported(cluster).find((each) => each.reason === reason);
  await cluster.until(`the report of ${reason}`, () => found() !== undefined, 20_000);
  const session = found();
  if (session === undefined) throw new Error("no report");
  return session;
}

describe("the sessions that a speaker reports in its ConfigurationState", () => {
  it("are those that are established, and nothing is written while they stay so", async () => {
    const cluster = await started();
    expect(reported(cluster)).toEqual([{ peer: "router", state: "Established" }]);
    cluster.takeWrites();
    await cluster.pass(300_000);
    expect(cluster.takeWrites()).toEqual([]);
  });

  it.each([
    ["silent", "NoAnswer", "Connect"],
    ["unreachable", "ConnectionRefused", "Connect"],
    ["refusing", "BadPeerAS", "OpenSent"],
  ] as const)(
    "tell of a router that is %s within seconds, once however often it is tried",
    async (how, reason, state) => {
      const cluster = await started();
      cluster.routers[how].add(SECOND);
      addPeer(cluster);
      const session = await untilReason(cluster, reason);
      expect(session).toMatchObject({ peer: "second", state });
      await cluster.pass(3_000);
      stateWrites(cluster);
      await cluster.pass(600_000);
      expect(reported(cluster)).toContainEqual(session);
      expect(cluster.takeWrites()).toEqual([]);
      cluster.routers[how].delete(SECOND);
      await cluster.until(
        "the session",
        () => reported(cluster).every((each) => each.state === "Established"),
        180_000,
      );
    },
  );

  it("tell of a Secret that is missing, and of the session once it is there", async () => {
    const cluster = await started();
    addPeer(cluster, { passwordSecret: { name: "bgp" } });
    expect(await untilReason(cluster, "SecretMissing")).toMatchObject({ peer: "second", state: "Idle" });
    cluster.post(paths.secrets, {
      metadata: { namespace: NAMESPACE, name: "bgp" },
      type: "kubernetes.io/basic-auth",
      data: { password: btoa("geheim") },
    });
    await cluster.until("the session", () => reported(cluster).every((each) => each.state === "Established"), 20_000);
  });

  it("tell that the router takes few prefixes more, as soon as that many are announced, and no longer once they are not", async () => {
    const cluster = await started();
    cluster.patch(`${paths.peers}/router`, { metadata: { generation: 2 }, spec: { maxPrefixesSent: 4 } });
    const prefixes = (): unknown => reported(cluster)[0]?.prefixes;
    for (const last of [1, 2, 3]) announcedService(cluster, `s${last}`, `198.51.100.${last}`);
    await cluster.until("the warning", () => prefixes() === "NearLimit", 20_000);
    for (const last of [4, 5]) announcedService(cluster, `s${last}`, `198.51.100.${last}`);
    await cluster.until("the limit", () => prefixes() === "OverLimit", 60_000);
    for (const last of [1, 2, 3, 4]) cluster.remove(paths.service(`s${last}`));
    await cluster.until("the end of it", () => prefixes() === undefined, 60_000);
  });

  it("go with their peer", async () => {
    const cluster = await started();
    cluster.takeWrites();
    cluster.remove(`${paths.peers}/router`);
    await cluster.pass(5_000);
    const statuses = cluster.takeWrites().map(({ body }) => (body as { readonly status?: object }).status ?? {});
    expect(statuses).toHaveLength(1);
    expect(statuses[0]).not.toHaveProperty("bgpSessions");
  });

  it("are written at a bounded rate while sessions flap, and as they are at the end", async () => {
    const cluster = await started();
    const addresses = Array.from({ length: 20 }, (_, at) => `192.0.2.${100 + at}`);
    for (const address of addresses) addPeer(cluster, { peerAddress: address }, `router-${address}`);
    await cluster.until("the sessions", () => reported(cluster).length === 21, 10_000);
    stateWrites(cluster);
    // One session waits longer after each failure, but there are twenty.
    for (let drop = 0; drop < 400; drop++) {
      cluster.routers.drop(addresses[drop % addresses.length] ?? "");
      await cluster.pass(3_000);
    }
    expect(stateWrites(cluster)).toBeLessThan(30);
    const isUp = ({ state }: BgpSession): boolean => state === "Established";
    await cluster.until("the last state", () => reported(cluster).every(isUp), 300_000);
  });

  it("are ended by a speaker that stops", async () => {
    const cluster = await started();
    let stopped = false;
    void cluster.speaker.stop().then(() => {
      stopped = true;
    });
    await cluster.until("the end", () => stopped, 2_000);
    expect(reported(cluster)).toMatchObject([{ peer: "router", state: "Idle", reason: "SpeakerStopped" }]);
  });
});
