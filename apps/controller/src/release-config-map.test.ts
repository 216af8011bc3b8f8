import type { Release } from "@herald-lb/allocator";
import type { Logger } from "@herald-lb/daemon";
import type { ApiError, ApiRequest, Transport } from "@herald-lb/k8s-glue/client";
import { err, instant, type IpAddress, ok } from "@herald-lb/sansio";
import { beforeEach, describe, expect, it } from "vitest";
import { ReleaseConfigMap } from "./release-config-map.ts";

const silent = { info() {}, warn() {}, debug() {}, error() {} } as unknown as Logger;
const release = (address: string, service: string, at: number): Release => ({
  address: address as IpAddress,
  service,
  at: instant(at),
});

/** One ConfigMap, and the clocks of the process that looks at it. */
let stored: { data?: Record<string, string> } | null;
let writes: number;
let open: boolean;
/** The errors that refuse the next requests. */
let refusals: ApiError["code"][];

beforeEach(() => {
  stored = null;
  writes = 0;
  open = true;
  refusals = [];
});

function memory(clocks: { wall: number; now: number }): ReleaseConfigMap {
  const failure = (code: ApiError["code"]): unknown => err({ code, status: 0, reason: "", message: code });
  const request = async ({ method, body, guard }: ApiRequest): Promise<unknown> => {
    if (guard?.() === false) return failure("Fenced");
    const refusal = refusals.shift();
    if (refusal !== undefined) return failure(refusal);
    if (method === "GET") return stored === null ? failure("NotFound") : ok(stored);
    writes++;
    stored = body as { data: Record<string, string> };
    return ok(stored);
  };
  return new ReleaseConfigMap({
    transport: { request } as unknown as Transport,
    namespace: "metallb-system",
    wallClock: () => clocks.wall,
    clock: {
      now: () => instant(clocks.now),
      wakeAt: (_at, wake) => {
        queueMicrotask(wake);
        return () => {};
      },
    },
    fence: () => open,
    log: silent,
  });
}

describe("ReleaseConfigMap", () => {
  it("gives the next term the ages of what the last one released", async () => {
    const before = memory({ wall: 1_000_000, now: 5_000 });
    expect(await before.read()).toEqual([]);
    expect(await before.write([release("192.0.2.1", "default/a", 2_000)])).toBe(true);
    const after = memory({ wall: 1_060_000, now: 700 });
    expect(await after.read()).toEqual([release("192.0.2.1", "default/a", 700 - 63_000)]);
  });

  it("writes only what differs, however the clocks drift apart", async () => {
    const clocks = { wall: 1_000_000, now: 0 };
    const at = memory(clocks);
    await at.read();
    const list = [release("192.0.2.1", "default/a", 0)];
    await at.write(list);
    clocks.wall += 10_007;
    clocks.now += 10_000;
    await at.write(list);
    expect(writes).toBe(1);
    await at.write([...list, release("192.0.2.2", "default/b", 10_000)]);
    expect(writes).toBe(2);
  });

  it("writes nothing back that it has just read", async () => {
    await memory({ wall: 1_000_000, now: 0 }).write([release("192.0.2.1", "default/a", 0)]);
    const next = memory({ wall: 2_000_000, now: 0 });
    await next.write(await next.read());
    expect(writes).toBe(1);
  });

  it("takes no release for later than now where the clock was set back", async () => {
    await memory({ wall: 9_000_000, now: 50 }).write([release("192.0.2.1", "default/a", 50)]);
    expect(await memory({ wall: 1_000_000, now: 50 }).read()).toEqual([release("192.0.2.1", "default/a", 50)]);
  });

  it.each([
    { code: "Forbidden", isDone: true },
    { code: "Unreachable", isDone: false },
  ] as const)("is done with a write that is answered $code: $isDone", async ({ code, isDone }) => {
    const at = memory({ wall: 1_000_000, now: 0 });
    refusals.push(code);
    const list = [release("192.0.2.1", "default/a", 0)];
    expect(await at.write(list)).toBe(isDone);
    expect(await at.write(list)).toBe(true);
    expect(writes).toBe(isDone ? 0 : 1);
  });

  it("writes nothing where there is no release, and nothing behind the fence", async () => {
    expect(await memory({ wall: 0, now: 0 }).write([])).toBe(true);
    open = false;
    expect(await memory({ wall: 0, now: 0 }).write([release("192.0.2.1", "default/a", 0)])).toBe(true);
    expect(writes).toBe(0);
  });

  it.each([
    { name: "no JSON", text: "{" },
    { name: "no list", text: "{}" },
    { name: "a row that is none", text: "[1]" },
    { name: "an address that is none", text: '[["x","default/a",1]]' },
    { name: "a time that is none", text: '[["192.0.2.1","default/a","1"]]' },
  ])("begins anew with a ConfigMap that holds $name", async ({ text }) => {
    stored = { data: { "releases.json": text } };
    expect(await memory({ wall: 0, now: 0 }).read()).toEqual([]);
  });

  it("keeps the newest where there are more than an object holds", async () => {
    const many = Array.from({ length: 8_001 }, (_, at) => release(`192.0.2.${at % 256}`, `default/s${at}`, at));
    const at = memory({ wall: 1_000_000, now: 8_001 });
    await at.write(many);
    const rows = JSON.parse(stored?.data?.["releases.json"] ?? "") as readonly (readonly [string, string, number])[];
    expect(rows).toHaveLength(8_000);
    expect(rows[0]?.[1]).toBe("default/s1");
  });

  it.each([
    {
      name: "asks again while the API server does not answer",
      codes: ["Unavailable", "Unreachable"] as const,
      read: 1,
    },
    { name: "goes on without releases when it does not answer for long", codes: Array(5).fill("Timeout"), read: 0 },
    { name: "asks once where it has no right to", codes: ["Forbidden"] as const, read: 0 },
  ])("$name", async ({ codes, read }) => {
    await memory({ wall: 1_000_000, now: 0 }).write([release("192.0.2.1", "default/a", 0)]);
    refusals = [...codes];
    expect(await memory({ wall: 2_000_000, now: 0 }).read()).toHaveLength(read);
    expect(refusals).toEqual([]);
  });

  it("keeps of long names no more than an object holds, the newest", async () => {
    const long = "x".repeat(63);
    const many = Array.from({ length: 8_000 }, (_, at) =>
      release(`2001:db8:1111:2222:3333:4444:5555:${(at + 4_096).toString(16)}`, `${long}/${long.slice(5)}${at}`, at),
    );
    const at = memory({ wall: 1_700_000_000_000, now: 8_001 });
    await at.write(many);
    const text = stored?.data?.["releases.json"] ?? "";
    expect(text.length).toBeGreaterThan(890_000);
    expect(text.length).toBeLessThanOrEqual(900_000);
    const rows = JSON.parse(text) as readonly (readonly [string, string, number])[];
    expect(rows.at(-1)?.[1]).toBe(many.at(-1)?.service);
    expect(await at.write(many)).toBe(true);
    expect(writes).toBe(1);
  });
});
