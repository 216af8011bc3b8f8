import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import { instant } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { defaultAllocationPolicy } from "../demand/policy.ts";
import { annotated, loadBalancerService, pool, type ServiceFields } from "../service-objects.test.fixture.ts";
import { Ledger } from "./ledger.ts";

const MINUTE = 60_000;
const from = (name: string, more: Readonly<Record<string, string>> = {}): ServiceFields => ({
  annotations: { ...annotated("address-pool", name), ...more },
});
const key = annotated("allow-shared-ip", "k");

/** A ledger of small pools that are full, and who waits for what. */
function fullPools(): Ledger {
  const configuration = readConfiguration([
    pool("a", ["192.0.2.0/32"], { autoAssign: false }),
    pool("b", ["192.0.2.1/32", "2001:db8::/127"], { autoAssign: false }),
    pool("slow", ["192.0.2.2/32"], { autoAssign: false, coolDown: "1m" }),
    pool("wide", ["198.51.100.0/24"], { autoAssign: false }),
  ]);
  const ledger = new Ledger(defaultAllocationPolicy, {
    configuration,
    namespaces: new Map(),
    quotas: new Map([["poor", 1]]),
  });
  const reconcile = (name: string, fields: ServiceFields): void => {
    const service = loadBalancerService(name, fields);
    ledger.reconcile(`${service.metadata?.namespace}/${service.metadata?.name}`, service, instant(0));
  };
  reconcile("has-a", { ...from("a", key), ports: [80, 443] });
  reconcile("has-b", from("b"));
  reconcile("has-slow", from("slow"));
  reconcile("poor/has-wide", from("wide"));
  reconcile("wants-a", from("a"));
  reconcile("wants-beside", { ...from("a", key), ports: [443] });
  reconcile("wants-b", from("b"));
  reconcile("wants-slow", from("slow"));
  reconcile("wants-it", { annotations: annotated("loadBalancerIPs", "192.0.2.1") });
  reconcile("poor/wants-wide", from("wide"));
  reconcile("broken", from("none"));
  ledger.takeWoken(instant(0));
  return ledger;
}

describe("who waits is looked at again when something that concerns it has changed, and only then", () => {
  it.each<{ name: string; happens: (ledger: Ledger) => void; expected: readonly string[] }>([
    { name: "nothing happens", happens: () => {}, expected: [] },
    {
      name: "a holder is looked at again",
      happens: (ledger) => void ledger.reconcile("default/has-b", loadBalancerService("has-b", from("b")), instant(1)),
      expected: [],
    },
    {
      name: "an address of one pool comes free",
      happens: (ledger) => ledger.forget("default/has-b", instant(1)),
      expected: ["default/wants-b", "default/wants-it"],
    },
    {
      name: "an address comes free that has to cool down",
      happens: (ledger) => ledger.forget("default/has-slow", instant(1)),
      expected: [],
    },
    {
      name: "a namespace holds less than its quota again",
      happens: (ledger) => ledger.forget("poor/has-wide", instant(1)),
      expected: ["poor/wants-wide"],
    },
    {
      name: "somebody who waits goes",
      happens: (ledger) => ledger.forget("default/wants-b", instant(1)),
      expected: [],
    },
    {
      name: "a Service comes and is served",
      happens: (ledger) => void ledger.reconcile("default/new", loadBalancerService("new", from("wide")), instant(1)),
      expected: [],
    },
    {
      name: "a holder gives up a port that another wants on the shared address",
      happens: (ledger) =>
        void ledger.reconcile(
          "default/has-a",
          loadBalancerService("has-a", { ...from("a", key), ports: [80] }),
          instant(1),
        ),
      expected: ["default/wants-beside"],
    },
  ])("$name", ({ happens, expected }) => {
    const ledger = fullPools();
    happens(ledger);
    const woken = ledger.takeWoken(instant(2));
    expect(woken.toSorted()).toEqual(expected);
    // Who is told is told once.
    expect(ledger.takeWoken(instant(2))).toEqual([]);
  });

  it("by the mere passing of time, when an address has cooled down", () => {
    const ledger = fullPools();
    expect(ledger.nextDeadline()).toBeNull();
    ledger.forget("default/has-slow", instant(1));
    expect(ledger.nextDeadline()).toBe(1 + MINUTE);
    expect(ledger.takeWoken(instant(MINUTE))).toEqual([]);
    expect(ledger.takeWoken(instant(1 + MINUTE))).toEqual(["default/wants-slow"]);
  });

  it("no Service whose request cannot be read", () => {
    const ledger = fullPools();
    // It waits for b, then asks for a pool that is not there.
    ledger.reconcile("default/wants-b", loadBalancerService("wants-b", from("none")), instant(1));
    ledger.reconcile("default/wants-it", loadBalancerService("wants-it", from("none")), instant(1));
    ledger.forget("default/has-b", instant(2));
    expect(ledger.takeWoken(instant(2))).toEqual([]);
    expect(ledger.pendingByCode().get("UnknownPool")).toBe(3);
  });
});
