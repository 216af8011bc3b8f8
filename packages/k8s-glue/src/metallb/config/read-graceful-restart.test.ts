import { describe, expect, it } from "vitest";
import { object } from "./objects.test.fixture.ts";
import { readConfiguration } from "./read-configuration.ts";

describe("graceful restart of a BGPPeer", () => {
  const read = (spec: object) => {
    const common = { myASN: 64500, peerASN: 64501, peerAddress: "192.0.2.1" };
    const peer = { ...object("BGPPeer", "p", { ...common, ...spec }), apiVersion: "metallb.io/v1beta2" };
    const { bgpPeers, issues } = readConfiguration([peer]);
    return {
      gracefulRestart: bgpPeers[0]?.config.gracefulRestart,
      issues: issues.map(({ path, code, effect }) => `${path} ${code} ${effect}`),
    };
  };
  const on = { enableGracefulRestart: true };

  it.each([
    { name: "absent", spec: {}, expected: undefined },
    { name: "off", spec: { enableGracefulRestart: false }, expected: undefined },
    { name: "on", spec: on, expected: { restartTime: 120 } },
    { name: "with a time", spec: { ...on, gracefulRestartTime: "1m" }, expected: { restartTime: 60 } },
    {
      name: "with a stale time",
      spec: { ...on, longLivedStaleTime: "1h" },
      expected: { restartTime: 120, staleTime: 3_600 },
    },
    {
      name: "with the longest times",
      spec: { ...on, gracefulRestartTime: "4095s", longLivedStaleTime: "16777215s" },
      expected: { restartTime: 4_095, staleTime: 16_777_215 },
    },
  ])("$name", ({ spec, expected }) => {
    expect(read(spec)).toEqual({ gracefulRestart: expected, issues: [] });
  });

  it.each(["0s", "4096s", "1500ms", "-1s", "soon"])("goes on by default where the time is %s", (text) => {
    expect(read({ ...on, gracefulRestartTime: text })).toEqual({
      gracefulRestart: { restartTime: 120 },
      issues: ["spec.gracefulRestartTime BadDuration Partial"],
    });
  });

  it("is not turned on by a time", () => {
    expect(read({ gracefulRestartTime: "60s", longLivedStaleTime: "60s" })).toEqual({
      gracefulRestart: undefined,
      issues: ["spec.gracefulRestartTime FieldConflict Noted", "spec.longLivedStaleTime FieldConflict Noted"],
    });
  });
});
