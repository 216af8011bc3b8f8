import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type InterfaceSelection, selectsInterface, selectsOnly } from "./interface-selection.ts";

describe("a selection of interfaces", () => {
  it.each<readonly [InterfaceSelection, string, boolean]>([
    ["all", "eth0", true],
    [[], "eth0", false],
    [["eth0"], "eth0", true],
    [["eth0"], "eth01", false],
    [["eth.*"], "eth0", false],
    [[{ pattern: "^eth[0-9]$" }], "eth0", true],
    [[{ pattern: "^eth[0-9]$" }], "veth0", false],
    [[{ pattern: "th0" }], "eth0", true],
    [["bond0", { pattern: "^ens" }], "ens3", true],
    [["bond0", { pattern: "^ens" }], "bond0", true],
  ])("%j and %s: %s", (selection, name, expected) => {
    expect(selectsInterface(selection, name)).toBe(expected);
  });

  it("compiles an expression once, and judges by the right one among many", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5_000), { minLength: 1, maxLength: 20 }), (numbers) => {
        for (const number of numbers) {
          expect(selectsInterface([{ pattern: `^if${number}$` }], `if${number}`)).toBe(true);
          expect(selectsInterface([{ pattern: `^if${number}$` }], `if${number + 1}`)).toBe(false);
        }
      }),
    );
  });

  it.each<readonly [InterfaceSelection, readonly string[], boolean]>([
    ["all", ["a"], false],
    [["a"], ["a", "b"], true],
    [["a", "c"], ["a", "b"], false],
    [[{ pattern: "a" }], ["a"], false],
  ])("%j selects nothing but %j: %s", (selection, names, expected) => {
    expect(selectsOnly(selection, names)).toBe(expected);
  });
});
