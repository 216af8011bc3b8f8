/** The interfaces of a node: bridges, macvlans, two on one segment; renamed, created anew, without an address; and a switch that forgets them. */
import { BRIDGE, HERALD_NAMESPACE, Scope, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { Fabric } from "./fabric/fabric.ts";

const assets = labAssets();
const FIRST = "02:00:5e:00:53:71";
const SECOND = "02:00:5e:00:53:72";
const THIRD = "02:00:5e:00:53:73";
/** The time after which the switch forgets, in hundredths of a second. */
const AGEING = 500;
/** Requests of the client by which it is seen who answers. */
const REQUESTS = 5;

describe.skipIf(assets === null)("an address on a node's interfaces", () => {
  const scope = new Scope();
  let fabric: Fabric;
  const ip = (...args: readonly string[]): Promise<string> => fabric.node.namespace.ip(...args);

  beforeAll(async () => {
    fabric = await Fabric.start(scope, assets ?? "");
  });
  afterAll(() => scope.close());

  it("is answered for on one that comes later, without an address of its own", async () => {
    await fabric.plug("fabric0", FIRST);
    await fabric.untilResolved(FIRST);
  });

  it("is answered for after it was renamed, and not while its name is not selected", async () => {
    await ip("link", "set", "fabric0", "down");
    await ip("link", "set", "fabric0", "name", "other0");
    await ip("link", "set", "other0", "up");
    await until("nobody to answer", async () => (await fabric.claimants(1).catch(() => new Set())).size === 0);
    await ip("link", "set", "other0", "down");
    await ip("link", "set", "other0", "name", "fabric1");
    await ip("link", "set", "fabric1", "up");
    await fabric.untilResolved(FIRST);
  });

  it("is answered for after it was deleted and created anew, and after its hardware address changed", async () => {
    await ip("link", "delete", "fabric1");
    await fabric.plug("fabric1", SECOND);
    await fabric.untilResolved(SECOND);
    await ip("link", "set", "fabric1", "address", THIRD);
    await fabric.untilResolved(THIRD);
    await ip("link", "set", "fabric1", "address", FIRST);
    await fabric.untilResolved(FIRST);
  });

  it("is answered for on one of two that are on one segment, and on the other when that loses its link", async () => {
    await fabric.plug("fabric2", SECOND);
    await fabric.untilAlone(FIRST, REQUESTS);
    await fabric.bridge.ip("link", "set", "p-fabric1", "down");
    await fabric.untilResolved(SECOND);
    await fabric.bridge.ip("link", "set", "p-fabric1", "up");
    // A port that has just come up forwards a moment later: until the next announcement both may answer.
    await fabric.untilAlone(FIRST, REQUESTS);
    await ip("link", "delete", "fabric2");
  });

  it("is answered for once where there is a macvlan beside what it is on", async () => {
    await ip(
      "link",
      "add",
      "link",
      "fabric1",
      "name",
      "fabric3",
      "address",
      SECOND,
      "type",
      "macvlan",
      "mode",
      "bridge",
    );
    await ip("link", "set", "fabric3", "up");
    await fabric.untilAlone(FIRST, REQUESTS);
    await ip("link", "delete", "fabric3");
  });

  it("is answered for on a bridge and not on its port", async () => {
    await ip("link", "add", "fabric4", "address", THIRD, "type", "bridge", "stp_state", "0", "forward_delay", "0");
    await ip("link", "set", "fabric4", "up");
    await ip("link", "set", "fabric1", "master", "fabric4");
    await fabric.untilAlone(THIRD, REQUESTS);
    await ip("link", "set", "fabric1", "nomaster");
    await ip("link", "delete", "fabric4");
    await fabric.untilResolved(FIRST);
  });

  describe("behind a switch that forgets quiet stations, and floods nothing to them", () => {
    const isKnown = async (): Promise<boolean> =>
      (await fabric.bridge.run("bridge", ["fdb", "show", "br", BRIDGE])).includes(FIRST);
    const arrived = async (): Promise<number> => {
      const text = await ip("-j", "-s", "link", "show", "fabric1");
      const [link] = JSON.parse(text) as readonly { readonly stats64: { readonly rx: { readonly packets: number } } }[];
      return link?.stats64.rx.packets ?? Number.NaN;
    };
    /** Sends datagrams to the address, and returns the number of frames that the node got meanwhile. */
    const sent = async (count: number): Promise<number> => {
      const before = await arrived();
      await fabric.send(count);
      return (await arrived()) - before;
    };

    beforeAll(async () => {
      await fabric.bridge.ip("link", "set", BRIDGE, "type", "bridge", "ageing_time", String(AGEING));
      await fabric.bridge.run("bridge", ["link", "set", "dev", "p-fabric1", "flood", "off"]);
      // The client does not forget, and so never asks.
      const entry = ["neigh", "replace", fabric.address, "lladdr", FIRST, "nud", "permanent", "dev", "eth0"];
      await fabric.client.ip(...entry);
    });

    it("is lost without refreshes, as MetalLB's is", async () => {
      await until("the switch to forget", async () => !(await isKnown()), { timeoutMs: 60_000 });
      expect(await sent(20)).toBe(0);
    });

    it("is served with refreshes", async () => {
      const patch = JSON.stringify({ spec: { refreshInterval: "2s" } });
      const object = ["l2advertisement", "fabric", "-n", HERALD_NAMESPACE];
      await fabric.lab.cluster.kubectl(["patch", ...object, "--type=merge", "-p", patch]);
      await until("the switch to know the node again", isKnown);
      let looks = 0;
      const look = async (): Promise<boolean> => {
        expect(await isKnown()).toBe(true);
        looks++;
        return looks === 40;
      };
      const everyMs = (4 * AGEING * 10) / 40;
      await until("forty looks at the switch, over four times its memory", look, { timeoutMs: 60_000, everyMs });
      expect(await sent(20)).toBeGreaterThanOrEqual(20);
    });
  });
});
