import { HERALD_NAMESPACE, type Lab, type Manifest, Scope, startLab, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { addressesOf, untilAddresses, untilAnswer } from "./lab-service.ts";

const assets = labAssets();
const CONDITION = "herald-lb.io/LoadBalancerAddressAssigned";

function pool(name: string, spec: Readonly<Record<string, unknown>>): Manifest {
  return {
    apiVersion: "metallb.io/v1beta1",
    kind: "IPAddressPool",
    metadata: { name, namespace: HERALD_NAMESPACE },
    spec: { autoAssign: false, ...spec },
  };
}

function service(name: string, from: string, annotations: Readonly<Record<string, string>> = {}): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default", annotations: { "metallb.io/address-pool": from, ...annotations } },
    spec: {
      type: "LoadBalancer",
      ipFamilyPolicy: "SingleStack",
      ipFamilies: ["IPv4"],
      ports: [{ name: "http", port: 80, targetPort: 8080 }],
      selector: { app: "web" },
    },
  };
}

describe.skipIf(assets === null)("options of a pool, on a real API server", () => {
  let scope: Scope;
  let lab: Lab;

  beforeAll(async () => {
    scope = new Scope();
    lab = await startLab(scope, { assets: assets ?? "", controllerArgs: ["--node-addresses=refuse"] });
    await lab.cluster.startWorkload({ app: "web" });
    await lab.cluster.apply([
      {
        apiVersion: "metallb.io/v1beta1",
        kind: "L2Advertisement",
        metadata: { name: "all", namespace: HERALD_NAMESPACE },
      },
    ]);
  });
  afterAll(() => scope.close());

  const create = async (...manifests: readonly Manifest[]): Promise<void> => {
    for (const { metadata } of manifests) {
      const { name = "" } = metadata as { readonly name?: string };
      await lab.cluster.expose({ namespace: "default", name }, "http");
    }
    await lab.cluster.apply(manifests);
  };
  const conditionOf = async (name: string): Promise<string> =>
    lab.cluster.kubectl([
      "get",
      "service",
      name,
      "-o",
      `jsonpath={range .status.conditions[?(@.type=="${CONDITION}")]}{.status} {.reason} {.message}{end}`,
    ]);

  it("never gives the address of a node or of its router, and says so on the pool", async () => {
    const { router, nodes } = lab.topology;
    const [node] = nodes;
    const addresses = [`${router.ipv4}/32`, `${node?.ipv4}/32`, "192.0.2.200/32"];
    await lab.cluster.apply([pool("around", { addresses })]);
    const message = await until("the pool to name the router and the node", async () => {
      const path = 'jsonpath={.status.conditions[?(@.type=="Accepted")].message}';
      const text = await lab.cluster.kubectl(["get", "ipaddresspool", "around", "-n", HERALD_NAMESPACE, "-o", path]);
      return text.includes(router.ipv4) && text.includes(node?.ipv4 ?? "?") && text;
    });
    expect(message).toContain(node?.name);
    await create(service("around", "around"));
    expect(await untilAddresses(lab, "around", 1)).toEqual(["192.0.2.200"]);
    await create(service("greedy", "around", { "metallb.io/loadBalancerIPs": router.ipv4 }));
    const condition = await until("the refusal on the Service", async () => (await conditionOf("greedy")) || false);
    expect(condition).toContain("False AddressExcluded");
    expect(condition).toContain(router.ipv4);
  });

  it("keeps an address for a Service that does not exist yet", async () => {
    const reservations = [{ namespace: "default", name: "expected", addresses: ["192.0.2.210"] }];
    await lab.cluster.apply([pool("reserved", { addresses: ["192.0.2.210-192.0.2.211"], reservations })]);
    await create(service("early", "reserved"));
    expect(await untilAddresses(lab, "early", 1)).toEqual(["192.0.2.211"]);
    await create(service("expected", "reserved"));
    expect(await untilAddresses(lab, "expected", 1)).toEqual(["192.0.2.210"]);
  });

  it("gives a Service that was deleted its address back, also by another leader than the one that saw it go", async () => {
    await lab.cluster.apply([pool("sticky", { addresses: ["192.0.2.220-192.0.2.222"], sticky: true })]);
    for (const name of ["one", "two", "three"]) {
      await create(service(name, "sticky"));
      await untilAddresses(lab, name, 1);
    }
    expect(await addressesOf(lab, "two")).toEqual(["192.0.2.221"]);
    await lab.cluster.kubectl(["delete", "service", "one", "two"]);
    await until("the releases to be written down", async () => {
      const text = await lab.cluster.kubectl(["get", "configmap", "-n", HERALD_NAMESPACE, "-o", "yaml"]);
      return text.includes("192.0.2.221");
    });
    process.kill(lab.controller.pid, "SIGTERM");
    await lab.controller.exited;
    lab.cluster.startController(["--node-addresses=refuse"]);
    await create(service("two", "sticky"));
    expect(await untilAddresses(lab, "two", 1)).toEqual(["192.0.2.221"]);
  });

  it("gives a Service two addresses of one family, both of which answer", async () => {
    await lab.cluster.apply([pool("several", { addresses: ["192.0.2.230-192.0.2.239"] })]);
    await create(service("twofold", "several", { "herald-lb.io/addresses-per-family": "2" }));
    const addresses = await untilAddresses(lab, "twofold", 2);
    expect(addresses).toEqual(["192.0.2.230", "192.0.2.231"]);
    for (const address of addresses) expect((await untilAnswer(lab.topology.client, address)).pod).toMatch(/^web-/);
  });

  it("stops at the quota of a namespace, and says whose and how much", async () => {
    await lab.cluster.apply([pool("meted", { addresses: ["192.0.2.240-192.0.2.249"], maxAddressesPerNamespace: 1 })]);
    await create(service("first", "meted"));
    await untilAddresses(lab, "first", 1);
    await create(service("second", "meted"));
    const condition = await until("the refusal on the Service", async () => (await conditionOf("second")) || false);
    expect(condition).toMatch(/^False .*"default".* 1 /);
    await lab.cluster.kubectl(["delete", "service", "first"]);
    expect(await untilAddresses(lab, "second", 1)).toEqual(["192.0.2.240"]);
    expect(await conditionOf("second")).toContain("True AddressAssigned");
  });
});
