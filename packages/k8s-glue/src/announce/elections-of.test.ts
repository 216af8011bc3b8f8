import type { Service } from "@herald-lb/k8s-glue/objects";
import { type IpAddress, isIpv6 } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { service } from "./announce-objects.test.fixture.ts";
import { electionsOf } from "./elections-of.ts";

const holding = (...ips: string[]): Service => service({ ips });
const electionsOfIps = (ips: readonly string[], sharers: readonly Service[], perFamily = false) =>
  electionsOf(ips as readonly IpAddress[], sharers, perFamily).map(
    ({ addresses, electionAddress }) => `${addresses.join(",")} by ${electionAddress}`,
  );

describe("electionsOf", () => {
  it.each<{ name: string; ips: string[]; sharers?: Service[]; perFamily?: boolean; expected: string[] }>([
    { name: "one address", ips: ["192.0.2.1"], expected: ["192.0.2.1 by 192.0.2.1"] },
    { name: "no address", ips: [], expected: [] },
    { name: "no address by family", ips: [], perFamily: true, expected: [] },
    {
      name: "both families together",
      ips: ["192.0.2.1", "2001:db8::1"],
      expected: ["192.0.2.1,2001:db8::1 by 192.0.2.1"],
    },
    {
      name: "each family apart",
      ips: ["192.0.2.1", "2001:db8::1"],
      perFamily: true,
      expected: ["192.0.2.1 by 192.0.2.1", "2001:db8::1 by 2001:db8::1"],
    },
    {
      name: "one family, apart or not",
      ips: ["2001:db8::1"],
      perFamily: true,
      expected: ["2001:db8::1 by 2001:db8::1"],
    },
    {
      name: "an IPv6 address that a dual-stack Service has as well, where MetalLB elects two nodes",
      ips: ["2001:db8::1"],
      sharers: [holding("192.0.2.1", "2001:db8::1")],
      expected: ["2001:db8::1 by 192.0.2.1"],
    },
    {
      name: "an address that is shared by way of another Service",
      ips: ["192.0.2.9"],
      sharers: [holding("192.0.2.1", "2001:db8::1"), holding("192.0.2.9", "2001:db8::1")],
      expected: ["192.0.2.9 by 192.0.2.1"],
    },
    {
      name: "the other family of a sharer, apart",
      ips: ["2001:db8::1"],
      sharers: [holding("192.0.2.1", "2001:db8::1")],
      perFamily: true,
      expected: ["2001:db8::1 by 2001:db8::1"],
    },
    {
      name: "a Service that shares nothing",
      ips: ["192.0.2.9"],
      sharers: [holding("192.0.2.1")],
      expected: ["192.0.2.9 by 192.0.2.9"],
    },
  ])("of $name", ({ ips, sharers = [], perFamily = false, expected }) => {
    expect(electionsOfIps(ips, sharers, perFamily)).toEqual(expected);
  });

  it("gives every holder of an address the same election address, whatever is shared with whom", () => {
    const four = fc.option(fc.nat(4), { nil: null });
    const six = fc.option(fc.nat(4), { nil: null });
    const holdings = fc.array(
      fc
        .tuple(four, six)
        .map(([a, b]) => [
          ...(a === null ? [] : [`192.0.2.${a}` as IpAddress]),
          ...(b === null ? [] : [`2001:db8::${b + 1}` as IpAddress]),
        ]),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(holdings, fc.boolean(), (all, perFamily) => {
        const elected = new Map<IpAddress, IpAddress>();
        for (const [at, ips] of all.entries()) {
          // The cache names every other Service of the cluster at worst: those that share nothing must not count.
          const sharers = all.filter((_, other) => other !== at).map((each) => holding(...each));
          for (const { addresses, electionAddress } of electionsOf(ips, sharers, perFamily)) {
            if (perFamily) expect(isIpv6(electionAddress)).toBe(isIpv6(addresses[0] as IpAddress));
            for (const address of addresses) {
              expect(elected.get(address) ?? electionAddress).toBe(electionAddress);
              elected.set(address, electionAddress);
            }
          }
        }
      }),
    );
  });
});
