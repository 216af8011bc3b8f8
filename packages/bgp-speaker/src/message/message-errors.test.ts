import { hexOf, octetsFromHex } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import type { CodecContext } from "../codec-context.ts";
import { IPV4_UNICAST, IPV6_UNICAST } from "../family.ts";
import { decodeMessage, encodeMessage } from "./index.ts";

const context: CodecContext = { fourOctetAs: true, families: [IPV4_UNICAST, IPV6_UNICAST], maxMessageLength: 4096 };
const MARKER = "ff".repeat(16);

/** A message of one type around `body`, with the right Length unless another is given. */
function message(type: string, body: string, length = 19 + body.length / 2): string {
  return MARKER + length.toString(16).padStart(4, "0") + type + body;
}

const open = (fields: string, parameters = ""): string =>
  message("01", fields + (parameters.length / 2).toString(16).padStart(2, "0") + parameters);
const update = (withdrawn: string, attributes: string, nlri: string): string =>
  message(
    "02",
    [withdrawn, attributes].map((part) => (part.length / 2).toString(16).padStart(4, "0") + part).join("") + nlri,
  );

/** ORIGIN IGP, AS_PATH 65010, NEXT_HOP 192.0.2.1. */
const BASE = "4001010040020602010000fdf2400304c0000201";
const NLRI = "18c63364";

describe("errors that end the session", () => {
  const cases: { name: string; hex: string; notification: string; data?: string }[] = [
    { name: "a marker that is not all ones", hex: `00${message("04", "").slice(2)}`, notification: "1/1" },
    { name: "a length below the header's", hex: message("04", "", 18), notification: "1/2", data: "0012" },
    { name: "a length of 0", hex: message("04", "", 0), notification: "1/2", data: "0000" },
    {
      name: "a length above what was negotiated",
      hex: message("02", "00".repeat(4078)),
      notification: "1/2",
      data: "1001",
    },
    { name: "a type of 0", hex: message("00", ""), notification: "1/3", data: "00" },
    { name: "a type of 6", hex: message("06", ""), notification: "1/3", data: "06" },
    { name: "a KEEPALIVE with a body", hex: message("04", "00"), notification: "1/2", data: "0014" },
    { name: "an OPEN of 28 octets", hex: message("01", "04fdf200b4c00002"), notification: "1/2" },
    { name: "an UPDATE of 22 octets", hex: message("02", "000000"), notification: "1/2", data: "0016" },
    { name: "a NOTIFICATION of 20 octets", hex: message("03", "06"), notification: "1/2", data: "0014" },
    { name: "a ROUTE-REFRESH of 22 octets", hex: message("05", "000100"), notification: "1/2", data: "0016" },
    { name: "a mark of route refresh with more behind it", hex: message("05", "0001010100"), notification: "7/1" },
    { name: "version 3", hex: open("03fdf200b4c0000201"), notification: "2/1", data: "0004" },
    { name: "version 5", hex: open("05fdf200b4c0000201"), notification: "2/1", data: "0004" },
    { name: "AS 0", hex: open("04000000b4c0000201"), notification: "2/2" },
    { name: "AS 0 in the capability", hex: open("045ba000b4c0000201", "0206410400000000"), notification: "2/2" },
    { name: "identifier 0", hex: open("04fdf200b400000000"), notification: "2/3" },
    { name: "a hold time of 1", hex: open("04fdf20001c0000201"), notification: "2/6" },
    { name: "a hold time of 2", hex: open("04fdf20002c0000201"), notification: "2/6" },
    { name: "an unknown optional parameter", hex: open("04fdf200b4c0000201", "4d0100"), notification: "2/4" },
    { name: "the deprecated authentication parameter", hex: open("04fdf200b4c0000201", "010100"), notification: "2/4" },
    { name: "a parameter longer than the rest", hex: open("04fdf200b4c0000201", "0209"), notification: "2/0" },
    { name: "a parameter length cut off", hex: open("04fdf200b4c0000201", "02"), notification: "2/0" },
    { name: "parameters longer than the OPEN", hex: message("01", "04fdf200b4c000020110"), notification: "2/0" },
    {
      name: "a capability longer than its parameter",
      hex: open("04fdf200b4c0000201", "02024109"),
      notification: "2/0",
    },
    {
      name: "a Multiprotocol capability of 3 octets",
      hex: open("04fdf200b4c0000201", "02050103000100"),
      notification: "2/0",
    },
    {
      name: "a four-octet AS capability of 2 octets",
      hex: open("04fdf200b4c0000201", "02044102fdf2"),
      notification: "2/0",
    },
    {
      name: "extended parameters longer than the OPEN",
      hex: message("01", "04fdf200b4c0000201ffff0009"),
      notification: "2/0",
    },
    { name: "withdrawn routes longer than the UPDATE", hex: message("02", "00090000"), notification: "3/1" },
    { name: "attributes longer than the UPDATE", hex: message("02", "00000009"), notification: "3/1" },
    { name: "a prefix of 33 bits", hex: update("", BASE, "21c6336400"), notification: "3/10" },
    { name: "a prefix cut short", hex: update("", BASE, "18c633"), notification: "3/10" },
    { name: "a withdrawn prefix of 33 bits", hex: update("21c633640000", "", ""), notification: "3/10" },
    {
      name: "an unknown well-known attribute",
      hex: update("", `${BASE}4063010a`, NLRI),
      notification: "3/2",
      data: "4063010a",
    },
    { name: "two MP_UNREACH_NLRI", hex: update("", "800f03000201800f03000201", ""), notification: "3/1" },
    {
      name: "an MP_REACH_NLRI without room for its next hop",
      hex: update("", "800e0500020110fe", ""),
      notification: "3/9",
    },
    {
      name: "an IPv6 next hop of 4 octets",
      hex: update("", `${BASE}800e0900020104c000020100`, ""),
      notification: "3/9",
    },
  ];
  for (const { name, hex, notification, data } of cases) {
    it(`answers ${name} with ${notification}`, () => {
      const result = decodeMessage(octetsFromHex(hex), context);
      if (result.ok || result.error.outcome !== "session-reset") return expect.fail(JSON.stringify(result));
      const sent = result.error.notification;
      expect(`${sent.code}/${sent.subcode}`).toBe(notification);
      if (data !== undefined) expect(hexOf(sent.data)).toBe(data);
    });
  }
});

