import { join } from "node:path";
import { type Lab, neighbourOf, Scope, startLab, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { untilAddresses, untilAnswer } from "./lab-service.ts";

const assets = labAssets();

describe.skipIf(assets === null)("the manifests of the tutorials", () => {
  let scope: Scope;
  let lab: Lab;

  /** Applies a tutorial's file as a user does. */
  const applyFile = (name: string): Promise<string> =>
    lab.cluster.kubectl(["apply", "-f", join(import.meta.dirname, "tutorials", name)]);
  const expose = (name: string, nodes?: readonly string[]): Promise<void> =>
    lab.cluster.expose({ namespace: "default", name }, "http", nodes);

  const announcerOf = (address: string): Promise<string | null> => neighbourOf(lab.topology.client.namespace, address);

  beforeAll(async () => {
    scope = new Scope();
    lab = await startLab(scope, { assets: assets ?? "" });
    await lab.cluster.startWorkload({ app: "nginx" });
    await applyFile("layer2.yaml");
    await expose("nginx");
  });
  afterAll(() => scope.close());

  it("a pool with an L2Advertisement: the lowest addresses, answered for by a node", async () => {
    expect(await untilAddresses(lab, "nginx", 2)).toEqual(["192.0.2.200", "2001:db8:0:2::200"]);
    for (const address of ["192.0.2.200", "2001:db8:0:2::200"]) {
      expect((await untilAnswer(lab.topology.client, address)).pod).toMatch(/^web-[123]$/);
      expect(lab.topology.nodes.map(({ mac }) => mac)).toContain(await announcerOf(address));
    }
  });

  it("externalTrafficPolicy: Local: the node with an endpoint answers, and the pod sees the client", async () => {
    const { client, nodes } = lab.topology;
    for (const node of nodes) {
      await expose("nginx-local", [node.name]);
      await applyFile("traffic-policy-local.yaml");
      for (const address of await untilAddresses(lab, "nginx-local", 2)) {
        await until(`${node.name} to answer for ${address}`, async () => {
          const { pod } = await untilAnswer(client, address);
          return pod === node.pod.name;
        });
        const { pod, saw } = await untilAnswer(client, address);
        expect({ pod, saw }).toEqual({ pod: node.pod.name, saw: address.includes(":") ? client.ipv6 : client.ipv4 });
        expect(await announcerOf(address)).toBe(node.mac);
      }
    }
  });

  it("spec.loadBalancerIP: the address asked for, of either family", async () => {
    for (const name of ["nginx-fixed", "nginx-fixed-v6"]) await expose(name);
    await applyFile("load-balancer-ip.yaml");
    expect(await untilAddresses(lab, "nginx-fixed", 1)).toEqual(["192.0.2.215"]);
    expect(await untilAddresses(lab, "nginx-fixed-v6", 1)).toEqual(["2001:db8:0:2::215"]);
    for (const address of ["192.0.2.215", "2001:db8:0:2::215"])
      expect((await untilAnswer(lab.topology.client, address)).pod).toMatch(/^web-[123]$/);
  });

  it("metallb.universe.tf/address-pool: addresses of the pool named, which gives none unasked", async () => {
    await expose("nginx-production");
    await applyFile("address-pool-annotation.yaml");
    const addresses = await untilAddresses(lab, "nginx-production", 2);
    expect(addresses).toEqual(["192.0.2.240", "2001:db8:0:2::280"]);
    for (const address of addresses)
      expect((await untilAnswer(lab.topology.client, address)).pod).toMatch(/^web-[123]$/);
  });
});
