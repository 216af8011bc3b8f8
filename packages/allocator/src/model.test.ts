import { instant, type IpAddress } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ip, pool, range } from "./allocation.test.fixture.ts";
import { Allocator, type Demand, type Outcome, type Pool } from "./index.ts";
import { NaiveModel } from "./naive-model.test.fixture.ts";

const SERVICES = ["a", "b", "c", "d", "e", "f"];
const NAMES = ["one", "two", "six"];
const ADDRESSES = [
  "192.0.2.1",
  "192.0.2.2",
  "192.0.2.3",
  "198.51.100.254",
  "198.51.100.255",
  "198.51.101.1",
  "203.0.113.1",
  "2001:db8::1",
  "2001:db8::2",
  "2001:db8:6::f",
].map(ip);

const options = fc.record(
  {
    order: fc.constantFrom("LowestFirst", "LeastRecentlyUsed"),
    coolDown: fc.constantFrom(0, 5, 20),
    sticky: fc.boolean(),
    maxPerAccount: fc.constantFrom(1, 2, 4),
    sharedAcrossAccounts: fc.boolean(),
    excluded: fc.constantFrom([range("192.0.2.2-192.0.2.9")], [range("2001:db8::2")]),
    reservations: fc.array(
      fc.record({
        service: fc.constantFrom("a", "b"),
        addresses: fc.subarray(ADDRESSES.slice(0, 8), { maxLength: 2 }),
      }),
      { maxLength: 2 },
    ),
  } satisfies { [Option in keyof Pool]?: fc.Arbitrary<unknown> },
  { requiredKeys: [], noNullPrototype: true },
);

/** Three pools, each with options of its own and perhaps gone or smaller. */
const pools: fc.Arbitrary<readonly Pool[]> = fc
  .tuple(options, options, options, fc.subarray(NAMES, { minLength: 2 }), fc.boolean())
  .map(([one, two, six, there, isSmall]) =>
    [
      pool("one", ["192.0.2.1-192.0.2.3", isSmall ? "2001:db8::1" : "2001:db8::1-2001:db8::2"], one),
      pool("two", [isSmall ? "198.51.101.1" : "198.51.100.254-198.51.101.1"], { ...two, avoidBuggyIPs: true }),
      pool("six", ["2001:db8:6::f-2001:db8:6::11"], six),
    ].filter(({ name }) => there.includes(name)),
  );

const quotas = fc
  .tuple(fc.option(fc.nat({ max: 4 })), fc.option(fc.nat({ max: 4 })))
  .map(
    ([x, y]) =>
      new Map<string, number>([...(x === null ? [] : [["x", x] as const]), ...(y === null ? [] : [["y", y] as const])]),
  );

const demand: fc.Arbitrary<Demand> = fc
  .record(
    {
      service: fc.constantFrom(...SERVICES),
      families: fc.constantFrom<Demand["families"]>(
        { type: "All", families: ["IPv4"] },
        { type: "All", families: ["IPv6"] },
        { type: "All", families: ["IPv6", "IPv4"] },
        { type: "PreferBoth", primary: "IPv4" },
        { type: "PreferBoth", primary: "IPv6" },
      ),
      ports: fc
        .subarray([80, 443], { minLength: 1 })
        .map((all) => all.map((port) => ({ protocol: "TCP" as const, port }))),
      pools: fc.constantFrom<Demand["pools"]>(
        ["one"],
        ["two", "one"],
        ["one", "two", "six"],
        [["one", "two"], "six"],
        ["six"],
        [],
      ),
      permitted: fc.constantFrom(NAMES, NAMES, ["one", "two"], ["six"]),
      requested: fc.oneof(
        { weight: 3, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.subarray(ADDRESSES, { minLength: 1, maxLength: 2 }) },
      ),
      recorded: fc.oneof(
        { weight: 4, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.subarray(ADDRESSES, { minLength: 1, maxLength: 2 }) },
      ),
      sharingKey: fc.constantFrom(null, null, "key", "other"),
      backendKey: fc.constantFrom("", "", "app"),
      perFamily: fc.constantFrom(1, 1, 2),
      requestable: fc.constantFrom(NAMES, ["two"]),
      ifImpossible: fc.constantFrom("Keep", "Release"),
      sharesWith: fc.constantFrom(["x"], ["*"], []),
      retainedPools: fc.constantFrom([], [], ["one"], ["two", "six"]),
    },
    { noNullPrototype: true },
  )
  .map(
    (each) =>
      ({
        ...each,
        account: each.service < "d" ? "x" : "y",
        permitted: [...new Set([...each.permitted, ...each.pools.flat()])],
      }) as Demand,
  );

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("assign" as const), demand }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("release" as const), service: fc.constantFrom(...SERVICES) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("configure" as const), pools, quotas }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("adopt" as const),
      demand,
      recorded: fc.subarray(ADDRESSES, { maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("wait" as const), time: fc.nat({ max: 12 }) }) },
);

