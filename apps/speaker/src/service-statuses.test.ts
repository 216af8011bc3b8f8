import type { Logger } from "@herald-lb/daemon";
import type { L2AnnouncementFacts } from "@herald-lb/k8s-glue/announce";
import type { OwnerReference } from "@herald-lb/k8s-glue/objects";
import { MemoryApiServer, type StoredObject, VirtualProcess } from "@herald-lb/k8s-glue/testing";
import { err, instant } from "@herald-lb/sansio";
import { createRandom, createVirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { ServiceStatuses } from "./service-statuses.ts";

const NAMESPACE = "metallb-system";
const KEY = "default/web";
const path = (plural: string): string => `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/${plural}`;
const L2 = "servicel2statuses";
const BGP = "servicebgpstatuses";

interface Bench {
  readonly statuses: ServiceStatuses;
  readonly server: MemoryApiServer;
  readonly process: VirtualProcess;
  /** The writes since the last call, as `METHOD plural/name`. */
  readonly takeWrites: () => readonly string[];
  /** Another component writes a status object. */
  readonly putByOther: (plural: string, node: string, service?: string) => void;
  readonly names: (plural: string) => readonly string[];
  readonly pass: (milliseconds: number) => Promise<void>;
}

/** An announcement of a node that has just started. */
const facts = (addresses: readonly string[], interfaces: "all" | readonly string[]): L2AnnouncementFacts => ({
  addresses,
  interfaces,
  cause: { reason: "Started", previous: null, detectedBy: [] },
});

/** The statuses of node n1 on an API server in memory; nothing is followed before `start`. */
function createBench(owner: () => OwnerReference | null = () => null): Bench {
  const world = createVirtualClock(1_000);
  const server = new MemoryApiServer(() => 1_770_000_000_000);
  const process = new VirtualProcess(world, server, createRandom(1));
  const log = { info() {}, warn() {}, debug() {}, error() {} } as unknown as Logger;
  const { transport, clock } = process;
  let sent = 0;
  return {
    statuses: new ServiceStatuses({ transport, clock, namespace: NAMESPACE, node: "n1", owner, log }),
    server,
    process,
    takeWrites() {
      const writes = process.sent.slice(sent).filter(({ method }) => method !== "GET");
      sent = process.sent.length;
      return writes.map(
        (write) => `${write.method} ${write.path.replace(`/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/`, "")}`,
      );
    },
    putByOther(plural, node, service = "web") {
      const labels = {
        "metallb.io/node": node,
        "metallb.io/service-name": service,
        "metallb.io/service-namespace": "default",
      };
      const prefix = plural === L2 ? "l2" : "bgp";
      const body: StoredObject = {
        apiVersion: "metallb.io/v1beta1",
        kind: plural === L2 ? "ServiceL2Status" : "ServiceBGPStatus",
        metadata: { namespace: NAMESPACE, name: `${prefix}-default.${service}.${node}`, labels },
      };
      server.handle({ method: "POST", path: path(plural), body });
    },
    names: (plural) =>
      [...server.objects(`/apis/metallb.io/v1beta1/${plural}`).values()].map(({ metadata }) => metadata?.name ?? ""),
    async pass(milliseconds) {
      const end = instant(world.now() + milliseconds);
      for (;;) {
        await new Promise((resolve) => void setImmediate(resolve));
        const next = world.nextWake();
        if (next === null || next > end) break;
        world.advanceTo(next);
      }
      world.advanceTo(end);
      await new Promise((resolve) => void setImmediate(resolve));
    },
  };
}

const OWN_L2 = "l2-default.web.n1";
const OWN_BGP = "bgp-default.web.n1";

describe("ServiceStatuses", () => {
  it("writes an announcement once, with interfaces, and nothing more while it stays", async () => {
    const bench = createBench();
    bench.statuses.start();
    bench.statuses.layer2Announced(KEY, facts(["198.51.100.1"], ["eth1", "eth0"]));
    await bench.pass(20_000);
    expect(bench.names(L2)).toEqual([OWN_L2]);
    expect([...bench.server.objects(`/apis/metallb.io/v1beta1/${L2}`).values()][0]?.["status"]).toEqual({
      node: "n1",
      serviceName: "web",
      serviceNamespace: "default",
      addresses: ["198.51.100.1"],
      interfaces: [{ name: "eth0" }, { name: "eth1" }],
      reason: "Started",
    });
    bench.takeWrites();
    const sent = bench.process.sent.length;
    bench.statuses.layer2Announced(KEY, facts(["198.51.100.1"], ["eth0", "eth1"]));
    await bench.pass(60_000);
    expect(bench.takeWrites()).toEqual([]);
    expect(bench.process.sent.slice(sent).filter(({ path }) => !path.endsWith("statuses"))).toEqual([]);
  });

  it("waits for its caches before it writes", async () => {
    const bench = createBench();
    bench.statuses.layer2Announced(KEY, facts(["198.51.100.1"], "all"));
    await bench.pass(10_000);
    expect(bench.takeWrites()).toEqual([]);
    bench.statuses.start();
    await bench.pass(10_000);
    expect(bench.names(L2)).toEqual([OWN_L2]);
  });

  it("removes a status when the announcement ends, also one that its cache does not show yet", async () => {
    const bench = createBench();
    bench.statuses.start();
    await bench.pass(10_000);
    bench.process.onPassed = ({ method, path }) => {
      // The announcement ends while its status is being written.
      if (method === "PATCH" && path.endsWith("/status")) bench.statuses.layer2Ended(KEY);
    };
    bench.statuses.layer2Announced(KEY, facts(["198.51.100.1"], "all"));
    bench.statuses.bgpAnnounced(KEY, ["router"]);
    await bench.pass(10_000);
    expect(bench.names(L2)).toEqual([]);
    bench.statuses.bgpEnded(KEY);
    await bench.pass(10_000);
    expect(bench.names(BGP)).toEqual([]);
  });

  it("removes nothing that it never wrote and that is not there", async () => {
    const bench = createBench();
    bench.statuses.start();
    await bench.pass(10_000);
    bench.statuses.layer2Ended(KEY);
    bench.statuses.bgpEnded(KEY);
    await bench.pass(10_000);
    expect(bench.takeWrites()).toEqual([]);
  });

  it("removes the status of the node that announced before, once, and only on layer 2", async () => {
    const bench = createBench();
    bench.putByOther(L2, "n2");
    bench.putByOther(BGP, "n2");
    bench.statuses.start();
    bench.statuses.layer2Announced(KEY, facts(["198.51.100.1"], "all"));
    bench.statuses.bgpAnnounced(KEY, ["router"]);
    await bench.pass(10_000);
    expect(bench.names(L2)).toEqual([OWN_L2]);
    expect(bench.names(BGP).toSorted()).toEqual([OWN_BGP, "bgp-default.web.n2"].toSorted());
    // The other node announces again in a partition: this node, which did not take over now, leaves its status.
    bench.putByOther(L2, "n2");
    bench.statuses.layer2Announced(KEY, facts(["198.51.100.1"], ["eth0"]));
    await bench.pass(10_000);
    expect(bench.names(L2).toSorted()).toEqual([OWN_L2, "l2-default.web.n2"].toSorted());
  });

  it("leaves the statuses of nodes that serve together, of which the first by name removes the others'", async () => {
    const shared = (...sharedBy: readonly string[]): L2AnnouncementFacts => ({
      ...facts(["198.51.100.1"], "all"),
      sharedBy,
    });
    const bench = createBench();
    bench.statuses.start();
    for (const node of ["n0", "n2", "n3"]) bench.putByOther(L2, node);
    bench.statuses.layer2Announced(KEY, shared("n0", "n1", "n2"));
    await bench.pass(20_000);
    const nodesLeft = (): readonly string[] =>
      bench
        .names(L2)
        .map((name) => name.slice(-2))
        .toSorted();
    expect(nodesLeft()).toEqual(["n0", "n1", "n2", "n3"]);
    // n0 is lost: this node is the first now.
    bench.statuses.layer2Announced(KEY, shared("n1", "n2"));
    await bench.pass(5_000);
    expect(nodesLeft()).toEqual(["n1", "n2"]);
    bench.takeWrites();
    bench.statuses.layer2Announced(KEY, { ...shared("n1", "n2"), clients: 16 });
    await bench.pass(5_000);
    expect(bench.takeWrites()).toHaveLength(1);
    const statuses = [...bench.server.objects(`/apis/metallb.io/v1beta1/${L2}`).values()];
    expect(statuses.map((object) => object["status"])).toContainEqual(expect.objectContaining({ clients: 16 }));
  });

  it("writes its status again that another node removed or changed", async () => {
    const bench = createBench();
    bench.statuses.start();
    bench.statuses.layer2Announced(KEY, facts(["198.51.100.1"], "all"));
    await bench.pass(10_000);
    bench.server.handle({ method: "DELETE", path: `${path(L2)}/${OWN_L2}` });
    await bench.pass(10_000);
    expect(bench.names(L2)).toEqual([OWN_L2]);
    bench.server.handle({
      method: "PATCH",
      path: `${path(L2)}/${OWN_L2}`,
      query: {},
      body: { status: { node: "someone" } },
    });
    await bench.pass(10_000);
    const [status] = bench.server.objects(`/apis/metallb.io/v1beta1/${L2}`).values();
    expect(status?.["status"]).toMatchObject({ node: "n1" });
  });

  it("removes after its start the statuses that an earlier run of this node left, and no other node's", async () => {
    const bench = createBench();
    bench.putByOther(L2, "n1", "old");
    bench.putByOther(BGP, "n1", "old");
    bench.putByOther(L2, "n2", "old");
    bench.statuses.start();
    bench.statuses.layer2Announced(KEY, facts(["198.51.100.1"], "all"));
    await bench.pass(5_000);
    expect(bench.names(L2).toSorted()).toEqual(["l2-default.old.n1", "l2-default.old.n2", OWN_L2].toSorted());
    await bench.pass(60_000);
    expect(bench.names(L2).toSorted()).toEqual(["l2-default.old.n2", OWN_L2].toSorted());
    expect(bench.names(BGP)).toEqual([]);
  });

  it("removes few of them at a time, and none of a Service that is announced before its turn", async () => {
    const bench = createBench();
    for (let service = 0; service < 10; service++) bench.putByOther(L2, "n1", `old${service}`);
    const onTheWire: (() => void)[] = [];
    bench.process.keeps = ({ request: { method }, land }) => method === "DELETE" && onTheWire.push(land) > 0;
    bench.statuses.start();
    await bench.pass(20_000);
    expect(onTheWire).toHaveLength(2);
    bench.statuses.layer2Announced("default/old9", facts(["198.51.100.9"], "all"));
    for (let land = onTheWire.shift(); land !== undefined; land = onTheWire.shift()) {
      land();
      await bench.pass(1_000);
    }
    expect(bench.names(L2)).toEqual(["l2-default.old9.n1"]);
    expect(bench.takeWrites().filter((write) => write.startsWith("DELETE"))).toHaveLength(9);
  });

  it("gives its statuses the Pod as owner", async () => {
    const pod = { apiVersion: "v1", kind: "Pod", name: "speaker-x", uid: "u" };
    const bench = createBench(() => pod);
    bench.statuses.start();
    bench.statuses.bgpAnnounced(KEY, ["b", "a"]);
    await bench.pass(10_000);
    const [status] = bench.server.objects(`/apis/metallb.io/v1beta1/${BGP}`).values();
    expect(status?.metadata?.ownerReferences).toEqual([pod]);
    expect(status?.["status"]).toMatchObject({ peers: ["a", "b"] });
  });

  it("writes the addresses anew when they change", async () => {
    const bench = createBench();
    bench.statuses.start();
    bench.statuses.layer2Announced(KEY, facts(["198.51.100.1"], "all"));
    await bench.pass(10_000);
    bench.takeWrites();
    bench.statuses.layer2Announced(KEY, facts(["198.51.100.2", "2001:db8::2"], "all"));
    await bench.pass(10_000);
    expect(bench.takeWrites()).toEqual([`PATCH ${L2}/${OWN_L2}/status`]);
    const [status] = bench.server.objects(`/apis/metallb.io/v1beta1/${L2}`).values();
    expect(status?.["status"]).toMatchObject({ addresses: ["198.51.100.2", "2001:db8::2"] });
  });

  it("leaves the addresses out where the CRD is MetalLB's", async () => {
    const bench = createBench();
    const handle = bench.server.handle.bind(bench.server);
    bench.server.handle = (request) =>
      JSON.stringify(request.body ?? {}).includes("addresses")
        ? err({
            code: "InternalError",
            status: 500,
            reason: "",
            message: "failed to create typed patch object: .status.addresses: field not declared in schema",
            retryAfter: null,
          })
        : handle(request);
    bench.statuses.start();
    for (const key of [KEY, "default/other"]) bench.statuses.layer2Announced(key, facts(["198.51.100.1"], "all"));
    await bench.pass(30_000);
    const objects = [...bench.server.objects(`/apis/metallb.io/v1beta1/${L2}`).values()];
    expect(objects.map((each) => (each["status"] as { readonly node?: string }).node)).toEqual(["n1", "n1"]);
    bench.takeWrites();
    await bench.pass(60_000);
    expect(bench.takeWrites()).toEqual([]);
  });

  it("writes nothing after it was stopped", async () => {
    const bench = createBench();
    bench.statuses.start();
    await bench.pass(10_000);
    bench.takeWrites();
    bench.statuses.stop();
    bench.statuses.layer2Announced(KEY, facts(["198.51.100.1"], "all"));
    await bench.pass(60_000);
    expect(bench.takeWrites()).toEqual([]);
  });
});
