import {
  BRIDGE,
  HERALD_NAMESPACE,
  type Lab,
  type LabNode,
  Namespace,
  type Scope,
  startLab,
  until,
} from "@herald-lb/lab";
import { captureClaims } from "../failover/claims.ts";
import { untilAddresses } from "../lab-service.ts";

const CLIENT = "198.18.0.100";

/** A pool for the fabric, announced by the first node alone, on interfaces of these names. */
const manifest = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: fabric, namespace: ${HERALD_NAMESPACE}}
spec: {addresses: ["198.18.0.200-198.18.0.210"]}
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

/**
 * A second segment of a lab, to which one node and a client are plugged. Nodes reach each other and the API server over the lab's own segment, so
 * that nothing but Herald speaks for the node here: its interfaces have no addresses.
 */
export class Fabric {
  readonly lab: Lab;
  readonly node: LabNode;
  readonly bridge: Namespace;
  readonly client: Namespace;
  readonly #scope: Scope;
  #address = "";

  private constructor(scope: Scope, lab: Lab, bridge: Namespace, client: Namespace) {
    const [node] = lab.topology.nodes;
    if (node === undefined) throw new Error("the lab has no node");
    this.#scope = scope;
    this.lab = lab;
    this.node = node;
    this.bridge = bridge;
    this.client = client;
  }

  /** Starts a lab, and the fabric beside it; resolves when a Service has an address for it. */
  static async start(scope: Scope, assets: string): Promise<Fabric> {
    const lab = await startLab(scope, { assets });
    const bridge = await Namespace.create(scope, "fabric");
    await bridge.addBridge(BRIDGE);
    const client = await Namespace.create(scope, "fabric-client");
    const port = { interface: "eth0", addresses: [`${CLIENT}/24`] };
    await client.connect(port, { namespace: bridge, name: BRIDGE, port: "p-client" });
    const fabric = new Fabric(scope, lab, bridge, client);
    await fabric.node.namespace.run("sysctl", ["-qw", "net.ipv6.conf.default.disable_ipv6=1"]);
    await lab.cluster.startWorkload({ app: "web" });
    await lab.cluster.apply(manifest);
    await lab.cluster.expose({ namespace: "default", name: "web" }, "http");
    [fabric.#address = ""] = await untilAddresses(lab, "web", 1);
    return fabric;
  }

  /** The Service's address. */
  get address(): string {
    return this.#address;
  }

  /** Plugs the node in by a new interface. */
  async plug(name: string, mac: string): Promise<void> {
    const port = { interface: name, addresses: [], mac };
    await this.node.namespace.connect(port, { namespace: this.bridge, name: BRIDGE, port: `p-${name}` });
  }

  /** Waits until the client, which forgets before each try, resolves the address to a hardware address. */
  async untilResolved(mac: string): Promise<void> {
    await until(`the client to find ${this.address} at ${mac}`, async () => (await this.#resolve()) === mac);
  }

  /** Waits until the client hears nothing but one hardware address in so many resolutions. */
  async untilAlone(mac: string, times: number): Promise<void> {
    await until(`${this.address} to be claimed by ${mac} alone`, async () => {
      const claimants = await this.claimants(times);
      return claimants.size === 1 && claimants.has(mac);
    });
  }

  /** Has the client resolve the address so many times, and returns every hardware address that claimed it meanwhile. */
  async claimants(times: number): Promise<ReadonlySet<string>> {
    const capture = await captureClaims(this.#scope, { namespace: this.client });
    for (let time = 0; time < times; time++) await this.#resolve();
    const claims = await capture.claims();
    return new Set(claims.filter(({ address }) => address === this.address).map(({ mac }) => mac));
  }

  /** Sends datagrams to the address from the client. */
  async send(count: number): Promise<void> {
    await this.client.run("bash", ["-c", `for i in $(seq ${count}); do echo . > /dev/udp/${this.address}/9; done`]);
  }

  async #resolve(): Promise<string | null> {
    await this.client.ip("neigh", "flush", "to", this.address);
    await this.send(1);
    return until(
      "an entry",
      async () => {
        const text = await this.client.ip("-j", "neigh", "show", "to", this.address);
        const [entry] = JSON.parse(text === "" ? "[]" : text) as readonly { readonly lladdr?: string }[];
        return entry?.lladdr ?? null;
      },
      { timeoutMs: 2_000 },
    );
  }
}