type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never;

/** The allocator beside the model, and beside both the demands that were not met whole. */
class Pair {
  readonly allocator = new Allocator();
  readonly model = new NaiveModel();
  readonly waiting = new Map<string, { readonly demand: Demand; readonly outcome: Outcome; seen: string }>();

  constructor(initial: readonly Pool[]) {
    this.allocator.configure(initial);
    this.model.configure(initial, new Map());
  }

  assign(asked: Demand): Outcome {
    // What a service holds counts, not what it records; the two are the same but for a moment.
    const wish = this.model.held.has(asked.service) ? { ...asked, recorded: [] } : asked;
    const now = instant(this.model.now);
    const expected = this.model.answer(wish);
    const before = this.snapshot();
    const explained = this.allocator.explain(wish, now);
    expect(this.snapshot()).toEqual(before);
    const outcome = this.allocator.assign(wish, now);
    expect(explained.outcome).toEqual(outcome);
    expect(new Set(outcome.assignment?.addresses)).toEqual(new Set(expected.addresses));
    expect(outcome.refusal === null).toBe(expected.code === null);
    if (expected.code !== null && expected.code !== "short") expect(outcome.refusal?.code).toBe(expected.code);
    this.model.hold(wish, expected.addresses);
    // What a service is given it keeps: asked again, it says the same.
    if (outcome.refusal === null)
      expect(this.allocator.assign(wish, now)).toMatchObject({ change: "Kept", refusal: null });
    if (outcome.refusal === null) this.waiting.delete(wish.service);
    else this.waiting.set(wish.service, { demand: wish, outcome, seen: this.sight(wish) });
    return outcome;
  }

  run(next: Step): void {
    const now = instant(this.model.now);
    if (next.type === "assign") this.assign(next.demand);
    else if (next.type === "wait") this.model.now += next.time;
    else if (next.type === "release") {
      this.allocator.release(next.service, now);
      this.waiting.delete(next.service);
      const held = this.model.held.get(next.service);
      if (held !== undefined) this.model.hold(held.demand, []);
    } else if (next.type === "configure") {
      const before = { pools: this.model.pools, quotas: this.model.quotas };
      const { displaced, outdated } = this.allocator.configure(next.pools, next.quotas);
      this.model.configure(next.pools, next.quotas);
      this.checkOutdated(outdated, before);
      for (const service of displaced) {
        const wish = this.waiting.get(service)?.demand ?? this.model.held.get(service)?.demand;
        if (wish !== undefined) this.assign({ ...wish, recorded: [] });
      }
    } else {
      const wish = { ...next.demand, recorded: next.recorded };
      const legal = this.model.legal(NaiveModel.retaining(wish), next.recorded);
      const kept = this.model.cut(wish, legal, ["IPv4", "IPv6"]);
      this.allocator.adopt(wish, now);
      this.waiting.delete(wish.service);
      this.model.hold(wish, kept);
    }
  }

  /** Asks everyone again who is woken, until nobody is. */
  settle(): void {
    for (let rounds = 0; ; rounds++) {
      expect(rounds).toBeLessThan(200);
      const woken = this.allocator.takeWoken(instant(this.model.now));
      if (woken.length === 0) return;
      for (const service of woken) {
        const waiter = this.waiting.get(service);
        expect(waiter, `${service} waits`).toBeDefined();
        if (waiter === undefined) continue;
        expect(this.sight(waiter.demand), `something changed about ${service}`).not.toBe(waiter.seen);
        this.assign(waiter.demand);
      }
    }
  }

