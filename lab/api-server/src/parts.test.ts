import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Failure } from "./object/failure.ts";
import type { Json, JsonObject } from "./object/json.ts";
import { humanDuration } from "./printing/age.ts";
import { selectJsonPath } from "./printing/json-path.ts";
import { applyDefaults } from "./schema/defaulting.ts";
import { pruneUnknown } from "./schema/pruning.ts";
import { validate } from "./schema/validation.ts";
import { parseFieldSelector, parseLabelSelector } from "./object/selector.ts";
import { createServiceAllocator } from "./kinds/service-allocation.ts";
import { createFaultQueue } from "./serving/faults.ts";
import { decodeProtobuf } from "./serving/protobuf.ts";
import { createStore } from "./storage/store.ts";

describe("label selectors", () => {
  const labelled: JsonObject = { metadata: { labels: { app: "a", tier: "x" } } };
  it.each([
    ["app=a", true],
    ["app==b", false],
    ["app!=b,tier", true],
    ["!app", false],
    ["app in (a, b),tier notin (y)", true],
    ["other notin (y)", true],
    ["", true],
  ])("%s", (text, selected) => {
    const selector = parseLabelSelector(text);
    expect(selector instanceof Failure ? null : selector(labelled)).toBe(selected);
  });
  it("that cannot be read are refused", () => {
    expect(parseLabelSelector("a=(b")).toBeInstanceOf(Failure);
    expect(parseFieldSelector("metadata.name")).toBeInstanceOf(Failure);
  });
});

describe("ages", () => {
  it.each([
    [5, "5s"],
    [119, "119s"],
    [150, "2m30s"],
    [1200, "20m"],
    [7 * 3600 + 60, "7h1m"],
    [50 * 3600, "2d2h"],
  ])("%d seconds are %s", (seconds, text) => {
    expect(humanDuration(seconds * 1000)).toBe(text);
  });
});

describe("printer columns' paths", () => {
  const object: Json = {
    spec: {
      list: [
        { type: "a", v: 1 },
        { type: "b", v: 2 },
      ],
    },
    metadata: { annotations: { "x.y/z": "w" } },
  };
  it.each<[string, Json[]]>([
    [".spec.list[0].v", [1]],
    [".spec.list[*].v", [1, 2]],
    ['.spec.list[?(@.type=="b")].v', [2]],
    [".metadata.annotations.x\\.y/z", ["w"]],
    [".spec.none", []],
  ])("%s", (path, found) => {
    expect(selectJsonPath(object, path)).toEqual(found);
  });
});

describe("structural schemas", () => {
  const schema = {
    type: "object",
    properties: {
      a: { type: "object", default: {}, properties: { b: { type: "integer", default: 3 } } },
      c: { "x-kubernetes-int-or-string": true },
    },
  };
  it("default nested members, prune unknown ones and tell which", () => {
    const value: JsonObject = { a: { x: 1 } };
    expect(pruneUnknown(value, schema)).toEqual(["a.x"]);
    applyDefaults(value, schema);
    expect(value).toEqual({ a: { b: 3 } });
    expect(validate({ c: "x" }, schema)).toEqual([]);
    expect(validate({ c: true }, schema).map((cause) => cause.field)).toEqual(["c"]);
  });
});

describe("the store", () => {
  const named = (name: string): JsonObject => ({ metadata: { name, namespace: "n" } });
  it("numbers every write, and tells which history is gone", () => {
    const store = createStore(2);
    const start = store.revision;
    for (const name of ["a", "b", "c", "d", "e"]) store.put("k", named(name));
    store.remove("k", named("a"));
    expect(store.revision).toBe(start + 6);
    expect(store.history.since(start)).toBeUndefined();
    expect(store.history.since(store.revision - 2)?.map(({ type }) => type)).toEqual(["ADDED", "DELETED"]);
    store.history.compact(store.revision);
    expect(store.history.since(store.revision - 1)).toBeUndefined();
    expect(store.history.since(store.revision)).toEqual([]);
  });
});

describe("addresses of Services", () => {
  const service = (spec: JsonObject): JsonObject => ({
    metadata: { name: "s" },
    spec: { type: "LoadBalancer", ports: [{ port: 80, protocol: "TCP" }], ...spec },
  });
  it("are distinct, and free again once released", () => {
    const allocator = createServiceAllocator();
    const made = Array.from({ length: 50 }, () => {
      const one = service({ ipFamilyPolicy: "RequireDualStack", externalTrafficPolicy: "Local" });
      expect(allocator.allocate(one, undefined)).toBeUndefined();
      return JSON.stringify((one["spec"] as JsonObject)["clusterIPs"]);
    });
    expect(new Set(made).size).toBe(50);
    const wanted = service({ clusterIP: "10.96.3.4" });
    expect(allocator.allocate(wanted, undefined)).toBeUndefined();
    expect(allocator.allocate(service({ clusterIP: "10.96.3.4" }), undefined)).toBeInstanceOf(Failure);
    allocator.release(wanted);
    expect(allocator.allocate(service({ clusterIP: "10.96.3.4" }), undefined)).toBeUndefined();
  });
});

describe("faults", () => {
  it("hit what they name, as often as they say", () => {
    const queue = createFaultQueue();
    queue.inject({ code: 429, verb: "list", count: 1 });
    expect(queue.take("get", "services", "u")).toBeUndefined();
    expect(queue.take("list", "services", "u")?.code).toBe(429);
    expect(queue.take("list", "services", "u")).toBeUndefined();
  });
});

describe("protobuf bodies", () => {
  it("of any octets are refused or read, never thrown over", () => {
    const envelope = [107, 56, 115, 0];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => {
        expect(decodeProtobuf(Uint8Array.from([...envelope, ...octets]))).toBeDefined();
      }),
      { numRuns: 500 },
    );
  });
});
