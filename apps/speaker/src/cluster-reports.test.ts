import type { Node, Pod } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import type { Caches } from "./caches.ts";
import { ClusterReports } from "./cluster-reports.ts";
import type { ToWorker } from "./worker/protocol.ts";

const nodes: readonly Node[] = ["n1", "n2", "n3"].map((name) => ({
  metadata: { name },
  status: { conditions: [{ type: "Ready", status: name === "n3" ? "Unknown" : "True" }] },
}));
const pods: readonly Pod[] = ["192.0.2.1", "", "2001:db8::2"].map((podIP) => ({ status: { podIP } }));

/** The reports of node n1, and what they told. */
function createBench(formsCluster = true): { readonly reports: ClusterReports; readonly told: ToWorker[] } {
  const told: ToWorker[] = [];
  const caches = {
    nodes: { store: { list: () => nodes } },
    pods: formsCluster ? { store: { list: () => pods } } : null,
  } as unknown as Caches;
  return {
    told,
    reports: new ClusterReports({ node: "n1", caches, port: 7946, tell: (message) => void told.push(message) }),
  };
}

describe("ClusterReports", () => {
  it("tell nothing before they start, then the speakers that have an address, the Nodes, and how many others are reachable", () => {
    const { reports, told } = createBench();
    reports.tellNodes();
    reports.tellPeers();
    expect(told).toEqual([]);
    reports.start();
    expect(told).toEqual([
      {
        type: "PeersDesired",
        peers: [
          { address: "192.0.2.1", port: 7946 },
          { address: "2001:db8::2", port: 7946 },
        ],
      },
      { type: "NodesListed", nodes: ["n1", "n2", "n3"] },
      { type: "OthersReachable", count: 1 },
    ]);
  });

  it("tell no peers where the speakers form no memberlist cluster", () => {
    const { reports, told } = createBench(false);
    reports.start();
    reports.tellPeers();
    expect(told.map(({ type }) => type)).toEqual(["NodesListed", "OthersReachable"]);
  });
});
