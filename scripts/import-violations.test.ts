import { describe, expect, it } from "vitest";
import { importViolations, type Violation } from "./import-violations.ts";

const RULES: readonly {
  readonly name: string;
  readonly file: string;
  readonly source: string;
  readonly code: Violation["code"] | null;
}[] = [
  {
    name: "a protocol may use sansio",
    file: "packages/allocator/src/x.ts",
    source: 'import { ok } from "@herald-lb/sansio"; ok(1);',
    code: null,
  },
  {
    name: "protocols do not know each other",
    file: "packages/allocator/src/x.ts",
    source: 'import "@herald-lb/bgp-speaker";',
    code: "Arrow",
  },
  {
    name: "sansio knows nobody",
    file: "packages/sansio/src/x.ts",
    source: 'export { x } from "@herald-lb/allocator";',
    code: "Arrow",
  },
  {
    name: "a pure package does not reach into another's files",
    file: "packages/allocator/src/x.ts",
    source: 'import "../../sansio/src/machine.ts";',
    code: "Arrow",
  },
  {
    name: "the glue does not know the host",
    file: "packages/k8s-glue/src/x.ts",
    source: 'import "@herald-lb/host";',
    code: "Arrow",
  },
  {
    name: "the pure glue does not know its client",
    file: "packages/k8s-glue/src/x.ts",
    source: 'import "./client/transport.ts";',
    code: "Arrow",
  },
  {
    name: "a lazy import counts",
    file: "packages/allocator/src/x.ts",
    source: 'export const x = () => import("@herald-lb/membership");',
    code: "Arrow",
  },
  {
    name: "the client reads the pure half beside it",
    file: "packages/k8s-glue/src/client/x.ts",
    source: 'import "../object-meta.ts";',
    code: null,
  },
  {
    name: "no Node in a pure package",
    file: "packages/bgp-speaker/src/x.ts",
    source: 'import "node:net";',
    code: "NodeModule",
  },
  { name: "Node in the host", file: "packages/host/src/x.ts", source: 'import "node:net";', code: null },
  {
    name: "no other library in a pure package",
    file: "packages/bgp-speaker/src/x.ts",
    source: 'import "lodash";',
    code: "Registry",
  },
  { name: "ipaddr.js belongs to sansio", file: "lab/src/x.ts", source: 'import "ipaddr.js";', code: "Owned" },
  { name: "koffi belongs to the host", file: "apps/speaker/src/x.ts", source: 'import "koffi";', code: "Owned" },
  { name: "no timers", file: "packages/membership/src/x.ts", source: "setTimeout(() => {}, 1);", code: "World" },
  {
    name: "no wall clock",
    file: "packages/membership/src/x.ts",
    source: "export const x = Date.now();",
    code: "World",
  },
  {
    name: "no monotonic clock",
    file: "packages/membership/src/x.ts",
    source: "export const x = performance.now();",
    code: "World",
  },
  {
    name: "no randomness",
    file: "packages/arp-responder/src/x.ts",
    source: "export const x = Math.random();",
    code: "World",
  },
  { name: "no process", file: "packages/allocator/src/x.ts", source: "export const x = process.env;", code: "World" },
  { name: "no console", file: "packages/allocator/src/x.ts", source: "console.log(1);", code: "World" },
  {
    name: "a type named Date is no clock",
    file: "packages/allocator/src/x.ts",
    source: "export const date = 1;",
    code: null,
  },
  {
    name: "a test may use the clock",
    file: "packages/allocator/src/x.test.ts",
    source: "export const x = Date.now();",
    code: null,
  },
  { name: "every folder has a row", file: "packages/new/src/x.ts", source: "", code: "UnknownFolder" },
  {
    name: "what does not parse is told",
    file: "packages/allocator/src/x.ts",
    source: "export const = ;",
    code: "Unreadable",
  },
];

describe("importViolations", () => {
  it.each(RULES)("$name", ({ file, source, code }) => {
    const codes = importViolations(new Map([[file, source]])).map((violation) => violation.code);
    expect(codes).toEqual(code === null ? [] : [code]);
  });

  it("tells a circle once, with its way round", () => {
    const files = new Map([
      ["packages/allocator/src/a.ts", 'import "./b.ts";'],
      ["packages/allocator/src/b.ts", 'import "./c.ts";'],
      ["packages/allocator/src/c.ts", 'import "./a.ts";'],
    ]);
    expect(importViolations(files)).toEqual([
      {
        file: "packages/allocator/src/a.ts",
        code: "Cycle",
        names:
          "packages/allocator/src/a.ts -> packages/allocator/src/b.ts -> packages/allocator/src/c.ts -> packages/allocator/src/a.ts",
      },
    ]);
  });
});
