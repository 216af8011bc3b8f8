import { describe, expect, it } from "vitest";
import { excludedNames } from "./worker-settings.ts";

describe("excludedNames", () => {
  it("reads MetalLB's file, and tells what is no expression apart", () => {
    const yaml = ["announcedInterfacesToExclude:", "- ^docker.*", `  - "^lo$"`, "- '^veth[0-9'", ""].join("\n");
    expect(excludedNames(yaml)).toEqual({ names: ["^docker.*", "^lo$"], unusable: ["^veth[0-9"] });
    expect(excludedNames("announcedInterfacesToExclude: []\n")).toEqual({ names: [], unusable: [] });
  });
});
