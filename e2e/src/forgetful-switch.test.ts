/**
 * A switch that forgets a quiet station after five seconds and does not flood what it has no port for. Nodes reach each other and the API server
 * over another network, so that nothing but announcements shows the switch where an address is.
 */
import { BRIDGE, HERALD_NAMESPACE, type Lab, type LabNode, Namespace, Scope, startLab, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { untilAddresses } from "./lab-service.ts";

const assets = labAssets();
/** The node's interface to the switch, and the switch's port for it. */
const UPLINK = "fabric0";
const PORT = "p-uplink";
const MAC = "02:00:5e:00:53:77";
/** The time after which the switch forgets, in hundredths of a second. */
const AGEING = 500;
const CLIENT = "198.18.0.100";
const POOL = "198.18.0.200-198.18.0.210";

const manifest = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: fabric, namespace: ${HERALD_NAMESPACE}}
spec: {addresses: ["${POOL}"]}
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: {name: fabric, namespace: ${HERALD_NAMESPACE}}
spec: {ipAddressPools: [fabric], interfacePatterns: ["^fabric[0-9]+$"], nodeSelectors: [{matchLabels: {kubernetes.io/hostname: node-a}}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
`;

describe.skipIf(assets === null)("behind a switch that forgets, an address", () => {
  const scope = new Scope();
  let lab: Lab;
  let fabric: Namespace;
  let client: Namespace;
  let node: LabNode;
  let address = "";

  const kubectl = (...args: readonly string[]): Promise<string> => lab.cluster.kubectl([...args]);
  const isKnown = async (): Promise<boolean> =>
    (await fabric.run("bridge", ["fdb", "show", "br", BRIDGE])).includes(MAC);
  const arrived = async (): Promise<number> => {
    const text = await node.namespace.ip("-j", "-s", "link", "show", UPLINK);
    const [link] = JSON.parse(text) as readonly { readonly stats64: { readonly rx: { readonly packets: number } } }[];
    return link?.stats64.rx.packets ?? Number.NaN;
  };
  /** Sends datagrams to the address, and returns the number of frames that the node got meanwhile. */
  const sent = async (count: number): Promise<number> => {
    const before = await arrived();
    const loop = `for i in $(seq ${count}); do echo . > /dev/udp/${address}/9; done`;
    await client.run("bash", ["-c", loop]);
    return (await arrived()) - before;
  };

  beforeAll(async () => {
    lab = await startLab(scope, { assets: assets ?? "" });
    [node] = lab.topology.nodes as readonly [LabNode];
    fabric = await Namespace.create(scope, "fabric");
    await fabric.addBridge(BRIDGE);
    await fabric.ip("link", "set", BRIDGE, "type", "bridge", "ageing_time", String(AGEING));
    await node.namespace.run("sysctl", ["-qw", "net.ipv6.conf.default.disable_ipv6=1"]);
    await node.namespace.connect(
      { interface: UPLINK, addresses: [], mac: MAC },
      { namespace: fabric, name: BRIDGE, port: PORT },
    );
    await fabric.run("bridge", ["link", "set", "dev", PORT, "flood", "off"]);
    client = await Namespace.create(scope, "fabric-client");
    await client.connect(
      { interface: "eth0", addresses: [`${CLIENT}/24`] },
      { namespace: fabric, name: BRIDGE, port: "p-client" },
    );
    await lab.cluster.startWorkload({ app: "web" });
    await lab.cluster.apply(manifest);
    await lab.cluster.expose({ namespace: "default", name: "web" }, "http");
    [address = ""] = await untilAddresses(lab, "web", 1);
    // The client does not forget, and so never asks.
    await client.ip("neigh", "replace", address, "lladdr", MAC, "nud", "permanent", "dev", "eth0");
    await until("the node to announce", isKnown);
  });
  afterAll(() => scope.close());

  it("is lost without refreshes, as MetalLB's is", async () => {
    await until("the switch to forget", async () => !(await isKnown()), { timeoutMs: 60_000 });
    expect(await sent(20)).toBe(0);
  });

  it("is served with refreshes", async () => {
    const spec = JSON.stringify({ spec: { refreshInterval: "2s" } });
    await kubectl("patch", "l2advertisement", "fabric", "-n", HERALD_NAMESPACE, "--type=merge", "-p", spec);
    await until("the switch to know the node again", isKnown);
    let looks = 0;
    await until(
      "forty looks at the switch, over four times its memory",
      async () => {
        expect(await isKnown()).toBe(true);
        looks++;
        return looks === 40;
      },
      { timeoutMs: 60_000, everyMs: (4 * AGEING * 10) / 40 },
    );
    expect(await sent(20)).toBeGreaterThanOrEqual(20);
  });
});
