import { describe, expect, it } from "vitest";
import { sharedNames } from "./exported-names.ts";

const A = "packages/allocator/src/a.ts";
const B = "packages/bgp-speaker/src/b.ts";

describe("sharedNames", () => {
  it.each([
    { name: "an interface and a class", a: "export interface Port {}", b: "export class Port {}", shared: ["Port"] },
    {
      name: "a constant and a function",
      a: "export const send = 1;",
      b: "export function send() {}",
      shared: ["send"],
    },
    { name: "several in one statement", a: "export const x = 1, y = 2;", b: "export type y = 1;", shared: ["y"] },
    { name: "not one that is kept to itself", a: "interface Port {}", b: "export class Port {}", shared: [] },
    {
      name: "not one that is passed on",
      a: 'export { Port } from "./port.ts";',
      b: "export class Port {}",
      shared: [],
    },
    { name: "not other names", a: "export const x = 1;", b: "export const y = 1;", shared: [] },
  ])("counts $name", ({ a, b, shared }) => {
    const files = new Map([
      [A, a],
      [B, b],
    ]);
    expect(sharedNames(files).map(({ name }) => name)).toEqual(shared);
  });

  it("tells every file that declares a name, of one package too, and no test", () => {
    const files = new Map([
      [A, "export const x = 1;"],
      ["packages/allocator/src/deep/c.ts", "export const x = 2; export const y = 1;"],
      [B, "export const y = 3;"],
      ["packages/bgp-speaker/src/b.test.ts", "export const x = 1; export const z = 1;"],
      ["packages/bgp-speaker/src/c.ts", "export const z = 1;"],
    ]);
    expect(sharedNames(files)).toEqual([
      { name: "x", files: [A, "packages/allocator/src/deep/c.ts"] },
      { name: "y", files: ["packages/allocator/src/deep/c.ts", B] },
    ]);
  });
});
