import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { Secret } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { node, object, on } from "./announce-objects.test.fixture.ts";
import { nodePeers } from "./node-peers.ts";

describe("peers of a node", () => {
  const base = { myASN: 64500, peerASN: 64501, peerAddress: "192.0.2.1" };
  let peerPort = 179;
  const peer = (name: string, spec: object) =>
    object("BGPPeer", name, { ...base, peerPort: peerPort++, ...spec }, {}, "v1beta2");
  const secret = (type: string, data: Record<string, string>): Secret => ({ type, data });

  it("are those that select it, with their passwords", () => {
    const configuration = readConfiguration([
      peer("elsewhere", { nodeSelectors: on("b") }),
      peer("plain", { nodeSelectors: on("a") }),
      peer("secret", { passwordSecret: { name: "s" } }),
      peer("word", { password: "x" }),
    ]);
    const { peers, issues } = nodePeers(
      configuration,
      node("a"),
      new Map([["s", secret("kubernetes.io/basic-auth", { password: "c8O8" })]]),
    );
    expect(issues).toEqual([]);
    expect(peers.map(({ name, password }) => [name, password])).toEqual([
      ["plain", undefined],
      ["secret", "sü"],
      ["word", "x"],
    ]);
  });

  it("come with the numbers of prefixes that they take, where they are told", () => {
    const numbers = (...specs: readonly object[]) =>
      nodePeers(readConfiguration(specs.map((spec, at) => peer(`p${at}`, spec))), node("a"), new Map()).maxPrefixesSent;
    expect(numbers({})).toBeUndefined();
    expect(numbers({ maxPrefixesSent: 100 }, {})).toEqual(new Map([["p0", 100]]));
  });

  it.each([
    { name: "is not there", secrets: new Map(), reason: "not found" },
    {
      name: "is of another type",
      secrets: new Map([["s", secret("Opaque", { password: "eA==" })]]),
      reason: "wrong type",
    },
    { name: "lacks the key", secrets: new Map([["s", secret("kubernetes.io/basic-auth", {})]]), reason: "no such key" },
    {
      name: "is not base64",
      secrets: new Map([["s", secret("kubernetes.io/basic-auth", { password: "!" })]]),
      reason: "not base64 text",
    },
  ])("are without the one whose Secret $name, and the rest stays", ({ secrets, reason }) => {
    const configuration = readConfiguration([peer("p", { passwordSecret: { name: "s" } }), peer("q", {})]);
    const { peers, issues } = nodePeers(configuration, node("a"), secrets);
    expect(peers.map(({ name }) => name)).toEqual(["q"]);
    expect(issues).toMatchObject([
      { object: { name: "p" }, path: "spec.passwordSecret", code: "BadSecret", facts: { reason } },
    ]);
  });
});
