/** MetalLB's ConfigMap of 0.9 to 0.12 on a real API server: in force as it is, with slips in it, and moved on from. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  HERALD_NAMESPACE,
  kubectlPath,
  type Lab,
  neighbourOf,
  PLAN,
  run,
  Scope,
  startLab,
  until,
} from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { untilEvent } from "./bad-input/events.ts";
import { addressesOf, untilAddresses, untilAnswer } from "./lab-service.ts";
import { service, type ServiceOptions } from "./old-config-map/service-manifest.ts";
import { frrNeighbors, frrPaths } from "./routing/routers.ts";

const assets = labAssets();
const root = resolve(import.meta.dirname, "../..");
const about = { kind: "ConfigMap", name: "config", namespace: HERALD_NAMESPACE };

describe.skipIf(assets === null)("the old ConfigMap", () => {
  let scope: Scope;
  let lab: Lab;

  /** Applies an old tutorial's file as a user does. */
  const applyFile = (name: string): Promise<string> =>
    lab.cluster.kubectl(["apply", "-f", join(import.meta.dirname, "old-config-map", name)]);
  /** Changes the ConfigMap as `kubectl edit` does. */
  const edit = async (change: (config: string) => string): Promise<void> => {
    const config = await lab.cluster.kubectl([
      "get",
      "configmap",
      "config",
      "-n",
      HERALD_NAMESPACE,
      "-o",
      "jsonpath={.data.config}",
    ]);
    const patch = JSON.stringify({ data: { config: change(config) } });
    await lab.cluster.kubectl(["patch", "configmap", "config", "-n", HERALD_NAMESPACE, "--type=merge", "-p", patch]);
  };
  const expose = async (name: string, options: ServiceOptions = {}, nodes?: readonly string[]): Promise<string> => {
    await lab.cluster.apply(service(name, options));
    await lab.cluster.expose({ namespace: "default", name }, "http", nodes);
    const [address = ""] = await untilAddresses(lab, name, 1);
    return address;
  };
  const versionOf = (name: string): Promise<string> =>
    lab.cluster.kubectl(["get", "service", name, "-o", "jsonpath={.metadata.resourceVersion}"]);
  const eventsOf = async (reason: string): Promise<number> => {
    const selector = `--field-selector=involvedObject.kind=ConfigMap,reason=${reason}`;
    const text = await lab.cluster.kubectl(["get", "events", "-n", HERALD_NAMESPACE, selector, "-o", "json"]);
    const { items } = JSON.parse(text) as { readonly items: readonly { readonly count?: number }[] };
    return items.reduce((sum, { count = 1 }) => sum + count, 0);
  };
  /** Runs every command of the guide as it stands there; gives what `kubectl apply` says. */
  const moveOn = async (): Promise<readonly string[]> => {
    const guide = readFileSync(join(root, "docs/guides/old-configmap.md"), "utf8");
    const commands = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = ""]) => text).join("");
    const folder = mkdtempSync(join(scope.folder, "guide-"));
    const put = (name: string, command: string): void =>
      writeFileSync(join(folder, name), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
    const { name } = lab.topology.apiServer.namespace;
    put("kubectl", `ip netns exec ${name} ${kubectlPath()} --kubeconfig ${lab.cluster.kubeconfig}`);
    put("herald", join(root, "bin/herald"));
    const said = await run("sh", ["-e", "-c", `cd ${folder}; PATH=${folder}:$PATH\n${commands}`]);
    expect(said).toContain("OldConfiguration");
    expect(said).toContain('configmap "config" deleted');
    return said.split("\n").filter((line) => line.endsWith(" created"));
  };

  beforeAll(async () => {
    scope = new Scope();
    lab = await startLab(scope, { assets: assets ?? "" });
    await lab.cluster.startWorkload({ app: "web" });
  });
  afterAll(() => scope.close());

  describe("of layer 2", () => {
    beforeAll(() => applyFile("layer2.yaml"));

    it("gives a Service the first address of a-b, for which a node answers", async () => {
      expect(await expose("nginx")).toBe("192.0.2.240");
      expect((await untilAnswer(lab.topology.client, "192.0.2.240")).pod).toMatch(/^web-[123]$/);
      const announcer = await neighbourOf(lab.topology.client.namespace, "192.0.2.240");
      expect(lab.topology.nodes.map(({ mac }) => mac)).toContain(announcer);
    });

    it("has an Event that says how to move on, and says it once", async () => {
      const { message, type } = await untilEvent(lab, about, ({ reason }) => reason === "OldConfiguration");
      expect(type).toBe("Normal");
      expect(message).toContain("kubectl get configmap -n metallb-system config -o yaml | herald migrate --source -");
      expect(await eventsOf("OldConfiguration")).toBe(1);
    });

    it.each([
      {
        name: "that is no YAML",
        service: "no-yaml",
        change: (config: string) => `${config}: [`,
        message: "data.config: line",
      },
      {
        name: "that misspells a section",
        service: "section",
        change: (config: string) => config.replace("address-pools", "adress-pools"),
        message: "adress-pools: line 1: unknown key",
      },
      {
        name: "that misspells a key of the pool",
        service: "key",
        change: (config: string) => config.replace("protocol", "protokol"),
        message: 'address-pools[0].protokol: line 3: unknown key "protokol"',
      },
      {
        name: "that misspells an address",
        service: "address",
        change: (config: string) => config.replace("192.0.2.250", "192.0.2.2500"),
        message:
          'address-pools[0].addresses[0]: line 5: "192.0.2.240-192.0.2.2500" is a range whose end is not an IP address',
      },
    ])("loses nothing by an edit $name, and tells of it", async ({ change, message, service: name }) => {
      const version = await versionOf("nginx");
      let before = "";
      await edit((config) => change((before = config)));
      const event = await untilEvent(lab, about, (each) => each.message.includes(message));
      expect(event).toMatchObject({
        type: "Warning",
        message: expect.stringContaining("the earlier entry stays in effect") as string,
      });
      // The pool is in force as it was: it still gives, and what it gave is still announced.
      const address = await expose(name);
      expect(address).toMatch(/^192\.0\.2\.24[1-9]$/);
      for (const each of ["192.0.2.240", address])
        expect((await untilAnswer(lab.topology.client, each)).pod).toMatch(/^web-/);
      expect(await versionOf("nginx")).toBe(version);
      await edit(() => before);
      await lab.cluster.kubectl(["delete", "service", name]);
    });

    it("leaves Services as they are when a controller begins with what it cannot read, and goes on once it can", async () => {
      const version = await versionOf("nginx");
      let before = "";
      await edit((config) => `${(before = config)}: [`);
      await lab.controller.stop("SIGTERM");
      const controller = lab.cluster.startController();
      await until("the new controller to lead", async () => controller.output().includes('"msg":"leading"'));
      await lab.cluster.apply(service("waiting"));
      await lab.cluster.expose({ namespace: "default", name: "waiting" }, "http");
      // The Event comes after the first look at every Service that is there.
      await untilEvent(
        lab,
        about,
        ({ message }) => message.startsWith("data.config: line") && !message.includes("stays"),
      );
      expect(await addressesOf(lab, "waiting")).toEqual([]);
      expect((await untilAnswer(lab.topology.client, "192.0.2.240")).pod).toMatch(/^web-/);
      await edit(() => before);
      expect(await untilAddresses(lab, "waiting", 1)).toEqual(["192.0.2.241"]);
      expect(await versionOf("nginx")).toBe(version);
      await lab.cluster.kubectl(["delete", "service", "waiting"]);
    });

    it("gives way to the objects of herald migrate, and no address moves", async () => {
      const version = await versionOf("nginx");
      expect(await moveOn()).toEqual([
        "ipaddresspool.metallb.io/default created",
        "l2advertisement.metallb.io/l2advertisement1 created",
      ]);
      expect(await expose("after")).toBe("192.0.2.241");
      for (const address of ["192.0.2.240", "192.0.2.241"])
        expect((await untilAnswer(lab.topology.client, address)).pod).toMatch(/^web-[123]$/);
      expect(await addressesOf(lab, "nginx")).toEqual(["192.0.2.240"]);
      expect(await versionOf("nginx")).toBe(version);
    });

    afterAll(async () => {
      await lab.cluster.kubectl(["delete", "service", "nginx", "after", "--ignore-not-found"]);
      await lab.cluster.kubectl(["delete", "ipaddresspools,l2advertisements", "--all", "-n", HERALD_NAMESPACE]);
    });
  });

  describe("of BGP", () => {
    const routed = [
      { name: "first", address: "203.0.113.0" },
      { name: "second", address: "203.0.113.1" },
      { name: "asked", address: "203.0.113.254" },
    ];
    const nextHops = (names?: readonly string[]): readonly { readonly nextHop: string; readonly asPath: string }[] =>
      lab.topology.nodes
        .filter(({ name }) => names?.includes(name) ?? true)
        .map(({ ipv4 }) => ({ nextHop: ipv4, asPath: String(PLAN.clusterAs) }));
    const untilRoutes = (address: string, nodes?: readonly string[]): Promise<unknown> =>
      until(`FRR to hold ${address}/32 from ${nodes?.join(" and ") ?? "every node"}`, async () => {
        const paths = await frrPaths(lab.router, `${address}/32`);
        return (
          JSON.stringify(paths.map(({ nextHop, asPath }) => ({ nextHop, asPath }))) === JSON.stringify(nextHops(nodes))
        );
      });
    const sessions = async (): Promise<readonly number[]> => {
      const neighbors = await frrNeighbors(lab.router);
      return lab.topology.nodes.map(({ ipv4 }) => neighbors[ipv4]?.connectionsEstablished ?? 0);
    };

    /** The number of UPDATEs that each node has sent: a route that is withdrawn and announced again takes two. */
    const updates = async (): Promise<readonly number[]> => {
      type Counted = Readonly<Record<string, { readonly messageStats: { readonly updatesRecv: number } }>>;
      const neighbors = await lab.router.showJson<Counted>("show bgp neighbors json");
      return lab.topology.nodes.map(({ ipv4 }) => neighbors[ipv4]?.messageStats.updatesRecv ?? 0);
    };

    beforeAll(() => applyFile("bgp.yaml"));

    it("gives .0 and .1 of a /24, and .254 to who asks for it, each a /32 at the router", async () => {
      for (const { name, address } of routed) {
        expect(await expose(name, name === "asked" ? { address } : {})).toBe(address);
        await untilRoutes(address);
        expect((await untilAnswer(lab.topology.farClient, address)).pod).toMatch(/^web-[123]$/);
      }
    });

    it("announces a Service with the policy Local from the nodes of its endpoints alone", async () => {
      const address = await expose("local", { policy: "Local" }, ["node-b"]);
      expect(address).toBe("203.0.113.2");
      await untilRoutes(address, ["node-b"]);
      const { farClient } = lab.topology;
      expect(await untilAnswer(farClient, address)).toEqual({ pod: "web-2", saw: farClient.ipv4 });
      await lab.cluster.expose({ namespace: "default", name: "local" }, "http", ["node-a", "node-c"]);
      await untilRoutes(address, ["node-a", "node-c"]);
    });

    it("keeps its sessions when the peer is written wrongly, and tells of it", async () => {
      const before = await sessions();
      expect(before).toEqual([1, 1, 1]);
      let config = "";
      await edit((text) => (config = text).replace("peer-asn: 64500", "peer-asn: 64500\n  bfdProfile: full"));
      const { message } = await untilEvent(lab, about, (each) => each.message.includes("bfdProfile"));
      expect(message).toContain('write "bfd-profile"; the earlier entry stays in effect');
      await edit(() => config);
      for (const { address } of routed) await untilRoutes(address);
      expect(await sessions()).toEqual(before);
    });

    it("gives way to the objects of herald migrate: no address moves, no session goes down, no route is lost", async () => {
      const before = await sessions();
      const sent = await updates();
      const versions = await Promise.all(routed.map(({ name }) => versionOf(name)));
      expect(await moveOn()).toEqual([
        "bgppeer.metallb.io/peer1 created",
        "ipaddresspool.metallb.io/default created",
        "bgpadvertisement.metallb.io/bgpadvertisement1 created",
      ]);
      expect(await updates()).toEqual(sent);
      expect(await expose("after")).toBe("203.0.113.3");
      await untilRoutes("203.0.113.3");
      for (const { address } of routed) {
        await untilRoutes(address);
        expect((await untilAnswer(lab.topology.farClient, address)).pod).toMatch(/^web-/);
      }
      expect(await Promise.all(routed.map(({ name }) => versionOf(name)))).toEqual(versions);
      expect(await sessions()).toEqual(before);
    });

    it("takes the place of the objects again, as smoothly", async () => {
      const before = await sessions();
      const sent = await updates();
      const versions = await Promise.all(routed.map(({ name }) => versionOf(name)));
      await applyFile("bgp.yaml");
      await untilEvent(lab, about, ({ message }) => /^peers\[0\]: BGPPeer "[^"]*" replaces the entry/.test(message));
      await lab.cluster.kubectl([
        "delete",
        "ipaddresspools,bgppeers,bgpadvertisements",
        "--all",
        "-n",
        HERALD_NAMESPACE,
      ]);
      expect(await expose("back")).toBe("203.0.113.4");
      await untilRoutes("203.0.113.4");
      for (const { address } of routed) await untilRoutes(address);
      // One each, for the Service that is new.
      expect(await updates()).toEqual(sent.map((count) => count + 1));
      expect(await Promise.all(routed.map(({ name }) => versionOf(name)))).toEqual(versions);
      expect(await sessions()).toEqual(before);
    });
  });
});