describe("what a receiver ignores", () => {
  const cases = [
    { name: "the low four flag bits", given: BASE.replace("400101", "4f0101"), sent: BASE },
    {
      name: "the Reserved octet of MP_REACH_NLRI",
      given: `${BASE}800e1a0002011020010db8000000000000000000000001ff2020010db8`,
      sent: `${BASE}800e1a0002011020010db8000000000000000000000001002020010db8`,
    },
  ];
  for (const { name, given, sent } of cases) {
    it(`${name} is sent as 0`, () => {
      const result = decodeMessage(octetsFromHex(update("", given, NLRI)), context);
      expect(result.ok ? hexOf(encodeMessage(result.value, context)) : null).toBe(update("", sent, NLRI));
    });
  }
});

describe("errors that the session survives", () => {
  it("withdraws every route of an UPDATE without ORIGIN, in both families", () => {
    const reach = "800e1a0002011020010db8000000000000000000000001002020010db8";
    const hex = update("080a", `${BASE.slice("40010100".length)}${reach}`, NLRI);
    const result = decodeMessage(octetsFromHex(hex), context);
    if (result.ok || result.error.outcome !== "treat-as-withdraw") return expect.fail(JSON.stringify(result));
    expect(result.error.code).toBe("MissingWellKnownAttribute");
    expect(result.error.update).toEqual({
      type: "UPDATE",
      withdrawnRoutes: [{ prefix: "10.0.0.0/8" }, { prefix: "198.51.100.0/24" }],
      pathAttributes: [
        { type: "MP_UNREACH_NLRI", family: IPV6_UNICAST, withdrawnRoutes: [{ prefix: "2001:db8::/32" }] },
      ],
      nlri: [],
    });
    expect(result.error.received.nlri).toEqual([{ prefix: "198.51.100.0/24" }]);
  });

  it("keeps the first of two ORIGINs", () => {
    const result = decodeMessage(octetsFromHex(update("", `${BASE}40010102`, NLRI)), context);
    if (result.ok || result.error.outcome !== "attribute-discard") return expect.fail(JSON.stringify(result));
    expect(result.error.update.pathAttributes.map(({ type }) => type)).toEqual(["ORIGIN", "AS_PATH", "NEXT_HOP"]);
    expect(result.error.update.pathAttributes[0]).toEqual({ type: "ORIGIN", value: "IGP" });
    expect(result.error.update.nlri).toEqual([{ prefix: "198.51.100.0/24" }]);
  });

  it("wants LOCAL_PREF of an internal peer only", () => {
    const frame = octetsFromHex(update("", BASE, NLRI));
    expect(decodeMessage(frame, context).ok).toBe(true);
    expect(decodeMessage(frame, { ...context, peer: "external" }).ok).toBe(true);
    const internal = decodeMessage(frame, { ...context, peer: "internal" });
    expect(internal.ok ? null : internal.error.code).toBe("MissingWellKnownAttribute");
  });
});
