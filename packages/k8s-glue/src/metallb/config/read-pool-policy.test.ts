import { parseIpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import type { HostAddress, HostAddresses } from "./host-addresses.ts";
import { codes, object, pool } from "./objects.test.fixture.ts";
import { readConfiguration } from "./read-configuration.ts";
import { replacesConflicting } from "./scope.ts";

const read = (more: object, addresses: readonly string[] = ["192.0.2.0/24"]) => {
  const { pools, issues } = readConfiguration([pool("p", addresses, more)]);
  return { pool: pools[0]?.pool, requesters: pools[0]?.requesters, issues };
};

describe("a pool that sets none of Herald's own fields", () => {
  it("is read as MetalLB's", () => {
    expect(read({})).toEqual({
      pool: { name: "p", ranges: [{ first: "192.0.2.0", last: "192.0.2.255" }], avoidBuggyIPs: false },
      requesters: null,
      issues: [],
    });
  });
});

describe("a pool that sets them", () => {
  it.each([
    {
      name: "excludeAddresses as block, range and address",
      spec: { excludeAddresses: ["192.0.2.5/30", " 192.0.2.10 - 192.0.2.12", "192.0.2.254"] },
      expected: {
        excluded: [
          { first: "192.0.2.4", last: "192.0.2.7" },
          { first: "192.0.2.10", last: "192.0.2.12" },
          { first: "192.0.2.254", last: "192.0.2.254" },
        ],
      },
    },
    {
      name: "reservations, those of one Service together",
      spec: {
        reservations: [
          { namespace: "a", name: "x", addresses: ["192.0.2.9"] },
          { namespace: "a", name: "y", addresses: ["192.0.2.8/32"] },
          { namespace: "a", name: "x", addresses: ["192.0.2.7"] },
        ],
      },
      expected: {
        reservations: [
          { service: "a/x", addresses: ["192.0.2.9", "192.0.2.7"] },
          { service: "a/y", addresses: ["192.0.2.8"] },
        ],
      },
    },
    {
      name: "allocationOrder",
      spec: { allocationOrder: "LeastRecentlyUsed" },
      expected: { order: "LeastRecentlyUsed" },
    },
    { name: "coolDown", spec: { coolDown: "1m30s" }, expected: { coolDown: 90_000 } },
    { name: "no coolDown", spec: { coolDown: "0" }, expected: { coolDown: 0 } },
    { name: "sticky", spec: { sticky: true }, expected: { sticky: true } },
    { name: "a quota of none", spec: { maxAddressesPerNamespace: 0 }, expected: { maxPerAccount: 0 } },
    { name: "tenancy that says nothing of sharing", spec: { tenancy: {} }, expected: { sharedAcrossAccounts: false } },
    {
      name: "sharing in the cluster",
      spec: { tenancy: { sharing: "Cluster" } },
      expected: { sharedAcrossAccounts: true },
    },
    {
      name: "sharing in a namespace",
      spec: { tenancy: { sharing: "Namespace" } },
      expected: { sharedAcrossAccounts: false },
    },
  ])("has $name", ({ spec, expected }) => {
    const { pool: found, issues } = read(spec);
    const { name: _, ranges: __, avoidBuggyIPs: ___, ...own } = found ?? {};
    expect(own).toEqual(expected);
    expect(issues).toEqual([]);
  });

  it("says who may request it", () => {
    const namespaceSelectors = [{ matchLabels: { team: "a" } }];
    expect(read({ tenancy: { namespaces: ["a", "a"], namespaceSelectors } })).toMatchObject({
      requesters: { namespaces: ["a"], namespaceSelectors },
      issues: [{ path: "spec.tenancy.namespaces[1]", code: "Duplicate", effect: "Noted" }],
    });
    expect(read({ tenancy: {} }).requesters).toEqual({ namespaces: [], namespaceSelectors: [] });
  });
});

describe("a slip in one of them", () => {
  const kept = (...addresses: readonly string[]) => ({ namespace: "a", name: "x", addresses });
  it.each([
    {
      name: "an exclusion that cannot be read",
      spec: { excludeAddresses: ["192.0.2.9-192.0.2.1", "192.0.2.300", "192.0.2.1"] },
      lines: ["spec.excludeAddresses[0] ReversedRange Partial", "spec.excludeAddresses[1] BadAddress Partial"],
      left: { excluded: [{ first: "192.0.2.1", last: "192.0.2.1" }] },
    },
    {
      name: "an exclusion that meets nothing",
      spec: { excludeAddresses: ["198.51.100.1"] },
      lines: ["spec.excludeAddresses[0] OutsidePool Noted"],
      left: {},
    },
    {
      name: "exclusions that leave nothing",
      spec: { excludeAddresses: ["192.0.2.100-192.0.2.255", "192.0.2.0-192.0.2.120"] },
      lines: ["spec.excludeAddresses NoAddresses Noted"],
      left: {},
    },
    {
      name: "a reservation outside the pool",
      spec: { reservations: [kept("198.51.100.1", "192.0.2.1")] },
      lines: ["spec.reservations[0].addresses[0] OutsidePool Partial"],
      left: { reservations: [{ service: "a/x", addresses: ["192.0.2.1"] }] },
    },
    {
      name: "a reservation of what is excluded",
      spec: { reservations: [kept("192.0.2.1")], excludeAddresses: ["192.0.2.0/30"] },
      lines: ["spec.reservations[0].addresses[0] OutsidePool Partial"],
      left: {},
    },
    {
      name: "a reservation of a buggy address",
      spec: { reservations: [kept("192.0.2.255", "192.0.2.1")], avoidBuggyIPs: true },
      lines: ["spec.reservations[0].addresses[0] OutsidePool Partial"],
      left: { reservations: [{ service: "a/x", addresses: ["192.0.2.1"] }] },
    },
    {
      name: "a reservation of a block",
      spec: { reservations: [kept("192.0.2.0/31", "192.0.2.9")] },
      lines: ["spec.reservations[0].addresses[0] BadAddress Partial"],
      left: { reservations: [{ service: "a/x", addresses: ["192.0.2.9"] }] },
    },
    {
      name: "two reservations of one address: the first serves",
      spec: { reservations: [kept("192.0.2.9"), { namespace: "b", name: "y", addresses: ["192.0.2.9", "192.0.2.8"] }] },
      lines: ["spec.reservations[1].addresses[0] Duplicate Partial"],
      left: {
        reservations: [
          { service: "a/x", addresses: ["192.0.2.9"] },
          { service: "b/y", addresses: ["192.0.2.8"] },
        ],
      },
    },
    {
      name: "one reservation twice",
      spec: { reservations: [kept("192.0.2.9", "192.0.2.9")] },
      lines: ["spec.reservations[0].addresses[1] Duplicate Noted"],
      left: { reservations: [{ service: "a/x", addresses: ["192.0.2.9"] }] },
    },
    {
      name: "a duration that is none",
      spec: { coolDown: "ten minutes" },
      lines: ["spec.coolDown BadDuration Partial"],
      left: {},
    },
    { name: "a negative one", spec: { coolDown: "-1m" }, lines: ["spec.coolDown BadDuration Partial"], left: {} },
  ])("leaves the rest serving: $name", ({ spec, lines, left }) => {
    expect(codes(pool("p", ["192.0.2.0/24"], spec))).toEqual(lines.map((line) => `p ${line}`));
    expect(read(spec).pool).toMatchObject({ name: "p", ...left });
    if (!("reservations" in left)) expect(read(spec).pool).not.toHaveProperty("reservations");
    expect(read(spec).pool).not.toHaveProperty("coolDown");
  });

  it("names the reservation that is at fault", () => {
    expect(read({ reservations: [kept("198.51.100.1")] }).issues[0]?.message).toBe(
      '198.51.100.1 is outside the pool; it cannot be reserved for "a/x"',
    );
  });
});

describe("addresses of Nodes and gateways in a pool", () => {
  const host = (text: string, kind: HostAddress["kind"], name: string): HostAddress => {
    const address = parseIpAddress(text);
    if (!address.ok) throw new Error(text);
    return { address: address.value, kind, name };
  };
  const hosts = [host("192.0.2.1", "Gateway", "default"), host("192.0.2.7", "Node", "n1"), host("::1", "Node", "n1")];
  const around = (policy: HostAddresses["policy"], more: object = {}) => {
    const { pools, issues } = readConfiguration([pool("p", ["192.0.2.0/29"], more)], { hosts, policy });
    return {
      excluded: pools[0]?.pool.excluded,
      lines: issues.map(({ code, effect, message }) => `${code} ${effect}: ${message}`),
    };
  };
  const excludedAlready = { excludeAddresses: ["192.0.2.1"] };

  it("are nobody's business with Ignore", () => {
    expect(around("Ignore")).toEqual({ excluded: undefined, lines: [] });
  });

  it("are named with Warn, and given all the same", () => {
    expect(around("Warn")).toEqual({
      excluded: undefined,
      lines: [
        'HostAddress Noted: 192.0.2.1 is an address of gateway "default"; a Service may be assigned it; excludeAddresses prevents that',
        'HostAddress Noted: 192.0.2.7 is an address of Node "n1"; a Service may be assigned it; excludeAddresses prevents that',
      ],
    });
  });

  it("are never given with Refuse", () => {
    expect(around("Refuse")).toEqual({
      excluded: [
        { first: "192.0.2.1", last: "192.0.2.1" },
        { first: "192.0.2.7", last: "192.0.2.7" },
      ],
      lines: [
        'HostAddress Noted: 192.0.2.1 is an address of gateway "default"; it is never assigned',
        'HostAddress Noted: 192.0.2.7 is an address of Node "n1"; it is never assigned',
      ],
    });
  });

  it("that the pool excludes are no matter", () => {
    expect(around("Warn", excludedAlready).lines).toHaveLength(1);
    expect(around("Refuse", excludedAlready).excluded).toHaveLength(2);
  });
});

describe("onAddressConflict of a pool", () => {
  const conduct = (spec: object, ...more: readonly ReturnType<typeof object>[]): boolean | undefined => {
    const configuration = readConfiguration([pool("p", ["192.0.2.0/24"], spec), ...more]);
    const [one] = configuration.pools;
    return one && replacesConflicting(one, configuration);
  };

  it("replaces such addresses on request, but not where BGP announces the pool", () => {
    expect([conduct({}), conduct({ onAddressConflict: "Keep" })]).toEqual([false, false]);
    expect(conduct({ onAddressConflict: "Replace" })).toBe(true);
    const bgp = (spec: object) => object("BGPAdvertisement", "bgp", spec);
    expect(conduct({ onAddressConflict: "Replace" }, bgp({}))).toBe(false);
    expect(conduct({ onAddressConflict: "Replace" }, bgp({ ipAddressPools: ["other"] }))).toBe(true);
  });

  it("rejects the pool where it is another word", () => {
    expect(codes(pool("p", ["192.0.2.0/24"], { onAddressConflict: "replace" }))).toEqual([
      "p spec.onAddressConflict SchemaViolation Rejected",
    ]);
  });
});
