import { describe, expect, it } from "vitest";
import { AREAS } from "./architecture.ts";
import { circlesOf } from "./circles.ts";
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
    file: "packages/k8s-glue/src/metallb/x.ts",
    source: 'import "@herald-lb/host";',
    code: "Arrow",
  },
  {
    name: "a floor goes by its name",
    file: "packages/k8s-glue/src/ipam/x.ts",
    source: 'import "@herald-lb/k8s-glue/metallb";',
    code: null,
  },
  {
    name: "no floor reaches into another's files",
    file: "packages/k8s-glue/src/ipam/x.ts",
    source: 'import "../metallb/annotations.ts";',
    code: "Arrow",
  },
  {
    name: "no floor knows the one above it",
    file: "packages/k8s-glue/src/metallb/x.ts",
    source: 'import "@herald-lb/k8s-glue/ipam";',
    code: "Arrow",
  },
  {
    name: "floors side by side do not know each other",
    file: "packages/k8s-glue/src/ipam/x.ts",
    source: 'import "@herald-lb/k8s-glue/announce";',
    code: "Arrow",
  },
  {
    name: "pure floors do not know the client",
    file: "packages/k8s-glue/src/ipam/x.ts",
    source: 'import "@herald-lb/k8s-glue/client";',
    code: "Arrow",
  },
  {
    name: "the objects do not know the client around them",
    file: "packages/k8s-glue/src/client/objects/x.ts",
    source: 'import "../transport.ts";',
    code: "Arrow",
  },
  {
    name: "the conformance suite takes the fixtures of its package",
    file: "packages/k8s-glue/conformance/x.ts",
    source: 'import "../src/ipam/x.test.fixture.ts";',
    code: null,
  },
  {
    name: "the conformance suite goes by the entries otherwise",
    file: "packages/k8s-glue/conformance/x.ts",
    source: 'import "../src/ipam/x.ts";',
    code: "Arrow",
  },
  {
    name: "a lazy import counts",
    file: "packages/allocator/src/x.ts",
    source: 'export const x = () => import("@herald-lb/membership");',
    code: "Arrow",
  },
  {
    name: "a subpath reads the package around it",
    file: "packages/sansio/src/testing/x.ts",
    source: 'import "../machine.ts";',
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

const A = "packages/allocator/src";
const CIRCLES: readonly {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly code: Violation["code"] | null;
  readonly names: readonly string[];
}[] = [
  {
    name: "files",
    files: { [`${A}/a.ts`]: 'import "./b.ts";', [`${A}/b.ts`]: 'import "./c.ts";', [`${A}/c.ts`]: 'import "./a.ts";' },
    code: "FileCircle",
    names: [`${A}/a.ts`, `${A}/b.ts`, `${A}/c.ts`, `${A}/a.ts`],
  },
  {
    name: "files that take types alone",
    files: { [`${A}/a.ts`]: 'import type { B } from "./b.ts";', [`${A}/b.ts`]: 'export type { A } from "./a.ts";' },
    code: "FileCircle",
    names: [`${A}/a.ts`, `${A}/b.ts`, `${A}/a.ts`],
  },
  {
    name: "folders whose files are in order",
    files: { [`${A}/x/a.ts`]: 'import "../y/b.ts";', [`${A}/y/c.ts`]: 'import "../x/d.ts";' },
    code: "FolderCircle",
    names: [`${A}/x/`, `${A}/y/`, `${A}/x/`],
  },
  {
    name: "a folder and a file above it",
    files: { [`${A}/x/a.ts`]: 'import "../top.ts";', [`${A}/top.ts`]: 'import "./x/b.ts";' },
    code: "FolderCircle",
    names: [`${A}/top.ts`, `${A}/x/`, `${A}/top.ts`],
  },
  {
    name: "none where a folder stands between two files of the top",
    files: { [`${A}/above.ts`]: 'import "./x/a.ts";', [`${A}/x/a.ts`]: 'import "../below.ts";' },
    code: null,
    names: [],
  },
  {
    name: "packages, closed by an import against the arrows",
    files: {
      "lab/src/a.ts": 'import "@herald-lb/daemon";',
      "packages/daemon/src/index.ts": "",
      "packages/daemon/src/b.ts": 'import "../../../lab/src/b.ts";',
    },
    code: "PackageCircle",
    names: ["lab/src/", "packages/daemon/src/", "lab/src/"],
  },
];

describe("importViolations", () => {
  it.each(RULES)("$name", ({ file, source, code }) => {
    const codes = importViolations(new Map([[file, source]])).map((violation) => violation.code);
    expect(codes).toEqual(code === null ? [] : [code]);
  });

  it.each(CIRCLES)("tells a circle once, with its way round: $name", ({ files, code, names }) => {
    const violations = importViolations(new Map(Object.entries(files))).filter((each) => each.code !== "Arrow");
    expect(violations.map((violation) => [violation.code, violation.names])).toEqual(
      code === null ? [] : [[code, names.join(" -> ")]],
    );
  });

  it("is given a table of arrows without a circle", () => {
    const arrows = AREAS.map(({ name, under, workspace }) => [name ?? under, new Set(workspace)] as const);
    expect(circlesOf(new Map(arrows))).toEqual([]);
  });
});
