import { octets } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createInterfaceTable, type NetworkInterface } from "./interface-table.ts";
import { decodeNetlinkMessages, encodeDumpRequest } from "./netlink-message.ts";

const attribute = (type: number, value: Uint8Array): Buffer => {
  const length = 4 + value.length;
  const octets = Buffer.alloc((length + 3) & ~3);
  octets.writeUInt16LE(length, 0);
  octets.writeUInt16LE(type, 2);
  octets.set(value, 4);
  return octets;
};
const message = (type: number, ...parts: Uint8Array[]): Buffer => {
  const payload = Buffer.concat(parts);
  const header = Buffer.alloc(16);
  header.writeUInt32LE(16 + payload.length, 0);
  header.writeUInt16LE(type, 4);
  return Buffer.concat([header, payload]);
};
const u32 = (value: number): Buffer => {
  const octets = Buffer.alloc(4);
  octets.writeUInt32LE(value);
  return octets;
};
const linkMessage = (
  type: number,
  index: number,
  flags: number,
  family = 0,
  more: Uint8Array = Buffer.alloc(0),
): Buffer => {
  const header = Buffer.alloc(16);
  header.writeUInt8(family, 0);
  header.writeUInt16LE(1, 2);
  header.writeInt32LE(index, 4);
  header.writeUInt32LE(flags, 8);
  return message(
    type,
    header,
    attribute(1, Buffer.from("02005e005301", "hex")),
    attribute(3, Buffer.from(`eth${index}\0`)),
    attribute(10, u32(9)),
    attribute(18 | 0x8000, attribute(1, Buffer.from("vlan\0"))),
    more,
  );
};
const addressMessage = (type: number, index: number, attributes: Uint8Array): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt8(2, 0);
  header.writeUInt8(24, 1);
  header.writeUInt32LE(index, 4);
  return message(type, header, attributes);
};
const local = attribute(2, Uint8Array.of(192, 0, 2, 1));
const remote = attribute(1, Uint8Array.of(192, 0, 2, 9));

function table(...datagrams: Buffer[]): readonly NetworkInterface[] {
  const interfaces = createInterfaceTable();
  for (const datagram of datagrams) for (const next of decodeNetlinkMessages(datagram)) interfaces.apply(next);
  return interfaces.snapshot();
}

const eth3: NetworkInterface = {
  index: 3,
  name: "eth3",
  mac: "02:00:5e:00:53:01" as NonNullable<NetworkInterface["mac"]>,
  up: true,
  carrier: true,
  broadcast: true,
  noArp: false,
  loopback: false,
  master: 9,
  kind: "vlan",
  lower: null,
  peerNotifications: 0,
  addresses: [],
};

describe("createInterfaceTable", () => {
  it("reads a link with its kind, master and flags", () => {
    expect(table(linkMessage(16, 3, 0x10003))).toEqual([eth3]);
    expect(table(linkMessage(16, 3, 0x81))).toMatchObject([
      { up: true, carrier: false, broadcast: false, noArp: true },
    ]);
  });
  it("reads the interface below, unless that is in another namespace", () => {
    const below = attribute(5, u32(2));
    expect(table(linkMessage(16, 3, 0x10003, 0, below))).toEqual([{ ...eth3, lower: 2 }]);
    const elsewhere = Buffer.concat([below, attribute(37, u32(0))]);
    expect(table(linkMessage(16, 3, 0x10003, 0, elsewhere))).toEqual([eth3]);
    expect(table(linkMessage(16, 3, 0x10003, 0, attribute(5, Buffer.alloc(2))))).toEqual([eth3]);
  });
  it("counts the times that neighbours are to be told: a bond's failover, a machine that moved", () => {
    const event = (value: number): Buffer => linkMessage(16, 3, 0x10003, 0, attribute(44, u32(value)));
    expect(table(event(3))).toMatchObject([{ peerNotifications: 1 }]);
    expect(table(event(4), linkMessage(16, 3, 0x10003), event(3))).toMatchObject([{ peerNotifications: 2 }]);
    expect(table(...[1, 2, 5, 6].map(event))).toMatchObject([{ peerNotifications: 0 }]);
    expect(table(event(4), linkMessage(17, 3, 0), event(2))).toMatchObject([{ peerNotifications: 0 }]);
  });
  it("takes our end of a point-to-point link, not the peer's", () => {
    const both = addressMessage(20, 3, Buffer.concat([remote, local]));
    expect(table(linkMessage(16, 3, 0x10003), both)[0]?.addresses).toEqual([
      { address: "192.0.2.1", prefixLength: 24, scope: "global" },
    ]);
  });
  it("forgets an address, and a link with its addresses", () => {
    const known = [linkMessage(16, 3, 0x10003), addressMessage(20, 3, local)];
    expect(table(...known, addressMessage(21, 3, local))).toEqual([eth3]);
    expect(table(...known, linkMessage(17, 3, 0))).toEqual([]);
    expect(table(...known, linkMessage(17, 3, 0), linkMessage(16, 3, 0x10003))).toEqual([eth3]);
  });
  it("keeps a link that left a bridge", () => {
    expect(table(linkMessage(16, 3, 0x10003), linkMessage(17, 3, 0, 7))).toEqual([eth3]);
  });
  it("reads several messages of one datagram", () => {
    expect(table(Buffer.concat([linkMessage(16, 4, 3), linkMessage(16, 3, 0x10003)])).map(({ name }) => name)).toEqual([
      "eth3",
      "eth4",
    ]);
  });
  it("passes over a message cut short at any length", () => {
    const whole = Buffer.concat([linkMessage(16, 3, 0x10003), addressMessage(20, 3, local)]);
    const first = linkMessage(16, 3, 0x10003).length;
    for (let length = 0; length < whole.length; length++)
      expect(table(whole.subarray(0, length))).toEqual(length < first ? [] : [eth3]);
  });
  it("passes over attributes cut short inside a whole message", () => {
    const whole = linkMessage(16, 3, 0x10003);
    for (let length = 16; length < whole.length; length++) {
      const cut = Buffer.from(whole.subarray(0, length));
      cut.writeUInt32LE(length, 0);
      expect(table(cut).length).toBeLessThanOrEqual(1);
    }
  });
  it("never throws on arbitrary payloads", () => {
    fc.assert(
      fc.property(fc.constantFrom(16, 17, 20, 21), octets({ maxLength: 80 }), (type, payload) => {
        table(message(type, payload));
      }),
    );
    fc.assert(fc.property(octets({ maxLength: 200 }), (datagram) => void table(Buffer.from(datagram))));
  });
});

describe("encodeDumpRequest", () => {
  it("is a message of its own", () => {
    expect(decodeNetlinkMessages(encodeDumpRequest(18, 7))).toMatchObject([{ type: 18, flags: 0x301, sequence: 7 }]);
  });
});
