import { describe, expect, it } from "vitest";
import { leadershipOf } from "./leadership.ts";

describe("what a controller says of its part", () => {
  for (const { name, leading, leader, says } of [
    { name: "leads", leading: true, leader: null, says: "leading" },
    { name: "another leads", leading: false, leader: "other", says: "standing by for other" },
    { name: "nobody is known to lead", leading: false, leader: null, says: "standing by, no leader known" },
  ]) {
    it(name, () => expect(leadershipOf(leading, leader)).toBe(says));
  }
});
