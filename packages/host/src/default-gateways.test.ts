import { describe, expect, it } from "vitest";
import { defaultGatewaysOf } from "./default-gateways.ts";

const HEADER = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";
const ZEROS = "0".repeat(32);
const row4 = (destination: string, gateway: string, flags: string, mask: string): string =>
  `eth0\t${destination}\t${gateway}\t${flags}\t0\t0\t100\t${mask}\t0\t0\t0`;
const row6 = (destination: string, length: string, nextHop: string, flags: string): string =>
  `${destination} ${length} ${ZEROS} 00 ${nextHop} 00000400 00000001 00000000 ${flags}     eth0`;

describe("defaultGatewaysOf", () => {
  it.each([
    { name: "nothing", routes4: "", routes6: "", expected: [] },
    {
      name: "a router of each family",
      routes4: [HEADER, row4("00000000", "010200C0", "0003", "00000000")].join("\n"),
      routes6: row6(ZEROS, "00", `20010db8${"0".repeat(23)}1`, "00000003"),
      expected: ["192.0.2.1", "2001:db8::1"],
    },
    {
      name: "no route to a network, nor a default route without a router",
      routes4: [
        HEADER,
        row4("000200C0", "FE0200C0", "0003", "00FFFFFF"),
        row4("00000000", "00000000", "0001", "00000000"),
      ].join("\n"),
      routes6: [
        row6(`20010db8${"0".repeat(24)}`, "40", `20010db8${"0".repeat(23)}1`, "00000003"),
        row6(ZEROS, "00", ZEROS, "00200200"),
      ].join("\n"),
      expected: [],
    },
    {
      name: "0.0.0.0/1, which is not the default route",
      routes4: row4("00000000", "010200C0", "0003", "00000080"),
      routes6: "",
      expected: [],
    },
    {
      name: "one router once, and no link-local one",
      routes4: [
        row4("00000000", "010200C0", "0003", "00000000"),
        row4("00000000", "010200C0", "0003", "00000000"),
      ].join("\n"),
      routes6: row6(ZEROS, "00", `fe80${"0".repeat(27)}1`, "00000003"),
      expected: ["192.0.2.1"],
    },
  ])("finds $name", ({ routes4, routes6, expected }) => {
    expect(defaultGatewaysOf(routes4, routes6)).toEqual(expected);
  });
});
