import type { IpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import type { ConfigIssue } from "../config/issue.ts";
import { acceptedConditions, issuesByObject, objectId } from "./accepted.ts";
import { wantedConfigStatus, wantedPoolStatus } from "./config-status.ts";
import { configurationStateObject, gatewaysOf, wantedConfigurationState } from "./configuration-state.ts";
import { issueEvent } from "./issue-event.ts";

const object = {
  apiVersion: "metallb.io/v1beta1",
  kind: "IPAddressPool",
  namespace: "metallb-system",
  name: "p",
  uid: "u",
  generation: 3,
  creationTimestamp: "",
};
const issue = (effect: ConfigIssue["effect"], code: ConfigIssue["code"] = "Overlap"): ConfigIssue => ({
  object,
  path: "spec.addresses[1]",
  code,
  effect,
  message: "x overlaps y",
  facts: {},
});

const effect = { programmed: true, reason: "Allocating", message: "" };

describe("conditions of an object", () => {
  it.each([
    { name: "nothing wrong", issues: [], expected: [["Accepted", "True", "Accepted", ""]] },
    {
      name: "a part without effect",
      issues: [issue("Partial")],
      expected: [
        ["Accepted", "False", "Overlap", "spec.addresses[1]: x overlaps y; the rest of the object has effect"],
      ],
    },
    {
      name: "a part, then the whole",
      issues: [issue("Partial"), issue("Rejected", "NoAddresses")],
      expected: [
        [
          "Accepted",
          "False",
          "NoAddresses",
          "spec.addresses[1]: x overlaps y; spec.addresses[1]: x overlaps y; the object has no effect",
        ],
      ],
    },
    {
      name: "a remark",
      issues: [issue("Noted", "Duplicate")],
      expected: [["Accepted", "True", "Accepted", "spec.addresses[1]: x overlaps y"]],
    },
    {
      name: "a field not acted on",
      issues: [issue("Noted", "NotActedOn")],
      expected: [
        ["Accepted", "True", "Accepted", ""],
        ["NotActedOn", "True", "NotActedOn", "spec.addresses[1]: x overlaps y"],
      ],
    },
  ])("say $name", ({ issues, expected }) => {
    const conditions = acceptedConditions(issues, 3);
    expect(conditions.map(({ type, status, reason, message }) => [type, status, reason, message])).toEqual(expected);
    expect(conditions.every(({ observedGeneration }) => observedGeneration === 3)).toBe(true);
  });

  it("keep their date while their status stays, so that nothing is written", () => {
    const first = wantedConfigStatus({ object, live: null, issues: [], effect, now: "2026-01-01T00:00:00Z" });
    const again = wantedConfigStatus({ object, live: first, issues: [], effect, now: "2026-01-02T00:00:00Z" });
    expect(again).toEqual(first);
    const changed = wantedConfigStatus({
      object,
      live: first,
      issues: [issue("Partial")],
      effect,
      now: "2026-01-03T00:00:00Z",
    });
    expect(changed.status.conditions?.[0]).toMatchObject({
      status: "False",
      lastTransitionTime: "2026-01-03T00:00:00Z",
    });
  });
});

describe("a pool's counters", () => {
  it("are exact as far as JSON is, and cut there", () => {
    const usage = { IPv4: { assigned: 2n, available: 254n }, IPv6: { assigned: 0n, available: 2n ** 64n } };
    expect(wantedPoolStatus({ object, live: null, issues: [], effect, now: "", usage }).status).toMatchObject({
      assignedIPv4: 2,
      availableIPv4: 254,
      assignedIPv6: 0,
      availableIPv6: 9_007_199_254_740_991,
    });
  });

  it("are zero for a pool that does not serve", () => {
    const status = wantedPoolStatus({
      object,
      live: null,
      issues: [issue("Rejected")],
      effect,
      now: "",
      usage: null,
    }).status;
    expect(status).toMatchObject({ assignedIPv4: 0, availableIPv4: 0, assignedIPv6: 0, availableIPv6: 0 });
  });
});

it("issues are filed by object, and an Event names the field", () => {
  expect(issuesByObject([issue("Partial")]).get(objectId(object))).toHaveLength(1);
  expect(issueEvent(issue("Rejected"))).toMatchObject({
    type: "Warning",
    reason: "Overlap",
    message: "spec.addresses[1]: x overlaps y",
  });
});

it("a ConfigurationState is Invalid while anything has no effect, and not for a remark", () => {
  const state = (issues: ConfigIssue[]) =>
    wantedConfigurationState({
      component: { type: "speaker", node: "n" },
      namespace: "metallb-system",
      issues,
      live: null,
      now: "t",
    });
  expect(state([issue("Noted")]).status).toMatchObject({
    result: "Valid",
    errorSummary: "",
    conditions: [{ reason: "Reconciled" }],
  });
  expect(state([issue("Partial")])).toMatchObject({
    metadata: { name: "speaker-n" },
    status: { result: "Invalid", errorSummary: "IPAddressPool p: spec.addresses[1]: x overlaps y" },
  });
});

it.each([
  { kind: "IPAddressPool", controller: "Invalid" },
  { kind: "Community", controller: "Invalid" },
  { kind: "ConfigMap", controller: "Invalid" },
  { kind: "L2Advertisement", controller: "Valid" },
  { kind: "BGPAdvertisement", controller: "Valid" },
  { kind: "BGPPeer", controller: "Valid" },
  { kind: "BFDProfile", controller: "Valid" },
])("a bad $kind makes a speaker's ConfigurationState Invalid, the controller's $controller", ({ kind, controller }) => {
  const bad = { ...issue("Rejected"), object: { ...object, kind } };
  const common = { namespace: "metallb-system", issues: [bad], live: null, now: "t" };
  const speaker = wantedConfigurationState({ ...common, component: { type: "speaker", node: "n" } });
  expect(speaker.status.result).toBe("Invalid");
  const state = wantedConfigurationState({ ...common, component: { type: "controller" } });
  expect(state.status.result).toBe(controller);
});

it("a speaker's ConfigurationState names its node's default routers, and they are read from it again", () => {
  const speaker = { type: "speaker", node: "n" } as const;
  const gateways = ["192.0.2.1", "2001:db8::1"] as IpAddress[];
  const state = configurationStateObject(speaker, "metallb-system", null, gateways);
  expect(gatewaysOf(state)).toEqual([
    { address: "192.0.2.1", kind: "Gateway", name: "n" },
    { address: "2001:db8::1", kind: "Gateway", name: "n" },
  ]);
  expect(gatewaysOf(configurationStateObject(speaker, "metallb-system", null))).toEqual([]);
  expect(gatewaysOf({ metadata: { annotations: { "herald-lb.io/gateways": "no, 192.0.2.300" } } })).toEqual([]);
});
