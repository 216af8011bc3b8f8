import type { Ipv4Address } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import type { Capability } from "../capability.ts";
import { IPV4_UNICAST, IPV6_UNICAST } from "../family.ts";
import type { OpenMessage } from "../message/open.ts";
import { type Role, type RoleConfig, roleValues } from "../role.ts";
import { checkOpen } from "./check-open.ts";
import type { FsmConfig } from "./config.ts";

const FAMILIES: readonly Capability[] = [
  { type: "Multiprotocol", family: IPV4_UNICAST },
  { type: "Multiprotocol", family: IPV6_UNICAST },
];

function open(as: number, capabilities: readonly Capability[]): OpenMessage {
  return {
    type: "OPEN",
    version: 4,
    autonomousSystem: as,
    holdTime: 90,
    bgpIdentifier: `192.0.2.${as % 250}` as Ipv4Address,
    optionalParameters: [{ type: "Capabilities", capabilities: [...FAMILIES, ...capabilities] }],
  };
}

function configWith(ours: readonly Capability[], more: Partial<FsmConfig> = {}): FsmConfig {
  return {
    open: open(64512, ours),
    localAs: 64512,
    peerAs: 65001,
    keepaliveTime: null,
    connectRetryTime: 1000,
    passive: false,
    delayOpenTime: 0,
    role: null,
    ...more,
  };
}

describe("extended messages, RFC 8654 §4", () => {
  const offer: readonly Capability[] = [{ type: "ExtendedMessage" }];
  it.each([
    { ours: offer, theirs: offer, negotiated: true },
    { ours: offer, theirs: [], negotiated: false },
    { ours: [], theirs: offer, negotiated: false },
  ])("are sent where both sides offer them: $negotiated", ({ ours, theirs, negotiated }) => {
    const result = checkOpen(open(65001, theirs), configWith(ours));
    expect(result).toMatchObject({ ok: true, value: { extendedMessage: negotiated } });
  });
});

describe("ADD-PATH, RFC 7911 §4", () => {
  const addPath = (ipv4: number, ipv6?: number): readonly Capability[] => [
    {
      type: "AddPath",
      families: [
        { family: IPV4_UNICAST, sendReceive: ipv4 },
        ...(ipv6 === undefined ? [] : [{ family: IPV6_UNICAST, sendReceive: ipv6 }]),
      ],
    },
  ];
  const v4 = [IPV4_UNICAST];
  const both = [IPV4_UNICAST, IPV6_UNICAST];
  it.each([
    { ours: addPath(2), theirs: addPath(1), send: v4, receive: [] },
    { ours: addPath(1), theirs: addPath(2), send: [], receive: v4 },
    { ours: addPath(3), theirs: addPath(3), send: v4, receive: v4 },
    { ours: addPath(3, 3), theirs: addPath(1, 3), send: both, receive: [IPV6_UNICAST] },
    { ours: addPath(2), theirs: addPath(2), send: [], receive: [] },
    { ours: addPath(3), theirs: addPath(0), send: [], receive: [] },
    { ours: addPath(3), theirs: addPath(7), send: [], receive: [] },
    { ours: addPath(3), theirs: [], send: [], receive: [] },
    { ours: [], theirs: addPath(3), send: [], receive: [] },
    { ours: addPath(3), theirs: [...addPath(1), ...addPath(3)], send: v4, receive: [] },
  ])("row %#", ({ ours, theirs, send, receive }) => {
    const result = checkOpen(open(65001, theirs), configWith(ours));
    expect(result).toMatchObject({ ok: true, value: { addPath: { send, receive } } });
  });
});

describe("roles, RFC 9234 §4.2", () => {
  const roles: readonly Role[] = ["Provider", "RS", "RS-Client", "Customer", "Peer"];
  /** Table 2 of the RFC, by hand. */
  const allowed = ["Provider/Customer", "Customer/Provider", "RS/RS-Client", "RS-Client/RS", "Peer/Peer"];
  const told = (...values: readonly number[]): readonly Capability[] =>
    values.map((role) => ({ type: "Role", role }) as const);
  const outcome = (role: RoleConfig | null, theirs: readonly Capability[], as = 65001): string => {
    const theirOpen = { ...open(as, theirs), bgpIdentifier: "192.0.2.251" as Ipv4Address };
    const result = checkOpen(theirOpen, configWith([], { role, peerAs: as }));
    return result.ok ? "accepted" : `${result.error.code}/${result.error.subcode}`;
  };

  it("accepts the pairs of the table, and refuses all others with Role Mismatch", () => {
    for (const local of roles)
      for (const theirs of roles)
        for (const strict of [false, true])
          expect(outcome({ local, strict }, told(roleValues[theirs])), `${local}/${theirs}`).toBe(
            allowed.includes(`${local}/${theirs}`) ? "accepted" : "2/11",
          );
  });

  it.each([
    { name: "no role told", role: { local: "Peer", strict: false }, theirs: told(), expected: "accepted" },
    { name: "no role told, strict", role: { local: "Peer", strict: true }, theirs: told(), expected: "2/11" },
    { name: "one role twice", role: { local: "Peer", strict: true }, theirs: told(4, 4), expected: "accepted" },
    { name: "two roles", role: { local: "Peer", strict: false }, theirs: told(4, 3), expected: "2/11" },
    { name: "a value that means nothing", role: { local: "Peer", strict: false }, theirs: told(9), expected: "2/11" },
    { name: "no role of our own", role: null, theirs: told(0), expected: "accepted" },
    { name: "no role of our own, two told", role: null, theirs: told(0, 1), expected: "accepted" },
  ] as const)("$name: $expected", ({ role, theirs, expected }) => expect(outcome(role, theirs)).toBe(expected));

  it("means nothing inside an AS", () => {
    expect(outcome({ local: "Peer", strict: true }, [], 64512)).toBe("accepted");
  });
});