  /** Every refusal that names a pool, an address or a quota which changed is outdated, and only services that wait are. */
  checkOutdated(outdated: readonly string[], before: Pick<NaiveModel, "pools" | "quotas">): void {
    const { pools: now, quotas: quotasNow } = this.model;
    const versions = (name: string) => [before.pools, now].map((all) => all.find((each) => each.name === name));
    const isOther = (name: string): boolean => new Set(versions(name).map((each) => JSON.stringify(each))).size > 1;
    const otherPools = new Set([...before.pools, ...now].map(({ name }) => name).filter(isOther));
    const isOtherQuota = (account: string): boolean => before.quotas.get(account) !== quotasNow.get(account);
    for (const [service, { outcome }] of this.waiting) {
      const { refusal } = outcome;
      if (refusal === null) continue;
      const addresses = "addresses" in refusal ? refusal.addresses : "address" in refusal ? [refusal.address] : [];
      const named =
        addresses.some((address) =>
          [before, this.model].some(({ pools: all }) => otherPools.has(nameOf(all, address))),
        ) ||
        (refusal.code === "QuotaReached" &&
          (refusal.pool === null ? isOtherQuota(refusal.account) : otherPools.has(refusal.pool))) ||
        (refusal.code === "PoolsExhausted" && refusal.tried.some(({ pool: name }) => otherPools.has(name)));
      if (named) expect(outdated, `${service} is outdated`).toContain(service);
    }
    for (const service of outdated) expect(this.waiting.has(service)).toBe(true);
    if (otherPools.size === 0 && !["x", "y"].some(isOtherQuota)) expect(outdated).toEqual([]);
  }

  /** All that a service's answer may hang on: its account, and pools and holders where it may hold or asks for addresses. */
  sight(wish: Demand): string {
    const names = new Set([
      ...wish.pools.flat(),
      ...wish.permitted,
      ...(wish.retainedPools ?? []),
      ...[...wish.requested, ...wish.recorded].map((each) => this.model.poolOf(each)?.name),
    ]);
    const account = wish.account ?? "";
    return JSON.stringify([
      this.model.pools
        .filter(({ name }) => names.has(name))
        .map((each) => [
          each,
          each.ranges
            .flatMap((one) => NaiveModel.span(one))
            .map((address) => [
              this.model.holders(address),
              this.model.cools(address),
              this.model.vacancies.get(address),
            ]),
        ]),
      this.model.quotas.get(account) ?? null,
      [...this.model.counted(account, "")].length,
    ]);
  }

  snapshot(): unknown {
    const { allocator } = this;
    const usage = NAMES.map((name) => allocator.usageOf(name));
    return [new Map(allocator.assignments), usage, allocator.releases(), allocator.nextDeadline()];
  }

  check(): void {
    const { allocator, model } = this;
    const actual = new Map([...allocator.assignments].map(([service, { addresses }]) => [service, addresses]));
    expect(actual).toEqual(new Map([...model.held].map(([service, { addresses }]) => [service, addresses])));
    const known = new Set(allocator.releases().map(({ address, service }) => `${address} ${service}`));
    expect(known).toEqual(new Set(model.partings.map(({ address, service }) => `${address} ${service}`)));
    for (const each of model.pools) {
      for (const family of ["IPv4", "IPv6"] as const) {
        const all = model.usable(each, family);
        const assigned = all.filter((address) => model.holders(address).length > 0).length;
        const usage = { assigned: BigInt(assigned), available: BigInt(all.length - assigned) };
        expect(allocator.usageOf(each.name)?.[family]).toEqual(usage);
      }
    }
    for (const address of ADDRESSES) this.checkAddress(address);
  }

  checkAddress(address: IpAddress): void {
    const holders = this.model.holders(address);
    expect(new Set(this.allocator.holdersOf(address))).toEqual(new Set(holders.map(({ service }) => service)));
    for (const one of holders) for (const other of holders) expect(this.model.together(one, other, false)).toBe(true);
    if (holders.length === 0) return;
    expect(this.model.poolOf(address)).toBeDefined();
    expect(this.model.isExcluded(address) || this.model.isAvoided(address)).toBe(false);
  }
}

function nameOf(all: readonly Pool[], address: IpAddress): string {
  return all.find(({ ranges }) => ranges.some((each) => NaiveModel.span(each).includes(address)))?.name ?? "";
}

describe("the allocator beside a naive model", () => {
  it("agrees in every answer, explains it before, and wakes exactly until nobody could be better off", () => {
    fc.assert(
      fc.property(pools, fc.array(step, { maxLength: 30 }), (initial, steps) => {
        const pair = new Pair(initial);
        for (const next of steps) {
          pair.run(next);
          pair.check();
          pair.settle();
          pair.check();
          for (const { demand: wish, outcome } of pair.waiting.values()) {
            const again = pair.allocator.explain(wish, instant(pair.model.now)).outcome;
            expect(again.assignment).toEqual(outcome.assignment);
            expect(again.refusal).not.toBeNull();
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
