/** BFD beside BGP: speakers with FRR and BIRD, over one hop and several; loss, AdminDown, a changed profile; TTL security. */
import { existsSync } from "node:fs";
import { type Daemon, type Lab, Scope, startLab, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import {
  attachRouter,
  type BfdBird,
  type BfdFrr,
  frrBfdPeers,
  MULTIPLIER,
  ROUTER_INTERVAL,
  startBfdBird,
  startBfdFrr,
} from "./bgp-bfd/routers.ts";
import { linesAbout } from "./bgp-bfd/speaker-log.ts";
import { untilAddresses } from "./lab-service.ts";
import { peer, profile, ROUTED_POOL, routedAdvertisement, webService } from "./routed-objects.ts";
import { frrNeighbors, tcpCounter } from "./routing/routers.ts";
import { speakerMetrics } from "./speaker-metrics.ts";

const assets = labAssets();
const hasBird = existsSync("/usr/sbin/bird");
const DETECTION = ROUTER_INTERVAL * MULTIPLIER;
/** The field that has the nodes speak BFD with a peer. */
const BFD = ", bfdProfile: fast";
const SECONDS = { timeoutMs: 60_000, everyMs: 50 };

describe.skipIf(assets === null || !hasBird)("speakers with BFD beside BGP", () => {
  const scope = new Scope();
  const figures: string[] = [];
  let lab: Lab;
  let near: BfdFrr;
  let far: BfdFrr;
  let bird: BfdBird;
  let route = "";

  const speakerOf = (node: string): Daemon => {
    const speaker = lab.speakers.get(node);
    if (speaker === undefined) throw new Error(`no speaker on ${node}`);
    return speaker;
  };
  const established = async (router: BfdFrr): Promise<readonly string[]> =>
    Object.entries(await frrNeighbors(router.frr))
      .filter(([, { bgpState }]) => bgpState === "Established")
      .map(([address]) => address);
  const timesUp = async (router: BfdFrr): Promise<readonly number[]> =>
    Object.values(await frrNeighbors(router.frr)).map(({ connectionsEstablished }) => connectionsEstablished);
  const waysTo = async (router: BfdFrr): Promise<number> => {
    const answer = await router.frr.showJson<{ readonly paths?: readonly unknown[] }>(
      `show bgp ipv4 unicast ${route} json`,
    );
    return answer.paths?.length ?? 0;
  };
  const messageOf = (name: string): Promise<string> =>
    lab.cluster.kubectl([
      "get",
      "bgppeer",
      name,
      "-n",
      "metallb-system",
      "-o",
      'jsonpath={.status.conditions[?(@.type=="Established")].message}',
    ]);
  const link = (label: string, state: "up" | "down"): Promise<string> =>
    lab.topology.segment.ip("link", "set", `p-${label}`, state);
  const untilUp = async (): Promise<void> => {
    await until(
      "every BGP and BFD session of FRR and BIRD to be up",
      async () => {
        const [nearPeers, farPeers] = [await frrBfdPeers(near), await frrBfdPeers(far)];
        const up = (peers: typeof nearPeers): number => peers.filter(({ status }) => status === "up").length;
        if (up(nearPeers) !== 6 || up(farPeers) !== 3) return false;
        if ((await established(near)).length !== 6 || (await established(far)).length !== 3) return false;
        if ((await bird.show("show bfd sessions")).match(/ Up /g)?.length !== 3) return false;
        return (await bird.show("show protocols")).match(/Established/g)?.length === 3;
      },
      SECONDS,
    );
  };

  beforeAll(async () => {
    lab = await startLab(scope, { assets: assets ?? "" });
    near = await startBfdFrr(scope, lab, await attachRouter(scope, lab, "near", 5), { as: 64511, hops: 1 });
    bird = await startBfdBird(scope, lab, await attachRouter(scope, lab, "bbird", 6), 64512);
    far = await startBfdFrr(scope, lab, lab.topology.farClient, { as: 64513, hops: 2 });
    await lab.cluster.startWorkload({ app: "web" });
    await lab.cluster.apply(
      [
        ROUTED_POOL,
        routedAdvertisement(),
        profile("fast", ROUTER_INTERVAL, MULTIPLIER),
        peer("near4", 64511, near.ipv4, BFD),
        peer("near6", 64511, near.ipv6, BFD),
        peer("bird", 64512, bird.ipv4, BFD),
        peer("far", 64513, far.ipv4, `${BFD}, ebgpMultiHop: true`),
        webService("web", { families: "SingleStack" }),
      ].join(""),
    );
    await lab.cluster.expose({ namespace: "default", name: "web" }, "http");
    const [address = ""] = await untilAddresses(lab, "web", 1);
    route = `${address}/32`;
  });
  afterAll(async () => {
    await scope.close();
    process.stderr.write(`${figures.join("\n")}\n`);
  });

  it("have BFD up with FRR over both families, with BIRD, and with FRR two hops away", async () => {
    await untilUp();
    for (const each of await frrBfdPeers(near)) {
      expect(each).toMatchObject({ multihop: false, "remote-detect-multiplier": MULTIPLIER });
    }
    for (const each of await frrBfdPeers(far)) expect(each.multihop).toBe(true);
    const [node] = lab.topology.nodes;
    if (node === undefined) throw new Error("no node");
    const metrics = await until("the metrics to show them", async () => {
      const text = await speakerMetrics(lab, node);
      const up = text.match(/^metallb_bfd_session_up\{.*\} 1$/gm);
      return up?.length === 4 && text;
    });
    for (const { ipv4 } of [near, bird, far]) {
      expect(metrics).toContain(`metallb_bfd_session_up{peer="${ipv4}",vrf="default"} 1`);
      expect(metrics).toContain(`metallb_bfd_session_down_events{peer="${ipv4}",vrf="default"} 0`);
    }
    const programmed = 'jsonpath={.status.conditions[?(@.type=="Programmed")].message}';
    const profileOf = (): Promise<string> =>
      lab.cluster.kubectl(["get", "bfdprofile", "fast", "-n", "metallb-system", "-o", programmed]);
    await until(
      "the profile to name its users",
      async () => (await profileOf()) === "BGPPeers: bird, far, near4, near6",
    );
    await until("FRR to hold the routes", async () => (await waysTo(near)) === 3);
  });

  it.each([
    { label: "near", peers: ["near4", "near6"] },
    { label: "bbird", peers: ["bird"] },
  ])(
    "end the sessions within the detection time when the link of $label is pulled, and have them again",
    async (row) => {
      await untilUp();
      const speaker = speakerOf("node-a");
      const before = row.peers.map((name) => linesAbout(speaker, name).length);
      const others = linesAbout(speaker, "far").length;
      const cut = Date.now();
      await link(row.label, "down");
      for (const [at, name] of row.peers.entries()) {
        const lines = await until(`${name} to be lost`, () => {
          const found = linesAbout(speaker, name, before[at]);
          return found.some(({ msg, to }) => msg === "BGP session" && to === "Idle") && found;
        });
        expect(lines.find(({ msg }) => msg === "BFD session down")).toMatchObject({
          diagnostic: "Control Detection Time Expired",
        });
        expect(lines.find(({ msg }) => msg === "NotificationSent")).toMatchObject({ code: 6, subcode: 10 });
        const took = (lines.find(({ to }) => to === "Idle")?.at ?? 0) - cut;
        figures.push(`${name}: link down, BGP session ended after ${took} ms (detection time ${DETECTION} ms)`);
        // The Hold Time is 90 s.
        expect(took).toBeLessThan(3 * DETECTION);
      }
      expect(linesAbout(speaker, "far").slice(others)).toEqual([]);
      const mended = Date.now();
      await link(row.label, "up");
      await untilUp();
      figures.push(`${row.label}: link up, every session again after ${Date.now() - mended} ms`);
    },
  );

  it("tell FRR Cease/BFD Down where BFD alone fails, and then speak BGP without BFD", async () => {
    await untilUp();
    const [node] = lab.topology.nodes;
    if (node === undefined) throw new Error("no node");
    const rules = "table inet deaf { chain in { type filter hook input priority 0; udp dport { 3784, 4784 } drop; }; }";
    await node.namespace.run("nft", ["-f", "-"], rules);
    await until("FRR to hear of BFD Down", async () => {
      const neighbor = (await frrNeighbors(near.frr))[node.ipv4];
      return neighbor?.lastErrorCodeSubcode?.toUpperCase() === "060A";
    });
    await until("the session to be back", async () => (await established(near)).includes(node.ipv4), SECONDS);
    await until("the condition to say so", async () =>
      (await messageOf("near4")).includes(`BFD is not up on ${node.name}`),
    );
    await node.namespace.run("nft", ["delete", "table", "inet", "deaf"]);
    await untilUp();
    await until("the condition to say no more", async () => !(await messageOf("near4")).includes("BFD"));
  });

  it("keep the routes when FRR takes BFD down on purpose", async () => {
    await untilUp();
    const before = [await timesUp(near), await timesUp(far)];
    await near.configure("bfd", "profile fast", "shutdown");
    for (const { name } of lab.topology.nodes) {
      await until("the speaker to be told", () => {
        const last = linesAbout(speakerOf(name), "near4").at(-1);
        return last?.msg.startsWith("BFD session taken down by the router") === true;
      });
    }
    await until("the condition to say so", async () => (await messageOf("near4")).includes("taken down on purpose"));
    expect(await waysTo(near)).toBe(3);
    expect([await timesUp(near), await timesUp(far)]).toEqual(before);
    await near.configure("bfd", "profile fast", "no shutdown");
    await untilUp();
    expect([await timesUp(near), await timesUp(far)]).toEqual(before);
  });

  it("change the intervals of running sessions without a flap", async () => {
    await untilUp();
    const flaps = async (): Promise<readonly unknown[]> => [
      await timesUp(near),
      await timesUp(far),
      ...(await Promise.all(
        [near, far].map(({ frr }) => frr.showJson<readonly Record<string, number>[]>("show bfd peers counters json")),
      ).then((all) => all.flat().map((counters) => counters["session-down"]))),
    ];
    const before = await flaps();
    for (const [interval, multiplier] of [
      [250, 5],
      [ROUTER_INTERVAL, MULTIPLIER],
    ] as const) {
      await lab.cluster.apply(profile("fast", interval, multiplier));
      await until("FRR to have the new intervals", async () =>
        [...(await frrBfdPeers(near)), ...(await frrBfdPeers(far))].every(
          (each) =>
            each.status === "up" &&
            each["remote-transmit-interval"] === interval &&
            each["remote-receive-interval"] === interval &&
            each["remote-detect-multiplier"] === multiplier,
        ),
      );
    }
    expect(await flaps()).toEqual(before);
  });

  it("end BFD and begin it anew beside a session that stands", async () => {
    await untilUp();
    const before = await timesUp(near);
    // The router first: FRR ends its BGP session when a node ends BFD, against RFC 5882 §3.2.
    await near.configure("bfd", "profile fast", "shutdown");
    await until("the condition to say so", async () => (await messageOf("near4")).includes("taken down on purpose"));
    await lab.cluster.apply(peer("near4", 64511, near.ipv4));
    await until("the condition to say nothing of BFD", async () => !(await messageOf("near4")).includes("BFD"));
    await lab.cluster.apply(peer("near4", 64511, near.ipv4, BFD));
    await near.configure("bfd", "profile fast", "no shutdown");
    await untilUp();
    expect(await timesUp(near)).toEqual(before);
  });

  it("use TTL security with FRR that demands it, and none with FRR that does not", async () => {
    await untilUp();
    const secured = (more: string): Promise<string> => lab.cluster.apply(peer("near6", 64511, near.ipv6, more));
    const neighbors = lab.topology.nodes.map(({ ipv6 }) => ipv6);
    const demand = (...words: readonly string[]): Promise<void> =>
      near.configure(
        "router bgp 64511",
        ...neighbors.map((address) => [...words, "neighbor", address, "ttl-security hops 1"].join(" ")),
      );
    const untilSessions = (count: number): Promise<unknown> =>
      until(
        `${count} sessions over IPv6`,
        async () => {
          const all = await established(near);
          return all.filter((address) => address.includes(":")).length === count;
        },
        SECONDS,
      );
    await demand();
    await near.frr.show("clear bgp ipv6 *");
    await untilSessions(0);
    await secured(", ttlSecurity: 1");
    await untilSessions(3);
    await demand("no");
    await near.frr.show("clear bgp ipv6 *");
    await untilSessions(0);
    const [node] = lab.topology.nodes;
    if (node === undefined) throw new Error("no node");
    await until("the node to drop what FRR sends", async () => (await tcpCounter(node, "TcpExtTCPMinTTLDrop")) > 0);
    expect((await established(near)).filter((address) => address.includes(":"))).toEqual([]);
    await secured("");
    await untilSessions(3);
  });
});
