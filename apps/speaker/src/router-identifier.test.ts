import { isIP } from "node:net";
import { describe, expect, it } from "vitest";
import { routerIdentifier } from "./router-identifier.ts";

describe("routerIdentifier", () => {
  it("is an IPv4 address other than 0.0.0.0, the same for one node at any time", () => {
    const identifier = routerIdentifier("node-a");
    expect(isIP(identifier)).toBe(4);
    expect(identifier).not.toBe("0.0.0.0");
    expect(routerIdentifier("node-a")).toBe(identifier);
  });
});
