import type { NetworkInterface } from "@herald-lb/host";
import type { IpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { networkInterface } from "./network-interface.test.fixture.ts";
import { announceableInterface, DEFAULT_EXCLUDED } from "./announceable-interface.ts";

const excluded = new RegExp(DEFAULT_EXCLUDED.join("|"));
const eth0 = networkInterface({
  addresses: ["192.0.2.11", "2001:db8::11", "fe80::1"].map((address) => ({
    address: address as IpAddress,
    prefixLength: 64,
    scope: "global",
  })),
});

describe("announceableInterface", () => {
  it("gives the responder the interface with its link-local address, and the prefixes of the others", () => {
    expect(announceableInterface(eth0, excluded)).toEqual({
      index: 2,
      name: "eth0",
      hardwareAddress: "02:00:5e:00:53:01",
      up: true,
      carrier: true,
      linkLocalAddress: "fe80::1",
      peerNotifications: 0,
      prefixes: ["2001:db8::/64"],
    });
  });

  it("keeps one that is down or has no link-local address: it may come up", () => {
    const down = announceableInterface({ ...eth0, up: false, carrier: false, addresses: [] }, excluded);
    expect(down).toMatchObject({ up: false, carrier: false, linkLocalAddress: null });
  });

  it.each<[string, Partial<NetworkInterface>]>([
    ["without a hardware address", { mac: null }],
    ["of the machine itself", { loopback: true }],
    ["that belongs to a bridge", { master: 7 }],
    ["without ARP", { noArp: true }],
    ["without broadcast", { broadcast: false }],
    ["excluded by name", { name: "veth1234" }],
  ])("leaves out one %s", (_name, facts) => {
    expect(announceableInterface({ ...eth0, ...facts }, excluded)).toBeNull();
  });

  it("names the interface that a macvlan is on, and none that a VLAN is on", () => {
    expect(announceableInterface({ ...eth0, kind: "macvlan", lower: 1 }, excluded)).toMatchObject({ macvlanOf: 1 });
    expect(announceableInterface({ ...eth0, kind: "macvlan", lower: null }, excluded)).not.toHaveProperty("macvlanOf");
    expect(announceableInterface({ ...eth0, kind: "vlan", lower: 1 }, excluded)).not.toHaveProperty("macvlanOf");
  });

  it("excludes nothing by name where no name is excluded", () => {
    expect(announceableInterface({ ...eth0, name: "veth1234" }, null)).not.toBeNull();
  });
});
