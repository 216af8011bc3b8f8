import { join, resolve } from "node:path";
import { ClientCrowd, HERALD_NAMESPACE, type Lab, POD_PORT, Scope, startLab, until } from "@herald-lb/lab";

/** The links of the nodes, in Mbit/s. */
const LINK = 100;
const CLIENTS = 64;
const ROOT: string = resolve(import.meta.dirname, "../../..");
const NODE: string = join(ROOT, "node_modules/.bin/node");

/** The throughput of clients that download all at once from one address, in Mbit/s. */
export interface Throughput {
  readonly total: number;
  /** By node; 0 for a node that served nobody. */
  readonly byNode: ReadonlyMap<string, number>;
}

/** One Service's traffic, first by one node and then by all. */
export interface TrafficResult {
  readonly oneNode: Throughput;
  readonly perClient: Throughput;
  /** The longest time without an answer of the clients of a lost node, and of the other clients, one of each for every loss. Milliseconds. */
  readonly gaps: readonly { readonly own: number; readonly others: number }[];
}

/** Measures one Service of a lab with four nodes, each with a pod and a link of 100 Mbit/s to it. `assets` is the folder of kube-apiserver. */
export async function measureTraffic(assets: string, seconds: number, losses: number): Promise<TrafficResult> {
  const scope = new Scope();
  try {
    const lab = await startLab(scope, { assets, nodes: 4 });
    const crowd = await ClientCrowd.attach(scope, lab, CLIENTS);
    for (const { pod } of lab.topology.nodes) {
      const args = [join(import.meta.dirname, "bulk-server.ts"), pod.name, String(POD_PORT)];
      scope.spawn({ name: pod.name, namespace: pod.namespace.name, command: NODE, args });
      // Between the node and its pod, so that what the speakers say to each other does not wait in the same queue.
      await pod.namespace.run("tc", `qdisc add dev eth0 root tbf rate ${LINK}mbit burst 64kb latency 50ms`.split(" "));
    }
    await lab.cluster.apply(MANIFESTS);
    await lab.cluster.expose({ namespace: "default", name: "bulk" }, "http");
    const address = await until("an address", async () => {
      const path = "jsonpath={.status.loadBalancer.ingress[0].ip}";
      const text = await lab.cluster.kubectl(["get", "service", "bulk", "-o", path]);
      return text !== "" && text;
    });
    await untilServing(lab, 1);
    const oneNode = await download(lab, crowd, address, seconds);
    await patchAdvertisement(lab, { loadSharing: "PerClient" });
    await untilServing(lab, 4);
    const perClient = await download(lab, crowd, address, seconds);
    const gaps = [];
    for (let loss = 0; loss < losses; loss++) gaps.push(await lose(lab, crowd, address, loss));
    return { oneNode, perClient, gaps };
  } finally {
    await scope.close();
  }
}

const MANIFESTS = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: segment, namespace: ${HERALD_NAMESPACE}}
spec: {addresses: [192.0.2.200-192.0.2.210]}
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: {name: segment, namespace: ${HERALD_NAMESPACE}}
spec: {ipAddressPools: [segment]}
---
apiVersion: v1
kind: Service
metadata: {name: bulk, namespace: default}
spec: {type: LoadBalancer, externalTrafficPolicy: Local, selector: {app: bulk}, ports: [{name: http, port: 80, targetPort: 8080}]}
`;

async function patchAdvertisement(lab: Lab, spec: object): Promise<void> {
  const patch = ["--type=merge", "-p", JSON.stringify({ spec })];
  await lab.cluster.kubectl(["patch", "l2advertisement", "segment", "-n", HERALD_NAMESPACE, ...patch]);
}

async function untilServing(lab: Lab, nodes: number): Promise<void> {
  await until(`${nodes} nodes to serve`, async () => {
    const names = await lab.cluster.kubectl(["get", "servicel2statuses", "-n", HERALD_NAMESPACE, "-o", "name"]);
    return names.split("\n").filter((name) => name !== "").length === nodes;
  });
}

async function download(lab: Lab, crowd: ClientCrowd, address: string, seconds: number): Promise<Throughput> {
  await crowd.namespace.ip("neigh", "flush", "to", address);
  const clients = crowd.clients.map(({ ipv4 }) => ipv4).join(",");
  const args = [join(import.meta.dirname, "bulk-client.ts"), `http://${address}/bulk`, "3", String(seconds), clients];
  const { milliseconds, received } = JSON.parse(await crowd.namespace.run(NODE, args)) as {
    readonly milliseconds: number;
    readonly received: readonly { readonly pod: string; readonly octets: number }[];
  };
  const rateOf = (octets: number): number => (octets * 8) / milliseconds / 1_000;
  const byNode = lab.topology.nodes.map(({ name, pod }): [string, number] => [
    name,
    rateOf(received.filter((each) => each.pod === pod.name).reduce((sum, { octets }) => sum + octets, 0)),
  ]);
  return { total: byNode.reduce((sum, [, rate]) => sum + rate, 0), byNode: new Map(byNode) };
}

/** Pulls the cable of one node after another while sixteen clients ask, and puts it back. */
async function lose(
  lab: Lab,
  crowd: ClientCrowd,
  address: string,
  loss: number,
): Promise<{ readonly own: number; readonly others: number }> {
  await crowd.namespace.ip("neigh", "flush", "to", address);
  const clients = crowd.clients.slice(0, 16);
  await crowd.ask(address, clients);
  const before = await crowd.servers(address);
  const lost = lab.topology.nodes[1 + (loss % 3)] ?? lab.topology.nodes[0];
  const asking = crowd.measure(address, clients);
  const began = Date.now();
  await until("the clients to ask", () => Date.now() - began > 2_000);
  await lab.topology.segment.ip("link", "set", `p-${lost?.name ?? ""}`, "down");
  await until("the clients to have asked on", () => Date.now() - began > 6_000);
  const outages = await asking.stop();
  await lab.topology.segment.ip("link", "set", `p-${lost?.name ?? ""}`, "up");
  await untilServing(lab, 4);
  const longest = (isOwn: boolean): number =>
    Math.max(
      ...clients.map((client) => ((before.get(client) === lost) === isOwn ? (outages.get(client)?.lostMs ?? 0) : 0)),
    );
  return { own: longest(true), others: longest(false) };
}
