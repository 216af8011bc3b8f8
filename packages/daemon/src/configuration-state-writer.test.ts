import type { ApiRequest, Transport } from "@herald-lb/k8s-glue/client";
import type { BgpSession, ReportedConflict } from "@herald-lb/k8s-glue/metallb";
import { err, ok } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { ConfigurationStateWriter } from "./configuration-state-writer.ts";
import type { Logger } from "./log.ts";

interface Written {
  readonly status?: {
    readonly result?: string;
    readonly bgpSessions?: readonly BgpSession[];
    readonly addressConflicts?: readonly ReportedConflict[];
  };
}

const up: BgpSession = { peer: "router", state: "Established" };
const down: BgpSession = { peer: "router", state: "OpenSent", reason: "BadPeerAS", message: "Bad Peer AS" };

/** The ConfigurationState of node n on an API server whose CRD is Herald's, or MetalLB's. */
function bench(isMetallbs: boolean) {
  let live: object | null = null;
  const writes: Written[] = [];
  const warnings: string[] = [];
  const request = async ({ method, body }: ApiRequest): Promise<unknown> => {
    if (method === "GET") return live === null ? err({ code: "NotFound", message: "" }) : ok(live);
    const written = body as Written;
    const undeclared = (["bgpSessions", "addressConflicts"] as const).find((field) => written.status?.[field]);
    if (isMetallbs && undeclared !== undefined)
      return err({ code: "InternalError", message: `.status.${undeclared}: field not declared in schema` });
    live = { ...live, ...written };
    if (written.status !== undefined) writes.push(written);
    return ok(live);
  };
  const log = { debug() {}, warn: (_facts: object, message: string) => void warnings.push(message) };
  const writer = new ConfigurationStateWriter({
    transport: { request } as unknown as Transport,
    component: { type: "speaker", node: "n" },
    namespace: "metallb-system",
    fence: () => true,
    wallTime: () => "2026-01-01T00:00:00Z",
    log: log as unknown as Logger,
  });
  return { writer, writes, warnings };
}

describe("ConfigurationStateWriter", () => {
  it("writes the sessions when they differ, and takes them away with the last peer", async () => {
    const { writer, writes } = bench(false);
    for (const sessions of [[up], [up], [down], [down], []])
      expect(await writer.write([], null, { sessions, conflicts: [] })).toBe(true);
    expect(writes.map(({ status }) => status?.bgpSessions)).toEqual([[up], [down], undefined]);
  });

  it("writes the conflicts when they differ, and takes them away with the last one", async () => {
    const { writer, writes } = bench(false);
    const conflict: ReportedConflict = {
      address: "192.0.2.1",
      hardwareAddress: "02:00:5e:00:53:66",
      interface: "eth0",
    };
    for (const conflicts of [[conflict], [conflict], []])
      expect(await writer.write([], null, { sessions: [], conflicts })).toBe(true);
    expect(writes.map(({ status }) => status?.addressConflicts)).toEqual([[conflict], undefined]);
    const old = bench(true);
    expect(await old.writer.write([], null, { sessions: [], conflicts: [conflict] })).toBe(true);
    expect(old.writes.map(({ status }) => status?.addressConflicts)).toEqual([undefined]);
  });

  it("leaves the sessions out where the CRD is MetalLB's, and says so once", async () => {
    const { writer, writes, warnings } = bench(true);
    for (const sessions of [[up], [down], [up]])
      expect(await writer.write([], null, { sessions, conflicts: [] })).toBe(true);
    expect(writes.map(({ status }) => [status?.result, status?.bgpSessions])).toEqual([["Valid", undefined]]);
    expect(warnings).toHaveLength(1);
  });
});
