/**
 * Another host on the segment has the addresses of a Service, by its kernel: before Herald, and after. The times are printed; what is asserted of them are the bounds that
 * docs/guides/address-conflicts.md promises.
 */
import {
  HERALD_NAMESPACE,
  type Lab,
  type LabNode,
  measureOutage,
  neighbourOf,
  Scope,
  startLab,
  until,
} from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RivalHost } from "./address-conflict/rival-host.ts";
import { labAssets } from "./assets.ts";
import { conflictCondition } from "./address-conflict/conflict-condition.ts";
import { captureClaims, type Claim } from "./failover/claims.ts";
import { LabUnderFailure } from "./failover/lab-under-failure.ts";
import { segmentService } from "./failover/segment-service.ts";
import { untilAnswer } from "./lab-service.ts";
import { speakerMetrics } from "./speaker-metrics.ts";

/** The time within which an address is announced after its rival is gone, in milliseconds. */
const TAKEN_WITHIN = 5_000;
/** The first addresses of the lab's pool: the Service gets them. */
const ADDRESSES: readonly string[] = ["192.0.2.200", "2001:db8:0:2::200"];
const assets = labAssets();

interface Status {
  readonly node: string;
  readonly addresses?: readonly string[];
  readonly conflicts?: readonly Readonly<Record<"address" | "hardwareAddress" | "interface", string>>[];
}

