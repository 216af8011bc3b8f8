import { noLostLinks } from "@herald-lb/arp-responder";
import type { NetworkInterface } from "@herald-lb/host";
import type { IpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { networkInterface } from "./network-interface.test.fixture.ts";
import { LostLinksRecord } from "./lost-links.ts";

const addressOf = (text: string): NetworkInterface["addresses"][number] => {
  const [address = "", length = ""] = text.split("/");
  return {
    address: address as IpAddress,
    prefixLength: Number(length),
    scope: text.startsWith("fe80") ? "link" : "global",
  };
};
const on = (name: string, ...addresses: readonly string[]): NetworkInterface =>
  networkInterface({ name, addresses: addresses.map(addressOf) });
const off = (name: string, ...addresses: readonly string[]): NetworkInterface => ({
  ...on(name, ...addresses),
  carrier: false,
});
const eth1 = ["192.0.2.7/24", "2001:db8::7/64", "fe80::7/64", "203.0.113.9/32"];

/** A record that has seen two interfaces with a link. */
function record(): LostLinksRecord {
  const links = new LostLinksRecord();
  expect(links.update([on("eth0", "198.51.100.7/24"), on("eth1", ...eth1)])).toBeNull();
  return links;
}

describe("the lost links", () => {
  it("are an interface without carrier, with the prefixes of its segment", () => {
    const links = record();
    const rest = on("eth0", "198.51.100.7/24");
    const lost = { interfaces: ["eth1"], prefixes: ["192.0.2.0/24", "2001:db8::/64"] };
    expect(links.update([rest, off("eth1", ...eth1)])).toEqual(lost);
    // The kernel takes the IPv6 addresses away later, and the interface may go altogether.
    expect(links.update([rest, off("eth1", "192.0.2.7/24")])).toBeNull();
    expect(links.update([rest])).toBeNull();
    expect(links.update([rest, on("eth1", ...eth1)])).toEqual(noLostLinks);
  });

  it("are an interface that was shut", () => {
    expect(record().update([on("eth0", "198.51.100.7/24"), { ...on("eth1"), up: false }])).toMatchObject({
      interfaces: ["eth1"],
    });
  });

  it("have no prefix that another interface with a link has", () => {
    const links = record();
    expect(links.update([on("eth0", "198.51.100.7/24", "192.0.2.8/24"), off("eth1", ...eth1)])).toEqual({
      interfaces: ["eth1"],
      prefixes: ["2001:db8::/64"],
    });
  });

  it("are none of an interface that never had a link", () => {
    expect(new LostLinksRecord().update([off("eth0", "198.51.100.7/24")])).toBeNull();
  });

  it("are those of 64 interfaces at most, without end of others", () => {
    const links = record();
    const eth0 = on("eth0", "198.51.100.7/24");
    for (let at = 0; at < 200; at++) links.update([eth0, on(`tap${at}`)]);
    const names = links.update([eth0])?.interfaces ?? [];
    expect(names).toHaveLength(63);
    expect(names).toContain("tap199");
    expect(names).not.toContain("eth1");
  });
});
