import { afterEach, describe, expect, it, vi } from "vitest";
import {
  announcedService,
  type Cluster,
  createCluster,
  NODE,
  paths,
  ROUTER,
  startSpeaker,
} from "./cluster.test.fixture.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const PREFIX = "4 c6336401/32";
const COMMUNITIES = 8;
const GRACEFUL_SHUTDOWN = "ffff0000";
const EXCLUDE = "node.kubernetes.io/exclude-from-external-load-balancers";

const isMarked = (cluster: Cluster): boolean | null => {
  const attributes = cluster.routers.attributesAt(ROUTER, PREFIX);
  return attributes === null ? null : attributes[COMMUNITIES] === GRACEFUL_SHUTDOWN;
};

/** A speaker that announces 198.51.100.1 to a router that helps, by an advertisement and a peer with these fields. */
async function started(peer: object, advertisement: object): Promise<Cluster> {
  const cluster = createCluster();
  cluster.routers.helping.add(ROUTER);
  cluster.patch(`${paths.peers}/router`, { spec: peer });
  cluster.patch(`${paths.bgpAdvertisements}/all`, { spec: advertisement });
  announcedService(cluster, "web", "198.51.100.1");
  await startSpeaker(cluster);
  expect(isMarked(cluster)).toBe(false);
  return cluster;
}

/** Stops the speaker; gives the milliseconds that it took, and whether the route was ever marked. */
async function stop(cluster: Cluster): Promise<{ readonly took: number; readonly marked: boolean }> {
  const before = cluster.world.now();
  let stopped = false;
  let marked = false;
  void cluster.speaker.stop().then(() => {
    stopped = true;
  });
  await cluster.until(
    "the end",
    () => {
      marked ||= isMarked(cluster) === true;
      return stopped;
    },
    20_000,
  );
  return { took: cluster.world.now() - before, marked };
}

describe("a speaker that is told to stop", () => {
  const restart = { enableGracefulRestart: true };
  const shutdown = { gracefulShutdownTime: "2s" };
  const cordon = { spec: { unschedulable: true } };
  const hardReset = [6, 9, 6, 2];
  const cease = [6, 2];

  it.each([
    { name: "keeps the routes with the router", peer: restart, advertisement: {}, node: {}, said: null, marked: false },
    {
      name: "says a Hard Reset on a cordoned node",
      peer: restart,
      advertisement: {},
      node: cordon,
      said: hardReset,
      marked: false,
    },
    {
      name: "says a Hard Reset on a node that is not ready",
      peer: restart,
      advertisement: {},
      node: { status: { conditions: [{ type: "Ready", status: "False" }] } },
      said: hardReset,
      marked: false,
    },
    {
      name: "says a Cease without graceful restart",
      peer: {},
      advertisement: {},
      node: {},
      said: cease,
      marked: false,
    },
    {
      name: "marks the routes before its Cease",
      peer: {},
      advertisement: shutdown,
      node: {},
      said: cease,
      marked: true,
    },
    {
      name: "marks nothing where the routes stay",
      peer: restart,
      advertisement: shutdown,
      node: {},
      said: null,
      marked: false,
    },
  ])("$name", async ({ peer, advertisement, node, said, marked }) => {
    const cluster = await started(peer, advertisement);
    cluster.patch(paths.node(NODE), node);
    await cluster.pass(1_000);
    const end = await stop(cluster);
    const [notification, ...more] = cluster.routers.notificationsAt(ROUTER);
    expect(more).toEqual([]);
    if (said === null) expect(notification).toBeUndefined();
    else expect(notification?.slice(0, said.length)).toEqual(said);
    expect(end.marked).toBe(marked);
    expect(end.took >= 2_000).toBe(marked);
  });

  it("marks the routes for its limit where they ask for longer", async () => {
    const cluster = await started({}, { gracefulShutdownTime: "1m" });
    const { took, marked } = await stop(cluster);
    expect(marked).toBe(true);
    expect(took).toBeGreaterThanOrEqual(2_500);
    expect(took).toBeLessThan(3_500);
  });
});

it("the ServiceBGPStatus tells what is refused also where no route changes", async () => {
  const cluster = await started({}, {});
  const statusOf = (): string => JSON.stringify([...cluster.server.objects(paths.bgpStatuses).values()]);
  await cluster.pass(5_000);
  expect(statusOf()).not.toContain("refused");
  cluster.patch(paths.service("web"), { metadata: { annotations: { "herald-lb.io/bgp-local-pref": "7" } } });
  await cluster.until("the refusal", () => statusOf().includes('"refused":[{"annotation"'), 10_000);
});

describe("routes with a graceful shutdown", () => {
  it("are marked for its time once the node is excluded, and then withdrawn", async () => {
    const cluster = await started({}, { gracefulShutdownTime: "30s" });
    cluster.patch(paths.node(NODE), { metadata: { labels: { [EXCLUDE]: "" } } });
    await cluster.until("the mark", () => isMarked(cluster) === true, 1_000);
    await cluster.pass(28_000);
    expect(isMarked(cluster)).toBe(true);
    await cluster.until("the withdrawal", () => isMarked(cluster) === null, 3_000);
    cluster.patch(paths.node(NODE), { metadata: { labels: { [EXCLUDE]: null } } });
    await cluster.until("the route", () => isMarked(cluster) === false, 1_000);
  });

  it("are as they were where the node is taken back in time", async () => {
    const cluster = await started({}, { gracefulShutdownTime: "30s" });
    cluster.patch(paths.node(NODE), { metadata: { labels: { [EXCLUDE]: "" } } });
    await cluster.pass(10_000);
    cluster.patch(paths.node(NODE), { metadata: { labels: { [EXCLUDE]: null } } });
    await cluster.pass(1_000);
    expect(isMarked(cluster)).toBe(false);
    await cluster.pass(60_000);
    expect(isMarked(cluster)).toBe(false);
  });

  it("are marked while the node is cordoned, and stay", async () => {
    const cluster = await started({}, { gracefulShutdownTime: "5s" });
    cluster.patch(paths.node(NODE), { spec: { unschedulable: true } });
    await cluster.pass(600_000);
    expect(isMarked(cluster)).toBe(true);
    cluster.patch(paths.node(NODE), { spec: { unschedulable: false } });
    await cluster.pass(1_000);
    expect(isMarked(cluster)).toBe(false);
  });

  it("are withdrawn at once where nothing asks for one, as in MetalLB", async () => {
    const cluster = await started({}, {});
    cluster.patch(paths.node(NODE), { spec: { unschedulable: true } });
    await cluster.pass(1_000);
    expect(isMarked(cluster)).toBe(false);
    cluster.patch(paths.node(NODE), { metadata: { labels: { [EXCLUDE]: "" } } });
    await cluster.until("the withdrawal", () => isMarked(cluster) === null, 1_000);
  });
});
