import type { StoredObject } from "@herald-lb/k8s-glue/testing";
import { createRandom } from "@herald-lb/sansio/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { recordingLog } from "../fake-api.test.fixture.ts";
import { NAMESPACE, POOLS, type Replica, type Replicas, startReplicas, WIDE_POOL } from "./replicas.test.fixture.ts";

vi.mock("prom-client", async (original) => ({
  ...(await original<typeof import("prom-client")>()),
  collectDefaultMetrics: () => {},
}));

beforeEach(() => {
  vi.spyOn(Math, "random").mockImplementation(createRandom(1));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const OLD_CONFIG_MAP = `${CONFIG_MAPS}/config`;
const LEASES = "/apis/coordination.k8s.io/v1/leases";

const configMap = (config: string): StoredObject => ({
  metadata: { namespace: NAMESPACE, name: "config" },
  data: { config },
});
const VALID = "address-pools: [{name: old, protocol: layer2, addresses: [198.18.0.0/24]}]";

const checks = ({ controller }: Replica): readonly string[] => controller.healthChecks.map(({ name }) => name);
const holder = ({ server }: Replicas): unknown =>
  (server.objects(LEASES).get(`${NAMESPACE}/herald-controller`)?.["spec"] as { holderIdentity?: string } | undefined)
    ?.holderIdentity;
const isLeader = async ({ controller }: Replica): Promise<boolean> =>
  /^herald_leader 1$/m.test((await controller.exposition()).text);
const held = ({ history }: Replicas, name: string): string | undefined => history.held.get(name);
const replace = ({ server }: Replicas, path: string, patch: object): void =>
  void server.handle({ method: "PATCH", path, body: patch });

describe("the terms of a controller", () => {
  it("leads at once without leader election, and asks for no Lease", async () => {
    const one = await startReplicas(1, { count: 1, args: ["--leader-elect=false"] });
    one.create("a", "LoadBalancer");
    await one.until("an address", () => held(one, "a") !== undefined, 5_000);
    expect([holder(one), await isLeader(one.leader())]).toEqual([undefined, true]);
  });

  it("leaves Services as they are until it knows the configuration, and then begins another term", async () => {
    const { log, lines } = recordingLog();
    const objects = [[CONFIG_MAPS, configMap("address-pools: 7")]] as const;
    const one = await startReplicas(1, { count: 1, objects, log });
    one.create("a", "LoadBalancer");
    await one.pass(5_000);
    expect([held(one, "a"), checks(one.leader()).at(-1)]).toEqual([undefined, "leading"]);
    replace(one, OLD_CONFIG_MAP, { data: { config: VALID } });
    await one.until("an address", () => held(one, "a") !== undefined, 5_000);
    expect(held(one, "a")).toBe("198.18.0.0");
    const terms = lines.filter((line) => line.endsWith("leading"));
    expect(terms).toEqual(["info leading", "info no longer leading", "info leading"]);
  });

  it("keeps the configuration that it knew when the ConfigMap becomes invalid, and the term with it", async () => {
    const { log, lines } = recordingLog();
    const one = await startReplicas(1, { count: 1, objects: [[CONFIG_MAPS, configMap(VALID)]], log });
    replace(one, OLD_CONFIG_MAP, { data: { config: "address-pools: 7" } });
    await one.pass(1_000);
    one.create("a", "LoadBalancer");
    await one.until("an address", () => held(one, "a") !== undefined, 5_000);
    expect(lines.filter((line) => line.endsWith("leading"))).toEqual(["info leading"]);
  });

  it("takes a changed pool over within its term, for the Services that it concerns", async () => {
    const one = await startReplicas(1, { count: 1, objects: [] });
    one.create("a", "LoadBalancer");
    await one.pass(2_000);
    expect(held(one, "a")).toBeUndefined();
    one.server.handle({ method: "POST", path: POOLS, body: WIDE_POOL });
    await one.until("an address", () => held(one, "a") === "198.18.0.0", 5_000);
    await one.until(
      "the pool's status",
      () =>
        one.server.objects(POOLS.replace(`/namespaces/${NAMESPACE}`, "")).get(`${NAMESPACE}/wide`)?.["status"] !==
        undefined,
      5_000,
    );
  });

  it("gives the Lease back at its end, so that the standby leads without waiting for it to expire", async () => {
    const two = await startReplicas(1);
    for (const name of ["a", "b"]) two.create(name, "LoadBalancer");
    await two.until("addresses", () => held(two, "b") !== undefined, 5_000);
    await two.pass(6_000);
    const leader = two.leader();
    const standby = two.all.find((replica) => replica !== leader) as Replica;
    expect(checks(standby).at(-1)).toMatch(/^standing by for /);
    let ended = false;
    void leader.controller.stop().then(() => {
      ended = true;
    });
    expect(checks(leader).at(-1)).toBe("standing by, no leader known");
    expect(await isLeader(leader)).toBe(false);
    await two.until("the end", () => ended, 2_000);
    expect(holder(two)).toBe("");
    await two.until("the standby to lead", () => checks(standby).includes("leading"), 5_000);
    two.create("c", "LoadBalancer");
    await two.until("an address", () => held(two, "c") !== undefined, 5_000);
    expect([two.history.moves, two.history.doubles]).toEqual([[], []]);
    const lateWrites = leader.process.accepted.filter(({ request }) => request.method === "PATCH").length;
    await two.pass(30_000);
    expect(leader.process.accepted.filter(({ request }) => request.method === "PATCH")).toHaveLength(lateWrites);
  });

  it("ends the reports of a term with it", async () => {
    const objects = [[CONFIG_MAPS, configMap("address-pools: 7")]] as const;
    const one = await startReplicas(1, { count: 1, objects });
    // Before the reports of the first term are written.
    replace(one, OLD_CONFIG_MAP, { data: { config: VALID } });
    await one.pass(10_000);
    const { sent } = one.leader().process;
    const reports = sent.filter(({ method, path }) => method === "GET" && path.includes("/configurationstates/"));
    expect(reports).toHaveLength(1);
  });

  it("waits at its end for a write under way, for 500 ms and no longer, and keeps the Lease meanwhile", async () => {
    const two = await startReplicas(1);
    const { process, controller } = two.leader();
    let land = (): void => {};
    process.keeps = (departure) => {
      const isStatus = departure.request.path.endsWith("/services/a/status");
      if (isStatus) ({ land } = departure);
      return isStatus;
    };
    two.create("a", "LoadBalancer");
    await two.pass(1_000);
    const identity = holder(two);
    let ended = false;
    void controller.stop().then(() => {
      ended = true;
    });
    await two.pass(450);
    expect([ended, holder(two), held(two, "a")]).toEqual([false, identity, undefined]);
    await two.until("the end", () => ended, 200);
    expect(holder(two)).toBe("");
    land();
    await two.pass(10_000);
    expect([two.history.moves, held(two, "a")]).toEqual([[], "198.18.0.0"]);
  });

  it("hands the addresses that cool down on to the next leader", async () => {
    const pool = { ...WIDE_POOL, spec: { addresses: ["198.18.0.7/32"], coolDown: "10m" } };
    const two = await startReplicas(1, { objects: [[POOLS, pool]] });
    two.create("a", "LoadBalancer");
    await two.until("an address", () => held(two, "a") !== undefined, 5_000);
    two.remove("a");
    await two.pass(3_000);
    const leader = two.leader();
    void leader.controller.stop();
    await two.until(
      "another leader",
      () => two.all.some((one) => one !== leader && checks(one).includes("leading")),
      10_000,
    );
    two.create("b", "LoadBalancer");
    await two.pass(60_000);
    expect(held(two, "b")).toBeUndefined();
    await two.pass(9 * 60_000);
    expect(held(two, "b")).toBe("198.18.0.7");
  });
});