describe.skipIf(assets === null)("an address that another host has", () => {
  const scope = new Scope();
  const figures: string[] = [];
  let lab: Lab;
  let rival: RivalHost;
  let failing: LabUnderFailure;

  const items = async <Item>(...what: readonly string[]): Promise<readonly Item[]> =>
    (JSON.parse(await lab.cluster.kubectl(["get", ...what, "-o", "json"])) as { readonly items: readonly Item[] })
      .items;
  const patchAdvertisement = (spec: object): Promise<string> => {
    const patch = ["--type=merge", "-p", JSON.stringify({ spec })];
    return lab.cluster.kubectl(["patch", "l2advertisement", "segment", "-n", HERALD_NAMESPACE, ...patch]);
  };
  /** The Warnings about conflicts so far, without repetitions. */
  const conflictEvents = async (): Promise<readonly string[]> => {
    const events = await items<{ readonly reason: string; readonly message: string }>("events");
    return events.filter(({ reason }) => reason === "addressConflict").map(({ message }) => message);
  };
  const status = async (): Promise<Status | undefined> => {
    const all = await items<{ readonly status: Status }>("servicel2statuses", "-n", HERALD_NAMESPACE);
    return all.length === 1 ? all[0]?.status : undefined;
  };
  /** The node of the one status that there is. */
  const announcer = (): Promise<LabNode> =>
    until("one node to have a status", async () => {
      const now = await status();
      return lab.topology.nodes.find((node) => node.name === now?.node) ?? null;
    });
  const isOfNode = ({ mac }: Claim): boolean => lab.topology.nodes.some((node) => node.mac === mac);
  /** The station that the client's kernel finds for an address, asked anew; null for none. */
  const answerer = async (address: string): Promise<string | null> => {
    const { namespace } = lab.topology.client;
    await namespace.ip("neigh", "flush", "to", address);
    const url = `http://${address.includes(":") ? `[${address}]` : address}:9/`;
    await namespace.run("curl", ["--silent", "--max-time", "1", url]).catch(() => {});
    return neighbourOf(namespace, address);
  };
  /** Waits until Event, metric and status name the rival of every address on one node, and returns that. */
  const untilNamed = async (): Promise<LabNode> => {
    const named = await until("the status to name the rival of each address", async () => {
      const now = await status();
      return now?.conflicts?.length === ADDRESSES.length && now;
    });
    const node = await announcer();
    expect(node.name).toBe(named.node);
    expect(named.addresses ?? []).toEqual([]);
    expect(named.conflicts?.map(({ address }) => address).toSorted()).toEqual(ADDRESSES.toSorted());
    for (const { hardwareAddress, interface: on } of named.conflicts ?? [])
      expect([hardwareAddress, on]).toEqual([rival.mac, "eth0"]);
    const metrics = await speakerMetrics(lab, node);
    for (const address of ADDRESSES) {
      expect(metrics).toContain(`herald_layer2_rivals{ip="${address}",interface="eth0",mac="${rival.mac}"} 1`);
      expect(metrics).not.toMatch(new RegExp(`^metallb_speaker_announced\\{.*ip="${address}".*\\} 1`, "m"));
      await until("an Event that names the rival", async () =>
        (await conflictEvents()).some((message) =>
          message.startsWith(`address "${address}" is in use by another station, ${rival.mac}, on interface "eth0"`),
        ),
      );
    }
    const told = await until("the condition to name the rival of each address", async () => {
      const now = await conflictCondition(lab, "web");
      return now?.split("; ").length === ADDRESSES.length && now;
    });
    for (const address of ADDRESSES)
      expect(told).toContain(
        `address ${address} is in use by another station, ${rival.mac}, on interface "eth0" of node "${node.name}"`,
      );
    return node;
  };
  /** Lets the rival go, and notes how long it took until a node announced each address. */
  const release = async (row: string): Promise<void> => {
    const capture = await captureClaims(scope, lab.topology.client);
    const goneAt = Date.now();
    for (const address of ADDRESSES) await rival.release(address);
    for (const address of ADDRESSES) await untilAnswer(lab.topology.client, address);
    const claims = await capture.claims();
    for (const address of ADDRESSES) {
      const first = claims.find((claim) => claim.address === address && isOfNode(claim));
      const took = (first?.at ?? Infinity) - goneAt;
      figures.push(`${row}: ${address} announced ${took.toFixed(0)} ms after the rival was gone`);
      expect(took).toBeLessThan(TAKEN_WITHIN);
    }
    await until("the status to name no rival", async () => {
      const now = await status();
      return now !== undefined && now.conflicts === undefined && now.addresses?.length === ADDRESSES.length;
    });
    await until("the condition to go away", async () => (await conflictCondition(lab, "web")) === undefined);
  };
  const comeBack = async (node: LabNode): Promise<void> => {
    for (const address of ADDRESSES) {
      await rival.take(address);
      await rival.claim(address, node.ipv6);
    }
  };

  beforeAll(async () => {
    lab = await startLab(scope, { assets: assets ?? "" });
    failing = new LabUnderFailure(scope, lab, ADDRESSES);
    rival = await RivalHost.attach(scope, lab);
    for (const address of ADDRESSES) await rival.take(address);
    await lab.cluster.startWorkload({ app: "web" });
  });
  afterAll(async () => {
    await scope.close();
    process.stderr.write(figures.map((line) => `${line}\n`).join(""));
  });

  it("before any node announced it, is left to that host, which Event, metric and status name", async () => {
    const capture = await captureClaims(scope, lab.topology.client);
    const service = segmentService("ipFamilyPolicy: RequireDualStack, ");
    await lab.cluster.apply(service.replace("[segment]}", "[segment], conflictPolicy: Probe}"));
    await lab.cluster.expose({ namespace: "default", name: "web" }, "http");
    await untilNamed();
    for (const address of ADDRESSES) expect(await answerer(address)).toBe(rival.mac);
    expect((await capture.claims()).filter(isOfNode).filter(({ address }) => ADDRESSES.includes(address))).toEqual([]);
  });

  it("is announced within five seconds after it is gone", async () => {
    await release("Probe");
    expect(await conflictEvents()).toHaveLength(ADDRESSES.length);
  });

  it("is no reason to take another speaker for it: a node that ranks first crashes and returns while another serves", async () => {
    const first = await announcer();
    const { client } = lab.topology;
    await lab.speakers.get(first.name)?.stop("SIGKILL");
    for (const address of ADDRESSES) await untilAnswer(client, address);
    await until("another node to announce", async () => {
      const now = await failing.announcer();
      return now !== null && now !== first;
    });
    const capture = await captureClaims(scope, client);
    const [address = ""] = ADDRESSES;
    const asking = measureOutage(scope, client.namespace, `http://${address}/`, { forget: address });
    failing.restart(first);
    const speaker = lab.speakers.get(first.name);
    const speakerLines = (): readonly string[] => (speaker?.output() ?? "").split("\n");
    await failing.untilWhole(first);
    await until("the speaker to log that it announces both", () => {
      const last = speakerLines().findLast((line) => line.includes('"service":"default/web"'));
      return last?.includes('"msg":"announcing"') === true && !last.includes("tentative");
    });
    const { lostMs, failed, attempts } = await asking.stop();
    const claims = await capture.claims();
    expect(speaker?.output()).not.toContain("another station");
    expect(await conflictEvents()).toHaveLength(ADDRESSES.length);
    expect(lostMs).toBeLessThan(TAKEN_WITHIN);
    const elected = speakerLines().findLast((line) => line.includes('"msg":"probing'));
    const electedAt = Date.parse((JSON.parse(elected ?? "{}") as { readonly time: string }).time);
    for (const each of ADDRESSES) {
      const claim = claims.find(
        ({ mac, at, address: of }) => mac === first.mac && of === each && at >= electedAt - 100,
      );
      const took = Math.max(0, (claim?.at ?? Infinity) - electedAt);
      figures.push(`a node returns while another serves: ${each} announced ${took.toFixed(0)} ms after the election`);
      expect(took).toBeLessThan(TAKEN_WITHIN);
    }
    figures.push(`a node returns while another serves: longest gap ${lostMs.toFixed(0)} ms (${failed} of ${attempts})`);
  });

  it("while a node announces it, is defended against", async () => {
    const node = await announcer();
    const capture = await captureClaims(scope, lab.topology.client);
    const at = Date.now();
    await comeBack(node);
    await until("the claims to be counted", async () => {
      const metrics = await speakerMetrics(lab, node);
      return ADDRESSES.every((address) => metrics.includes(`herald_layer2_conflicts_total{ip="${address}"}`));
    });
    await until("the speaker to have defended each address", () => Date.now() - at > 3_000);
    for (const address of ADDRESSES) await rival.release(address);
    const claims = await capture.claims();
    for (const address of ADDRESSES) {
      const of = claims.filter((claim) => claim.address === address);
      const claimed = address.includes(":") ? at : (of.find(({ mac }) => mac === rival.mac)?.at ?? Infinity);
      expect(of.some((claim) => claim.mac === node.mac && claim.at > claimed)).toBe(true);
    }
    expect(await conflictEvents()).toHaveLength(ADDRESSES.length);
    expect((await status())?.conflicts).toBeUndefined();
  });

  it("while a node announces it, is left to it with onConflict Yield, and announced within five seconds after it is gone", async () => {
    await patchAdvertisement({ onConflict: "Yield" });
    const node = await announcer();
    for (const address of ADDRESSES) await untilAnswer(lab.topology.client, address);
    // The speakers have read the advertisement once a claim has its consequence.
    await comeBack(node);
    const named = await until(
      "the addresses to be given up",
      async () => {
        for (const address of ADDRESSES) await rival.claim(address, node.ipv6);
        return (await status())?.conflicts?.length === ADDRESSES.length && untilNamed();
      },
      { everyMs: 300 },
    );
    expect(named.name).toBe(node.name);
    for (const address of ADDRESSES) expect(await answerer(address)).toBe(rival.mac);
    const capture = await captureClaims(scope, lab.topology.client);
    const at = Date.now();
    await until("the rival to have been there for six seconds", () => Date.now() - at > 6_000);
    expect((await capture.claims()).filter(isOfNode).filter(({ address }) => ADDRESSES.includes(address))).toEqual([]);
    await release("Yield");
  });
});
