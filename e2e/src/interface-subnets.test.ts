/** `interfaceSelection: Subnet`: the address of a Service is on a subnet on which only some nodes have an address, which come and go. */
import { type Lab, type LabNode, neighbourOf, Scope, startLab, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";

const ADDRESS = "203.0.113.200";
const OBJECTS = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: other, namespace: metallb-system}
spec: {addresses: [${ADDRESS}/32]}
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: {name: other, namespace: metallb-system}
spec: {ipAddressPools: [other], interfaceSelection: Subnet}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
`;
const assets = labAssets();

interface Status {
  readonly node: string;
  readonly interfaces?: readonly { readonly name: string }[];
}

describe.skipIf(assets === null)("an address that is announced from interfaces on its subnet alone", () => {
  const scope = new Scope();
  let lab: Lab;
  let nodes: readonly LabNode[];

  const items = async <Item>(...what: readonly string[]): Promise<readonly Item[]> =>
    (JSON.parse(await lab.cluster.kubectl(["get", ...what, "-A", "-o", "json"])) as { readonly items: readonly Item[] })
      .items;
  const statuses = async (): Promise<readonly Status[]> =>
    (await items<{ readonly status: Status }>("servicel2statuses")).map(({ status }) => status);
  const addressOf = (node: LabNode): string => `203.0.113.${11 + nodes.indexOf(node)}/24`;
  const join = (node: LabNode): Promise<string> => node.namespace.ip("addr", "add", addressOf(node), "dev", "eth0");
  const leave = (node: LabNode): Promise<string> => node.namespace.ip("addr", "del", addressOf(node), "dev", "eth0");
  /** The station that the client's kernel finds for the address, asked anew; null for none. */
  const answerer = async (): Promise<string | null> => {
    const { namespace } = lab.topology.client;
    await namespace.ip("neigh", "flush", "to", ADDRESS);
    await namespace.run("curl", ["--silent", "--max-time", "1", `http://${ADDRESS}:9/`]).catch(() => {});
    return neighbourOf(namespace, ADDRESS);
  };
  const untilAnnouncedBy = async (node: LabNode): Promise<void> => {
    await until(`${node.name} to answer`, async () => (await answerer()) === node.mac);
    await until("the status to name the node and its interface", async () => {
      const [now, ...more] = await statuses();
      return more.length === 0 && now?.node === node.name && String(now.interfaces?.map(({ name }) => name)) === "eth0";
    });
  };

  beforeAll(async () => {
    lab = await startLab(scope, { assets: assets ?? "" });
    ({ nodes } = lab.topology);
    await lab.topology.client.namespace.ip("addr", "add", "203.0.113.100/24", "dev", "eth0");
    await lab.cluster.startWorkload({ app: "web" });
    await lab.cluster.apply(OBJECTS);
    await lab.cluster.expose({ namespace: "default", name: "web" }, "http");
  });
  afterAll(() => scope.close());

  it("is announced by nobody while no node is on the subnet, which one Event says", async () => {
    const failures = async (): Promise<readonly string[]> => {
      const events = await items<{ readonly reason: string; readonly message: string }>("events");
      return events.filter(({ reason }) => reason === "announceFailed").map(({ message }) => message);
    };
    await until("an Event that says so", async () => (await failures()).length > 0);
    expect(new Set(await failures())).toEqual(
      new Set([
        `no node that may announce the service has an interface on the subnet of "${ADDRESS}", which interfaceSelection Subnet of the L2Advertisement requires; nobody answers until one has`,
      ]),
    );
    expect([await statuses(), await answerer()]).toEqual([[], null]);
  });

  it("is announced by the node that comes onto the subnet, and by another when that one leaves it", async () => {
    for (const [at, node] of nodes.entries()) {
      await join(node);
      if (at > 0) await leave(nodes[at - 1] as LabNode);
      await untilAnnouncedBy(node);
    }
  });

  it("stays on a node of the subnet when the speaker of that one ends", async () => {
    const [first] = nodes;
    const last = nodes.at(-1);
    if (first === undefined || last === undefined) throw new Error("no nodes");
    await join(first);
    await lab.speakers.get(last.name)?.stop("SIGKILL");
    await untilAnnouncedBy(first);
  });
});
