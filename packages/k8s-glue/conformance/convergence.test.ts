/**
 * The properties that do not depend on history, over random sequences of changes to Services, pools, namespaces and leaders.
 *
 * Pools here are scarce, so the order of arrival decides which Services get addresses; that is intended. Pools that are sticky, cool down,
 * or assign the least recently used address remember more, also by intention. Nothing else depends on history. After every event, once
 * the controller's queue is empty: an address has several holders only if they may share it; every address is in the pool that the
 * annotation names; a Service that has all it requests keeps it, whatever happens to others; the pending Services are exactly those
 * whose explanation has a refusal; another reconcile or another leader moves no Service; and no Service was written more than twice on
 * the way. In the end, the remaining Services have what they have in a cluster that never had the others and starts with the same
 * recorded addresses. Starting with what was recorded before the others were deleted, every Service that had all it requests has it
 * there as well. Of several pending Services, the one that came first gets what becomes free.
 *
 * While no pool is full, the order of arrival decides only which address of its pool a Service gets: the pool, the families and the
 * refusals are the same in every order.
 */
import { keyOf, type Service } from "@herald-lb/k8s-glue/objects";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadBalancerService, pool } from "../src/ipam/service-objects.test.fixture.ts";
import { TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";
import { configurations, everyConfiguration, happeningOf, keys, Story, variants } from "./happenings.test.fixture.ts";
import { contented, expectExplained, expectLegal, expectRest, shownBy } from "./rest.test.fixture.ts";

describe("whatever happens to Services, pools and leaders", () => {
  it("leaves everything at rest, legal, explained, and with the same Services satisfied", () => {
    const happenings = fc.array(happeningOf(everyConfiguration.length), { maxLength: 30, size: "max" });
    fc.assert(
      fc.property(happenings, fc.infiniteStream(fc.nat(6)), (events, picks) => {
        const story = new Story((count) => picks.next().value % count);
        const { cluster } = story;
        for (const event of events) {
          const before = contented(cluster);
          const shown = shownBy(cluster);
          cluster.forgetHistory();
          story.happens(event);
          for (const [key, count] of cluster.writes) expect(count, key).toBeLessThanOrEqual(2);
          if (event.type === "Elected") expect(shownBy(cluster)).toEqual(shown);
          if (event.type !== "Configured" && event.type !== "Labelled") {
            const own = event.type === "Applied" || event.type === "Deleted" ? event.key : null;
            for (const [key, had] of before) if (key !== own) expect(cluster.show(key), key).toEqual(had);
          }
          expectLegal(cluster, story.pools);
          expectExplained(cluster);
          expectRest(cluster);
        }
      }),
      { numRuns: 80 },
    );
  });

  it("leaves those that are left with what they would have if the others had never been", () => {
    const happenings = fc.array(happeningOf(configurations.length), { minLength: 5, maxLength: 40, size: "max" });
    fc.assert(
      fc.property(happenings, fc.subarray(keys), (events, left) => {
        const story = new Story();
        const { cluster } = story;
        for (const event of events) story.happens(event);
        for (const key of cluster.services.keys()) if (!left.includes(key)) cluster.delete(key);
        const earlier = [...cluster.services.values()];
        cluster.reconcile();

        const fresh = story.found(cluster.services.values());
        expect(shownBy(fresh)).toEqual(shownBy(cluster));
        expect([...fresh.ledger.pending].toSorted()).toEqual([...cluster.ledger.pending].toSorted());
        expect([...fresh.writes.keys()].filter((key) => !fresh.ledger.pending.has(key))).toEqual([]);

        // Found as they were before the others went, those that had what they ask for have it there too, and only those wait that must.
        const other = story.found(earlier);
        for (const service of earlier) {
          const isServed = service.status?.conditions?.some(({ status }) => status === "True") === true;
          const held = (service.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip);
          if (isServed) expect(other.ips(keyOf(service))).toEqual(expect.arrayContaining(held));
        }
        expectLegal(other, story.pools);
        expectExplained(other);
      }),
      { numRuns: 80 },
    );
  });

  it("gives the same pools, families and refusals in every order of arrival while no pool is full", () => {
    const ample = [
      pool("a", ["192.0.2.0/26"]),
      pool("b", ["198.51.100.0/26", "2001:db8::/122"]),
      pool("m", ["203.0.113.0/26"], { autoAssign: false }),
      pool("t", ["192.0.2.128/26"], {
        serviceAllocation: { namespaceSelectors: [{ matchLabels: { team: "t" } }], priority: 10 },
      }),
    ];
    // Two Services compete for an address that one requests and another is assigned without a request, and so do those that share it.
    const quiet = variants.filter(({ annotations = {}, ports }) => {
      const asked = annotations["metallb.io/loadBalancerIPs"];
      return ports === undefined && (asked === undefined || asked === "nonsense");
    });
    const many = quiet.flatMap((fields, at) =>
      ["default", "team-t"].map((namespace) => loadBalancerService(`${namespace}/s${at}`, fields)),
    );
    const outcome = (services: readonly Service[]): unknown => {
      const cluster = new TestCluster().namespace("team-t", { team: "t" }).configure(...ample);
      for (const service of services) cluster.apply(service).reconcile();
      expectExplained(cluster);
      return [...cluster.services]
        .map(([key, { status }]) => {
          const { ips, pool: from } = cluster.show(key);
          const families = ips.map((ip) => (ip.includes(":") ? "IPv6" : "IPv4"));
          return [key, from, families, status?.conditions?.map(({ reason }) => reason)] as const;
        })
        .toSorted(([one], [other]) => (one < other ? -1 : 1));
    };
    const wanted = outcome(many);
    const places = many.map((_, at) => at);
    fc.assert(
      fc.property(fc.shuffledSubarray(places, { minLength: places.length }), (order) => {
        expect(outcome(order.flatMap((at) => many[at] ?? []))).toEqual(wanted);
      }),
      { numRuns: 80 },
    );
  });
});
