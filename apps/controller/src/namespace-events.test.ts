import type { Occurrence } from "@herald-lb/k8s-glue/client";
import type { Namespace } from "@herald-lb/k8s-glue/objects";
import { expect, it } from "vitest";
import { NamespaceEvents } from "./namespace-events.ts";
import { namespaceFactsOf } from "./namespace-facts.ts";

it("records a fault on its Namespace once for as long as it stays, and again when it comes back or changes", () => {
  const events: Occurrence[] = [];
  const record = new NamespaceEvents({ record: (occurrence) => void events.push(occurrence) });
  const limited = (most: string): Namespace => ({
    metadata: { name: "team", uid: "uid-team", annotations: { "herald-lb.io/max-addresses": most } },
  });
  const count = (...namespaces: readonly Namespace[]): number => {
    record.record(namespaceFactsOf(namespaces).faults);
    return events.length;
  };
  expect(count(limited("one"))).toBe(1);
  expect(count(limited("one"))).toBe(1);
  expect(count(limited("two"))).toBe(2);
  expect(count(limited("2"))).toBe(2);
  expect(count(limited("two"))).toBe(3);
  const object = { apiVersion: "v1", kind: "Namespace", name: "team", uid: "uid-team" };
  expect(events[0]).toMatchObject({ object, type: "Warning", reason: "badAnnotation" });
});
