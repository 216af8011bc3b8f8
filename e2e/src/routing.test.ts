import { type Bird, BIRD_AS, type Lab, PLAN, Scope, startBird, startLab, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { untilAddresses, untilAnswer } from "./lab-service.ts";
import { birdPaths, frrPaths, type HeldPath } from "./routing/routers.ts";

const assets = labAssets();

const pool = (name: string, addresses: readonly string[]): string => `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: ${name}, namespace: metallb-system}
spec: {autoAssign: false, addresses: ${JSON.stringify(addresses)}}
---`;
const advertisement = (name: string, more: string): string => `
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: {name: ${name}, namespace: metallb-system}
spec: {ipAddressPools: [${name}]${more}}
---`;
const peer = (name: string, as: number, address: string, more = ""): string => `
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: {name: ${name}, namespace: metallb-system}
spec: {myASN: ${PLAN.clusterAs}, peerASN: ${as}, peerAddress: "${address}", connectTime: 1s${more}}
---`;
const service = (name: string, from: string, policy = "Cluster"): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: default, annotations: {metallb.io/address-pool: ${from}}}
spec:
  type: LoadBalancer
  externalTrafficPolicy: ${policy}
  ipFamilyPolicy: RequireDualStack
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}]
---`;
const hostPrefix = (address: string): string => `${address}/${address.includes(":") ? 128 : 32}`;

describe.skipIf(assets === null)("FRR and BIRD, with the speakers of three nodes", () => {
  let scope: Scope;
  let lab: Lab;
  let bird: Bird;

  /** A path from every node named, or from all. */
  const pathsFrom = (prefix: string, names?: readonly string[]): readonly Partial<HeldPath>[] =>
    lab.topology.nodes
      .filter(({ name }) => names?.includes(name) ?? true)
      .map(({ ipv4, ipv6 }) => ({
        nextHop: prefix.includes(":") ? ipv6 : ipv4,
        asPath: String(PLAN.clusterAs),
        origin: "IGP",
      }));
  const external = (prefix: string): string => (prefix.includes(":") ? "external6" : "external4");

  /** Waits until both routers hold as many external ways to a prefix as `count`, and returns them. */
  const untilHeld = (prefix: string, count: number): Promise<readonly (readonly HeldPath[])[]> =>
    until(`FRR and BIRD to hold ${count} ways to ${prefix}`, async () => {
      const held = [await frrPaths(lab.router, prefix), await birdPaths(bird, prefix, external(prefix))];
      return held.every((paths) => paths.length === count) && held;
    });

  beforeAll(async () => {
    scope = new Scope();
    lab = await startLab(scope, { assets: assets ?? "" });
    const { router } = lab.topology;
    bird = await startBird(scope, lab.topology);
    await lab.cluster.startWorkload({ app: "web" });
    await lab.cluster.apply(
      [
        pool("routed", ["203.0.113.0/25", "2001:db8:0:113::/116"]),
        pool("marked", ["203.0.113.128/25", "2001:db8:0:113::8000/116"]),
        advertisement("routed", ""),
        peer("frr4", PLAN.routerAs, router.ipv4),
        peer("frr6", PLAN.routerAs, router.ipv6),
        peer("bird4", BIRD_AS, bird.ipv4),
        peer("bird6", BIRD_AS, bird.ipv6),
        peer("internal4", PLAN.clusterAs, bird.internalIpv4),
        service("web", "routed"),
      ].join(""),
    );
    await lab.cluster.expose({ namespace: "default", name: "web" }, "http");
  });
  afterAll(() => scope.close());

  it("hold the routes over IPv4 and IPv6 with the right next hop, AS_PATH and ORIGIN", async () => {
    for (const address of await untilAddresses(lab, "web", 2)) {
      const prefix = hostPrefix(address);
      const expected = pathsFrom(prefix);
      expect(await untilHeld(prefix, 3)).toMatchObject([expected, expected]);
      expect((await untilAnswer(lab.topology.farClient, address)).pod).toMatch(/^web-/);
    }
  });
});
