import type { ConfigIssue } from "@herald-lb/k8s-glue/metallb";
import { instant, type IpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { pool, pools, service } from "./cluster-objects.test.fixture.ts";
import { bench, reasons } from "./term.test.fixture.ts";

describe("Term", () => {
  it("writes each Service once, says so once, and then is idle", async () => {
    const at = bench([service("a"), service("b")]);
    const term = at.term();
    await at.idle();
    expect(at.writes).toEqual(["a: 192.0.2.1", "b: 192.0.2.2"]);
    expect(reasons(at.events)).toEqual(["a IPAllocated", "b IPAllocated"]);
    term.reconfigure();
    await at.idle();
    expect(at.writes).toHaveLength(2);
    expect(at.events).toHaveLength(2);
    expect(term.isIdle).toBe(true);
  });

  it("only says that it has what another controller gave, and the next term writes nothing", async () => {
    const annotations = { "metallb.io/ip-allocated-from-pool": "two" };
    const at = bench([service("a", { ips: ["192.0.2.2"], annotations })]);
    const first = at.term();
    await at.idle();
    expect([at.writes, at.events]).toEqual([["a: AddressAssigned"], []]);
    await first.end();
    at.term();
    await at.idle();
    expect([at.writes, at.events]).toEqual([["a: AddressAssigned"], []]);
  });

  it("tries again after a conflict, and still says what it gave", async () => {
    const at = bench([service("a")]);
    at.refusals.push("Conflict");
    at.term();
    await at.idle();
    expect(at.writes).toEqual([]);
    at.clock.advanceBy(1_000);
    await at.idle();
    expect(at.writes).toEqual(["a: 192.0.2.1"]);
    expect(reasons(at.events)).toEqual(["a IPAllocated"]);
  });

  it("gives nothing else while the cache lags behind its own write", async () => {
    const at = bench([service("a")]);
    at.echo = false;
    const term = at.term();
    await at.idle();
    at.put(service("b"));
    term.reconfigure();
    await at.idle();
    expect(term.ledger.usageOf("two")?.IPv4.assigned).toBe(2n);
    expect(new Set(at.writes)).toEqual(new Set(["a: 192.0.2.1", "b: 192.0.2.2"]));
  });

  it("sends nothing once the fence is closed", async () => {
    const at = bench([service("a")]);
    at.open = false;
    at.term();
    await at.idle();
    at.clock.advanceBy(60_000);
    await at.idle();
    expect([at.writes, at.events]).toEqual([[], []]);
  });

  it("gives what became free to who waits, and complains about them once", async () => {
    const at = bench([service("a"), service("b"), service("c")]);
    const term = at.term();
    await at.idle();
    expect(reasons(at.events)).toContain("c AllocationFailed");
    term.reconfigure();
    await at.idle();
    expect(reasons(at.events).filter((reason) => reason === "c AllocationFailed")).toHaveLength(1);
    at.remove("a");
    await at.idle();
    expect(at.writes.at(-1)).toBe("c: 192.0.2.1");
    expect(reasons(at.events).at(-1)).toBe("c IPAllocated");
  });

  it("empties what is a load balancer no more, and leaves alone what never was or is another's", async () => {
    const annotations = { "metallb.io/ip-allocated-from-pool": "two" };
    const at = bench([
      service("was", { type: "ClusterIP", ips: ["192.0.2.1"], annotations }),
      service("never", { type: "ClusterIP" }),
      service("theirs", { class: "other", ips: ["192.0.2.2"] }),
    ]);
    at.term();
    await at.idle();
    expect(at.writes).toEqual(["was: "]);
  });

  it("takes a new configuration for every Service", async () => {
    const at = bench([service("a")]);
    const term = at.term();
    await at.idle();
    at.configuration = pools(pool("other", ["198.51.100.7/32"]));
    term.reconfigure();
    await at.idle();
    expect(at.writes).toEqual(["a: 192.0.2.1", "a: 198.51.100.7"]);
    expect(reasons(at.events)).toEqual(["a IPAllocated", "a ClearAssignment", "a IPAllocated"]);
  });

  it("holds a namespace to its quota, and says once what it cannot read", async () => {
    const most = "herald-lb.io/max-addresses";
    const at = bench([service("a"), service("b")]);
    at.namespace("default", { [most]: "1" });
    const term = at.term();
    await at.idle();
    expect(at.writes).toEqual(["a: 192.0.2.1", "b: QuotaReached"]);
    at.namespace("default", { [most]: "one" });
    term.reconfigure();
    term.reconfigure();
    await at.idle();
    expect(at.writes).toEqual(["a: 192.0.2.1", "b: QuotaReached", "b: 192.0.2.2"]);
    expect(reasons(at.events).filter((reason) => reason.startsWith("default"))).toEqual(["default badAnnotation"]);
  });

  it("gives an address that cooled down to who waits for it, when it has", async () => {
    const at = bench([service("a")]);
    at.configuration = pools(pool("one", ["192.0.2.1/32"], { coolDown: "10m" }));
    at.term();
    await at.idle();
    at.remove("a");
    at.put(service("b"));
    await at.idle();
    expect(at.writes).toEqual(["a: 192.0.2.1", "b: PoolsExhausted"]);
    at.clock.advanceBy(9 * 60_000);
    await at.idle();
    expect(at.writes).toHaveLength(2);
    at.clock.advanceBy(60_000);
    await at.idle();
    expect(at.writes.at(-1)).toBe("b: 192.0.2.1");
  });

  it("goes by no Service that is older in the cache than the one it adopted", async () => {
    const annotations = { "metallb.io/ip-allocated-from-pool": "two" };
    const adopted = service("a", { ips: ["192.0.2.2"], annotations, version: "10" });
    const at = bench([adopted]);
    at.put(service("a", { ips: ["192.0.2.1"], annotations, version: "9" }));
    const term = at.term();
    at.put(service("b", { version: "11" }));
    at.put(service("c", { version: "12" }));
    await at.idle();
    expect(at.writes).toEqual(["b: 192.0.2.1", "c: PoolsExhausted"]);
    at.put(adopted);
    await at.idle();
    expect(term.ledger.factsOf("default/a")?.assignment?.addresses).toEqual(["192.0.2.2"]);
  });

  it("hears nothing any more after its end", async () => {
    const at = bench();
    const term = at.term();
    await term.end();
    at.put(service("late"));
    term.reconfigure();
    await at.idle();
    expect(at.writes).toEqual([]);
  });

  it("settles a thousand Services that come at once, each with one write", async () => {
    const many = Array.from({ length: 1_000 }, (_, index) => service(`s${index}`));
    const at = bench(many);
    at.configuration = pools(pool("wide", ["198.18.0.0/16"]));
    at.term();
    for (let turn = 0; at.writes.length < 1_000 && turn < 5_000; turn++) await at.idle();
    await at.idle();
    expect(at.writes).toHaveLength(1_000);
    expect(new Set(at.writes.map((line) => line.split(": ")[1])).size).toBe(1_000);
  });

  it("keeps the configuration that it knew when there is none to be known any more", async () => {
    const at = bench([service("a")]);
    const term = at.term();
    await at.idle();
    at.configuration = { ...pools(), issues: [{ object: { kind: "ConfigMap" }, effect: "Rejected" } as ConfigIssue] };
    term.reconfigure();
    at.put(service("b"));
    await at.idle();
    expect([term.configuration, at.writes]).toEqual(["Known", ["a: 192.0.2.1", "b: 192.0.2.2"]]);
  });

  it("passes the recorded releases on where it knows no pool, and leaves Services as they are", async () => {
    const releases = [{ address: "192.0.2.1" as IpAddress, service: "default/a", at: instant(0) }];
    const at = bench([service("b")], releases);
    const known = at.configuration;
    at.configuration = { ...pools(), issues: [{ object: { kind: "ConfigMap" }, effect: "Rejected" } as ConfigIssue] };
    const blind = at.term();
    await at.idle();
    expect([blind.configuration, blind.isIdle, at.writes]).toEqual(["Unknown", true, []]);
    expect(blind.releases()).toEqual(releases);
    at.configuration = known;
    expect(at.term().releases()).toEqual([]);
  });

  it("writes a conflict on the Service that has the address, and takes it away, with one write each", async () => {
    const rig = bench([service("a")]);
    const term = rig.term();
    await rig.idle();
    const conflict = { hardwareAddress: "02:00:5e:00:53:66", interface: "eth0", node: "n", address: "192.0.2.1" };
    for (const conflicts of [new Map([["192.0.2.1" as IpAddress, [conflict]]]), new Map<IpAddress, never>()]) {
      rig.conflicts = conflicts;
      for (let again = 0; again < 2; again++) {
        term.reconfigure();
        await rig.idle();
      }
    }
    expect(rig.writes).toEqual(["a: 192.0.2.1", "a: AddressAssigned AddressInUse", "a: AddressAssigned"]);
    await term.end();
  });
});
