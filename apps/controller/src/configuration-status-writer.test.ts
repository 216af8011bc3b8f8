import type { ConfigurationWatch, Logger } from "@herald-lb/daemon";
import type { ApiRequest, Occurrence, Transport } from "@herald-lb/k8s-glue/client";
import type { BgpSession, SpeakerSessions } from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { err, ok } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { bgpPeer, pool, pools } from "./cluster-objects.test.fixture.ts";
import { ConfigurationStatusWriter } from "./configuration-status-writer.ts";

const silent = { info() {}, warn() {}, debug() {}, error() {} } as unknown as Logger;
const gold = pool("gold", ["192.0.2.0/24", "nonsense"]);

interface Written {
  readonly status?: {
    readonly conditions?: readonly object[];
    readonly assignedIPv4?: number;
    readonly sessions?: string;
  };
}

const NODES = ["a", "b"].map((name) => ({ name, labels: {}, isReachable: true }));
const reportOf = (state: string): BgpSession => ({
  peer: "router",
  state,
  ...(state === "Established" ? {} : { reason: "BadPeerAS", message: "Bad Peer AS" }),
});

/** One object, a pool with one bad entry unless given, on an API server whose CRD has conditions, or has none. */
function bench(hasConditions: boolean, object: KubernetesObject = gold, { prunes = false } = {}) {
  let live: KubernetesObject = object;
  let sessions: SpeakerSessions = new Map();
  const writes: Written[] = [];
  const events: Occurrence[] = [];
  const request = async ({ body }: ApiRequest): Promise<unknown> => {
    const { status } = body as Written;
    if (!hasConditions && status?.conditions !== undefined) {
      const message = "failed to create typed patch object: .status.conditions: field not declared in schema";
      return err({ code: "ServerError", status: 500, reason: "", message });
    }
    writes.push(body as Written);
    live = { ...live, status: prunes ? {} : status } as KubernetesObject;
    return ok(live);
  };
  const configuration: Pick<ConfigurationWatch, "current" | "object"> = {
    current: () => pools(object),
    object: () => live,
  };
  let assigned = 0n;
  const status = new ConfigurationStatusWriter({
    transport: { request } as unknown as Transport,
    wallTime: () => "2026-01-01T00:00:00Z",
    configuration,
    ledger: {
      usageOf: () => ({ IPv4: { assigned, available: 256n - assigned }, IPv6: { assigned: 0n, available: 0n } }),
    },
    nodes: () => (object.kind === "BGPPeer" ? NODES : []),
    sessions: () => sessions,
    namespaces: () => new Map(),
    events: { record: (occurrence) => void events.push(occurrence) },
    fence: () => true,
    log: silent,
  });
  return {
    status,
    writes,
    events,
    assign: (count: bigint) => void (assigned = count),
    report: (state: string) => void (sessions = new Map(NODES.map(({ name }) => [name, [reportOf(state)]]))),
  };
}

describe("ConfigurationStatusWriter", () => {
  it("writes counters and conditions once, and says what is wrong once", async () => {
    const at = bench(true);
    expect(await at.status.write()).toBe(true);
    expect(await at.status.write()).toBe(true);
    expect(at.writes).toHaveLength(1);
    expect(at.writes[0]?.status?.conditions).toMatchObject([
      { type: "Accepted", status: "False" },
      { type: "Programmed", status: "True" },
    ]);
    at.assign(1n);
    expect(await at.status.write()).toBe(true);
    expect(at.writes.map(({ status }) => status?.assignedIPv4)).toEqual([0, 1]);
    expect(at.events.map(({ reason }) => reason)).toEqual(["BadAddress"]);
  });

  it("writes the counters alone where the CRD is MetalLB's, and says what is wrong all the same", async () => {
    const at = bench(false);
    expect(await at.status.write()).toBe(true);
    at.assign(1n);
    expect(await at.status.write()).toBe(true);
    expect(await at.status.write()).toBe(true);
    expect(at.writes.map(({ status }) => [status?.assignedIPv4, status?.conditions])).toEqual([
      [0, undefined],
      [1, undefined],
    ]);
    expect(at.events.map(({ reason }) => reason)).toEqual(["BadAddress"]);
  });

  it("shows the sessions of a BGPPeer as a condition and counts, each change once and without an Event", async () => {
    // A field without effect is an issue, of which one Event tells.
    const at = bench(true, bgpPeer("router", { disableMP: true }));
    const write = async (): Promise<void> => {
      for (let time = 0; time < 2; time++) expect(await at.status.write()).toBe(true);
    };
    await write();
    at.report("OpenSent");
    await write();
    at.report("Established");
    await write();
    expect(at.writes.map(({ status }) => [status?.sessions, status?.conditions?.at(-1)])).toMatchObject([
      ["0/2", { type: "Established", status: "Unknown", reason: "NotReported" }],
      ["0/2", { type: "Established", status: "False", reason: "BadPeerAS" }],
      ["2/2", { type: "Established", status: "True", message: "2 of 2 nodes have the session" }],
    ]);
    expect(at.events.map(({ reason }) => reason)).toEqual(["NotActedOn"]);
  });

  it("writes nothing of a BGPPeer's sessions where the CRD is MetalLB's", async () => {
    const at = bench(false, bgpPeer("router"));
    for (const state of ["OpenSent", "Established"]) {
      at.report(state);
      expect(await at.status.write()).toBe(true);
    }
    expect(at.writes).toEqual([]);
    expect(at.events).toEqual([]);
  });

  it("finds out that the API server drops the conditions of a kind in silence, and writes them no more", async () => {
    const at = bench(true, bgpPeer("router", { disableMP: true }), { prunes: true });
    for (const state of ["OpenSent", "Established", "OpenSent"]) {
      at.report(state);
      expect(await at.status.write()).toBe(true);
    }
    expect(at.writes).toHaveLength(1);
    expect(at.events.map(({ reason }) => reason)).toEqual(["NotActedOn"]);
  });

  it("takes the counts away from a BGPPeer that is not accepted any more", async () => {
    const rejected = { ...bgpPeer("router", { myASN: 0 }), status: { sessions: "2/2", establishedNodes: 2 } };
    const at = bench(true, rejected);
    expect(await at.status.write()).toBe(true);
    expect(await at.status.write()).toBe(true);
    expect(at.writes).toHaveLength(1);
    expect(at.writes[0]?.status).not.toHaveProperty("sessions");
    expect(at.writes[0]?.status?.conditions?.at(-1)).toMatchObject({ type: "Established", reason: "NotAccepted" });
  });
});
