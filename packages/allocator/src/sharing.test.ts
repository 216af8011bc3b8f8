import { describe, expect, it } from "vitest";
import { NOW, ip, pool, demand, allocatorWith, V4 } from "./allocation.test.fixture.ts";
import type { Demand } from "./index.ts";

describe("sharing", () => {
  it.each([
    { name: "another key", over: { sharingKey: "other" }, conflict: { code: "SharingKey", theirs: "key" } },
    { name: "no key", over: { sharingKey: null }, conflict: { code: "NotShared" } },
    {
      name: "other backends",
      over: { sharingKey: "key", backendKey: "app=b" },
      conflict: { code: "Backend", theirs: "" },
    },
    {
      name: "the same port",
      over: { sharingKey: "key", ports: [{ protocol: "TCP" as const, port: 80 }] },
      conflict: { code: "Port", port: { protocol: "TCP", port: 80 } },
    },
  ])("does not let a service with $name join a shared address", ({ over, conflict }) => {
    const allocator = allocatorWith(V4);
    allocator.assign(demand("first", { sharingKey: "key" }), NOW);
    const udp = [{ protocol: "UDP" as const, port: 80 }];
    const outcome = allocator.assign(demand("svc", { ports: udp, ...over, requested: [ip("192.0.2.0")] }), NOW);
    expect(outcome.refusal).toEqual({ code: "AddressTaken", address: "192.0.2.0", by: "first", conflict });
  });

  it("lets a service join a shared address that comes before the first free one, and counts it once", () => {
    const allocator = allocatorWith(V4);
    allocator.assign(demand("first", { sharingKey: "key" }), NOW);
    const joined = allocator.assign(
      demand("second", { sharingKey: "key", ports: [{ protocol: "UDP", port: 80 }] }),
      NOW,
    );
    expect(joined.assignment?.addresses).toEqual(["192.0.2.0"]);
    expect(allocator.usageOf("v4")?.IPv4).toEqual({ assigned: 1n, available: 3n });
    allocator.release("first", NOW);
    expect(allocator.usageOf("v4")?.IPv4.assigned).toBe(1n);
    expect(allocator.holdersOf(ip("192.0.2.0"))).toEqual(["second"]);
    allocator.release("second", NOW);
    expect(allocator.assign(demand("third"), NOW).assignment?.addresses).toEqual(["192.0.2.0"]);
  });

  it("moves a sharer whose key no longer agrees, and lets the only holder change its key in place", () => {
    const allocator = allocatorWith(V4);
    const udp = [{ protocol: "UDP" as const, port: 80 }];
    allocator.assign(demand("first", { sharingKey: "key" }), NOW);
    allocator.assign(demand("second", { sharingKey: "key", ports: udp }), NOW);
    const moved = allocator.assign(demand("second", { sharingKey: "new", ports: udp }), NOW);
    expect(moved).toMatchObject({
      change: "Assigned",
      assignment: { addresses: ["192.0.2.1"] },
      removalReason: { code: "AddressTaken" },
    });
    expect(allocator.assign(demand("first", { sharingKey: "new" }), NOW).change).toBe("Kept");
  });

  const udp = [{ protocol: "UDP" as const, port: 80 }];
  it("lets another service join when one of two is gone", () => {
    const allocator = allocatorWith(V4);
    const port = (number: number): Partial<Demand> => ({
      sharingKey: "key",
      ports: [{ protocol: "TCP", port: number }],
    });
    for (const [service, number] of [
      ["a", 1],
      ["b", 2],
    ] as const)
      allocator.assign(demand(service, port(number)), NOW);
    allocator.release("b", NOW);
    expect(allocator.assign(demand("c", port(3)), NOW).assignment?.addresses).toEqual(["192.0.2.0"]);
  });

  const confined = pool("confined", ["192.0.2.0-192.0.2.3"], { sharedAcrossAccounts: false });

  it.each([
    { name: "another account", over: {}, joins: false },
    { name: "the same account", over: { account: "x" }, joins: true },
    { name: "an account that only one side lists", over: { sharesWith: ["x"] }, joins: false },
    { name: "accounts that list each other", over: { sharesWith: ["x"] }, theirs: ["y"], joins: true },
    { name: "accounts that share with every account", over: { sharesWith: ["*"] }, theirs: ["*"], joins: true },
  ])("where sharing is confined, $name: $joins", ({ over, theirs = [], joins }) => {
    const allocator = allocatorWith(confined);
    const wanted = { pools: ["confined"], sharingKey: "key" };
    allocator.assign(demand("first", { ...wanted, account: "x", sharesWith: theirs }), NOW);
    const second = demand("second", { ...wanted, ports: udp, account: "y", requested: [ip("192.0.2.0")], ...over });
    const { refusal } = allocator.assign(second, NOW);
    if (joins) expect(refusal).toBeNull();
    else
      expect(refusal).toMatchObject({
        code: "AddressTaken",
        by: "first",
        conflict: { code: "OtherAccount", theirs: "x" },
      });
  });

  it("lets a waiting service join when the holder comes to share with its account", () => {
    const allocator = allocatorWith(pool("confined", ["192.0.2.0"], { sharedAcrossAccounts: false }));
    const demandFor = (service: string, account: string, over: Partial<Demand>): Demand =>
      demand(service, { pools: ["confined"], sharingKey: "key", account, ...over });
    const second = demandFor("second", "y", { ports: udp, sharesWith: ["x"] });
    allocator.assign(demandFor("first", "x", {}), NOW);
    expect(allocator.assign(second, NOW).assignment).toBeNull();
    expect(allocator.assign(demandFor("first", "x", { sharesWith: ["y"] }), NOW).change).toBe("Kept");
    expect(allocator.takeWoken(NOW)).toEqual(["second"]);
    expect(allocator.assign(second, NOW).assignment?.addresses).toEqual(["192.0.2.0"]);
  });

  it("does not separate services that share already, by holding or by record", () => {
    const open = pool("confined", ["192.0.2.0-192.0.2.3"]);
    const allocator = allocatorWith(open);
    const demandFor = (service: string, account: string, ports: Demand["ports"] = udp): Demand =>
      demand(service, { pools: ["confined"], sharingKey: "key", account, ports });
    const tcp = [{ protocol: "TCP" as const, port: 80 }];
    allocator.assign(demandFor("first", "x"), NOW);
    allocator.assign(demandFor("second", "y", tcp), NOW);
    allocator.configure([confined]);
    expect(allocator.assign(demandFor("second", "y", tcp), NOW)).toMatchObject({ change: "Kept", refusal: null });
    const recorded = {
      ...demandFor("third", "z"),
      ports: [{ protocol: "SCTP" as const, port: 1 }],
      recorded: [ip("192.0.2.0")],
    };
    expect(allocator.adopt(recorded).assignment?.addresses).toEqual(["192.0.2.0"]);
  });
});
