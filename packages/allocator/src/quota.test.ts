import { describe, expect, it } from "vitest";
import { demand, given, ip, NOW, pool, V4 } from "./allocation.test.fixture.ts";
import { Allocator, type Pool } from "./index.ts";

function allocator(quota: number | null, options: Partial<Pool> = {}): Allocator {
  const book = new Allocator();
  book.configure([{ ...V4, ...options }], new Map(quota === null ? [] : [["x", quota]]));
  return book;
}
const wish = (service: string, over: Parameters<typeof demand>[1] = {}): ReturnType<typeof demand> =>
  demand(service, { account: "x", ...over });
const udp = [{ protocol: "UDP" as const, port: 80 }];

describe("quotas", () => {
  it("limit what the services of an account hold in all pools together", () => {
    const book = allocator(1);
    expect(given(book, wish("a"))).toEqual(["192.0.2.0"]);
    const refusal = { code: "QuotaReached", account: "x", pool: null, limit: 1 };
    expect(book.assign(wish("b"), NOW).refusal).toEqual(refusal);
    expect(book.assign(wish("c", { requested: [ip("192.0.2.2")] }), NOW).refusal).toEqual(refusal);
    expect(given(book, wish("d", { account: "y" }))).toEqual(["192.0.2.1"]);
    book.release("a", NOW);
    expect(book.takeWoken(NOW)).toEqual(["b"]);
  });

  it("limit what they hold of one pool", () => {
    const book = allocator(null, { maxPerAccount: 1 });
    book.assign(wish("a"), NOW);
    expect(book.assign(wish("b"), NOW).refusal).toEqual({
      code: "PoolsExhausted",
      tried: [{ pool: "v4", family: "IPv4", code: "QuotaReached", account: "x", limit: 1 }],
    });
    expect(book.assign(wish("b", { requested: [ip("192.0.2.2")] }), NOW).refusal).toEqual({
      code: "QuotaReached",
      account: "x",
      pool: "v4",
      limit: 1,
    });
  });

  it("count an address once that two services of the account share", () => {
    const book = allocator(1);
    book.assign(wish("a", { sharingKey: "key" }), NOW);
    expect(given(book, wish("b", { sharingKey: "key", ports: udp }))).toEqual(["192.0.2.0"]);
    expect(book.assign(wish("c"), NOW).refusal?.code).toBe("QuotaReached");
    book.release("a", NOW);
    expect(book.takeWoken(NOW)).toEqual([]);
    book.release("b", NOW);
    expect(book.takeWoken(NOW)).toEqual(["c"]);
  });

  it("take nothing away, and let a service change its address or move out of a pool that shrank", () => {
    const book = allocator(null);
    for (const service of ["a", "b"]) book.assign(wish(service), NOW);
    book.configure([V4], new Map([["x", 1]]));
    expect(book.assign(wish("a"), NOW)).toMatchObject({ change: "Kept", refusal: null });
    expect(given(book, wish("a", { requested: [ip("192.0.2.3")] }))).toEqual(["192.0.2.3"]);
    expect(book.configure([pool("v4", ["192.0.2.2-192.0.2.3"])], new Map([["x", 1]])).displaced).toEqual(["b"]);
    expect(given(book, wish("b"))).toEqual(["192.0.2.2"]);
  });

  it("leave a family its room when another cannot be given whole", () => {
    const dual = pool("dual", ["192.0.2.1-192.0.2.2", "2001:db8::1"], { maxPerAccount: 2 });
    const book = new Allocator();
    book.configure([dual]);
    const families = { type: "PreferBoth", primary: "IPv6" } as const;
    expect(given(book, wish("a", { families, perFamily: 2, pools: ["dual"] }))).toEqual(["192.0.2.1", "192.0.2.2"]);
  });

  it("do not stand against a record", () => {
    const book = allocator(0);
    expect(book.adopt(wish("a", { recorded: [ip("192.0.2.1")] })).assignment?.addresses).toEqual(["192.0.2.1"]);
    expect(given(book, wish("b", { recorded: [ip("192.0.2.2")] }))).toEqual(["192.0.2.2"]);
  });

  it("wake as many as a raised limit leaves room for", () => {
    const book = allocator(0);
    for (const service of ["a", "b", "c"]) book.assign(wish(service), NOW);
    book.configure([V4], new Map([["x", 2]]));
    expect(book.takeWoken(NOW)).toEqual(["a", "b"]);
    expect(given(book, wish("a"))).toHaveLength(1);
    expect(book.takeWoken(NOW)).toEqual([]);
    book.release("b", NOW);
    expect(book.takeWoken(NOW)).toEqual(["c"]);
  });
});
