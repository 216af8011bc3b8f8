import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Failure } from "../object/failure.ts";
import type { Json, JsonObject } from "../object/json.ts";
import { builtInSchema } from "../schema/list-topology.ts";
import { type Applied, serverSideApply } from "./apply.ts";
import { decodeFieldSet, difference, encodeFieldSet, type FieldSet, fieldSetOf, pathsOf, union } from "./field-set.ts";
import { jsonPatch } from "./json.ts";
import { mergePatch } from "./merge.ts";
import { strategicMergePatch } from "./strategic.ts";

describe("merge patch (RFC 7386 appendix A)", () => {
  const cases: readonly (readonly [Json, Json, Json])[] = [
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  it.each(cases)("%j with %j gives %j", (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result);
  });
});

describe("JSON patch (RFC 6902 appendix A)", () => {
  const cases: readonly {
    readonly name: string;
    readonly from: Json;
    readonly patch: Json[];
    readonly to: Json | null;
  }[] = [
    {
      name: "adds a member",
      from: { foo: "bar" },
      patch: [{ op: "add", path: "/baz", value: "qux" }],
      to: { baz: "qux", foo: "bar" },
    },
    {
      name: "adds an item",
      from: { foo: ["bar", "baz"] },
      patch: [{ op: "add", path: "/foo/1", value: "qux" }],
      to: { foo: ["bar", "qux", "baz"] },
    },
    {
      name: "removes an item",
      from: { foo: ["bar", "qux", "baz"] },
      patch: [{ op: "remove", path: "/foo/1" }],
      to: { foo: ["bar", "baz"] },
    },
    {
      name: "moves",
      from: { foo: { bar: 1 }, qux: {} },
      patch: [{ op: "move", from: "/foo/bar", path: "/qux/thud" }],
      to: { foo: {}, qux: { thud: 1 } },
    },
    {
      name: "unescapes",
      from: { "/": 9, "~1": 10 },
      patch: [{ op: "test", path: "/~01", value: 10 }],
      to: { "/": 9, "~1": 10 },
    },
    {
      name: "appends",
      from: { foo: ["bar"] },
      patch: [{ op: "add", path: "/foo/-", value: ["abc"] }],
      to: { foo: ["bar", ["abc"]] },
    },
    {
      name: "refuses a failed test whole",
      from: { a: 1 },
      patch: [
        { op: "add", path: "/b", value: 1 },
        { op: "test", path: "/a", value: 2 },
      ],
      to: null,
    },
    { name: "refuses to remove what is not there", from: {}, patch: [{ op: "remove", path: "/a" }], to: null },
  ];
  it.each(cases)("$name", ({ from, patch, to }) => {
    const result = jsonPatch(from, patch);
    expect("value" in result ? result.value : null).toEqual(to);
  });
});

describe("strategic merge patch", () => {
  const schema = builtInSchema("Service");
  const service = {
    spec: {
      ports: [
        { port: 80, name: "a" },
        { port: 81, name: "b" },
      ],
      selector: { x: "1" },
    },
  };
  const cases: readonly { readonly name: string; readonly patch: JsonObject; readonly ports: Json }[] = [
    {
      name: "merges by the merge key",
      patch: { ports: [{ port: 81, name: "c" }] },
      ports: [
        { port: 80, name: "a" },
        { port: 81, name: "c" },
      ],
    },
    {
      name: "deletes by directive",
      patch: { ports: [{ port: 80, $patch: "delete" }] },
      ports: [{ port: 81, name: "b" }],
    },
    { name: "replaces by directive", patch: { ports: [{ $patch: "replace" }, { port: 9 }] }, ports: [{ port: 9 }] },
    {
      name: "orders",
      patch: { "$setElementOrder/ports": [{ port: 81 }, { port: 80 }] },
      ports: [
        { port: 81, name: "b" },
        { port: 80, name: "a" },
      ],
    },
  ];
  it.each(cases)("$name", ({ patch, ports }) => {
    expect(strategicMergePatch(service, { spec: patch }, schema)).toMatchObject({ spec: { ports } });
  });
});

describe("sets of fields", () => {
  const path = fc.array(fc.constantFrom("f:a", "f:b", 'k:{"n":1}', "v:1"), { minLength: 1, maxLength: 4 });
  const key = (set: FieldSet): readonly string[] =>
    pathsOf(set)
      .map((found) => found.join("/"))
      .sort();
  it("are sets of paths, and FieldsV1 holds them", () => {
    fc.assert(
      fc.property(fc.array(path), fc.array(path), (a, b) => {
        const names = (paths: readonly (readonly string[])[]): Set<string> =>
          new Set(paths.map((found) => found.join("/")));
        expect(key(union(fieldSetOf(a), fieldSetOf(b)))).toEqual([...names(a).union(names(b))].sort());
        expect(key(difference(fieldSetOf(a), fieldSetOf(b)))).toEqual([...names(a).difference(names(b))].sort());
        expect(key(decodeFieldSet(encodeFieldSet(fieldSetOf(a))))).toEqual(key(fieldSetOf(a)));
      }),
    );
  });
});

describe("server-side apply", () => {
  const writer = (manager: string) => ({ manager, subresource: "", apiVersion: "v1", time: "t" });
  const apply = (before: Applied | undefined, manager: string, data: JsonObject, force = false): Applied | Failure =>
    serverSideApply(before?.object, before?.managers ?? [], { data }, undefined, writer(manager), {
      force,
      ignored: [],
    });
  const done = (applied: Applied | Failure): Applied => {
    if (applied instanceof Failure) throw new Error(applied.message);
    return applied;
  };
  it("keeps what another owns, conflicts over it, and shares what both say", () => {
    const first = done(apply(undefined, "one", { a: 1, b: 2 }));
    expect(apply(first, "two", { a: 9 })).toMatchObject({ code: 409, reason: "Conflict" });
    const both = done(apply(first, "two", { a: 1, c: 3 }));
    expect(done(apply(both, "one", { b: 2 })).object).toEqual({ data: { a: 1, b: 2, c: 3 } });
  });
  it("removes what was given up by its last owner", () => {
    const first = done(apply(undefined, "one", { a: 1, b: 2 }));
    expect(done(apply(first, "one", { b: 2 })).object).toEqual({ data: { b: 2 } });
  });
  it("applied twice is applied once", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("a", "b", "c"), fc.integer()), (data) => {
        const once = done(apply(undefined, "one", data));
        expect(done(apply(once, "one", data))).toEqual(once);
      }),
    );
  });
});
