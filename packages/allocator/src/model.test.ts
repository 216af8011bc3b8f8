import { instant, type IpAddress } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ADDRESSES, demand, NAMES, pools, quotas, SERVICES } from "./histories.test.fixture.ts";
import { Allocator, type Demand, type Outcome, type Pool } from "./index.ts";
import { NaiveModel } from "./naive-model.test.fixture.ts";

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("assign" as const), demand }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("release" as const), service: fc.constantFrom(...SERVICES) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("configure" as const), pools, quotas }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("adopt" as const),
      demand,
      recorded: fc.subarray([...ADDRESSES], { maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("wait" as const), time: fc.nat({ max: 12 }) }) },
);

type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never;

/** The allocator, the model, and the demands that are not met completely. */
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
    const wanted = this.model.held.has(asked.service) ? { ...asked, recorded: [] } : asked;
    const now = instant(this.model.now);
    const expected = this.model.answer(wanted);
    const before = this.snapshot();
    const explained = this.allocator.explain(wanted, now);
    expect(this.snapshot()).toEqual(before);
    const outcome = this.allocator.assign(wanted, now);
    expect(explained.outcome).toEqual(outcome);
    expect(new Set(outcome.assignment?.addresses)).toEqual(new Set(expected.addresses));
    expect(outcome.refusal === null).toBe(expected.code === null);
    if (expected.code !== null && expected.code !== "short") expect(outcome.refusal?.code).toBe(expected.code);
    this.model.hold(wanted, expected.addresses);
    // A service keeps what it is assigned: asked again, the outcome is the same.
    if (outcome.refusal === null)
      expect(this.allocator.assign(wanted, now)).toMatchObject({ change: "Kept", refusal: null });
    if (outcome.refusal === null) this.waiting.delete(wanted.service);
    else this.waiting.set(wanted.service, { demand: wanted, outcome, seen: this.relevantState(wanted) });
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
        const wanted = this.waiting.get(service)?.demand ?? this.model.held.get(service)?.demand;
        if (wanted !== undefined) this.assign({ ...wanted, recorded: [] });
      }
    } else {
      const wanted = { ...next.demand, recorded: next.recorded };
      const legal = this.model.legal(NaiveModel.retaining(wanted), next.recorded);
      const kept = this.model.cut(wanted, legal, ["IPv4", "IPv6"]);
      this.allocator.adopt(wanted, now);
      this.waiting.delete(wanted.service);
      this.model.hold(wanted, kept);
    }
  }

  /** Asks every woken service again, until none is woken. */
  askWoken(): void {
    for (let rounds = 0; ; rounds++) {
      expect(rounds).toBeLessThan(200);
      const woken = this.allocator.takeWoken(instant(this.model.now));
      if (woken.length === 0) return;
      for (const service of woken) {
        const waiter = this.waiting.get(service);
        expect(waiter, `${service} waits`).toBeDefined();
        if (waiter === undefined) continue;
        expect(this.relevantState(waiter.demand), `something changed about ${service}`).not.toBe(waiter.seen);
        this.assign(waiter.demand);
      }
    }
  }

  /** Every refusal that names a pool, an address or a quota which changed is outdated, and only services that wait are. */
  checkOutdated(outdated: readonly string[], before: Pick<NaiveModel, "pools" | "quotas">): void {
    const { pools: now, quotas: quotasNow } = this.model;
    const versions = (name: string) => [before.pools, now].map((all) => all.find((each) => each.name === name));
    const isOther = (name: string): boolean =>
      new Set(versions(name).map((each) => each && JSON.stringify({ ...defaults, ...each }))).size > 1;
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

  /** Everything that the outcome of a demand may depend on: the account, and the pools and holders where the service may hold or requests addresses. */
  relevantState(wanted: Demand): string {
    const names = new Set([
      ...wanted.pools.flat(),
      ...wanted.permitted,
      ...(wanted.retainedPools ?? []),
      ...[...wanted.requested, ...wanted.recorded].map((each) => this.model.poolOf(each)?.name),
    ]);
    const account = wanted.account ?? "";
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
              this.model.timesFreed.get(address),
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
    expect(known).toEqual(new Set(model.knownReleases.map(({ address, service }) => `${address} ${service}`)));
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
    for (const one of holders) for (const other of holders) expect(this.model.mayShare(one, other, false)).toBe(true);
    if (holders.length === 0) return;
    expect(this.model.poolOf(address)).toBeDefined();
    expect(this.model.isExcluded(address) || this.model.isAvoided(address)).toBe(false);
  }
}

/** The options of a pool where they are absent, in one order for all pools. */
const defaults: Omit<Required<Pool>, "name" | "ranges" | "avoidBuggyIPs"> = {
  excluded: [],
  reservations: [],
  occupied: [],
  order: "LowestFirst",
  coolDown: 0,
  sticky: false,
  maxPerAccount: Number.POSITIVE_INFINITY,
  sharedAcrossAccounts: true,
};

function nameOf(all: readonly Pool[], address: IpAddress): string {
  return all.find(({ ranges }) => ranges.some((each) => NaiveModel.span(each).includes(address)))?.name ?? "";
}

describe("the allocator beside a naive model", () => {
  it("agrees in every answer, explains it before, and wakes services exactly until none could be better off", () => {
    fc.assert(
      fc.property(pools, fc.array(step, { maxLength: 30 }), (initial, steps) => {
        const pair = new Pair(initial);
        for (const next of steps) {
          pair.run(next);
          pair.check();
          pair.askWoken();
          pair.check();
          for (const { demand: wanted, outcome } of pair.waiting.values()) {
            const again = pair.allocator.explain(wanted, instant(pair.model.now)).outcome;
            expect(again.assignment).toEqual(outcome.assignment);
            expect(again.refusal).not.toBeNull();
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
