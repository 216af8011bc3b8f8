import type { ConfigurationWatch, Logger } from "@herald-lb/daemon";
import type { ApiRequest, Occurrence, Transport } from "@herald-lb/k8s-glue/client";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { err, ok } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { pool, pools } from "./cluster-objects.test.fixture.ts";
import { ConfigurationStatusWriter } from "./configuration-status-writer.ts";

const silent = { info() {}, warn() {}, debug() {}, error() {} } as unknown as Logger;
const gold = pool("gold", ["192.0.2.0/24", "nonsense"]);

interface Written {
  readonly status?: { readonly conditions?: readonly object[]; readonly assignedIPv4?: number };
}

/** A pool with one bad entry on an API server whose CRD has conditions, or has none. */
function bench(hasConditions: boolean) {
  let live: KubernetesObject = gold;
  const writes: Written[] = [];
  const events: Occurrence[] = [];
  const request = async ({ body }: ApiRequest): Promise<unknown> => {
    const { status } = body as Written;
    if (!hasConditions && status?.conditions !== undefined) {
      const message = "failed to create typed patch object: .status.conditions: field not declared in schema";
      return err({ code: "ServerError", status: 500, reason: "", message });
    }
    writes.push(body as Written);
    live = { ...live, status } as KubernetesObject;
    return ok(live);
  };
  const configuration: Pick<ConfigurationWatch, "current" | "object"> = {
    current: () => pools(gold),
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
    nodes: () => [],
    namespaces: () => new Map(),
    events: { record: (occurrence) => void events.push(occurrence) },
    fence: () => true,
    log: silent,
  });
  return { status, writes, events, assign: (count: bigint) => void (assigned = count) };
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
});
