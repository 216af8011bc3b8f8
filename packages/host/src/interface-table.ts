import { type IpAddress, ipAddressFromOctets, type MacAddress, macFromOctets } from "@herald-lb/sansio";
import { AF } from "./linux-constants.ts";
import { decodeAttributes, type NetlinkMessage } from "./netlink-message.ts";

/** The scope of an address: the kernel's `RT_SCOPE_*`. */
export type AddressScope = "global" | "site" | "link" | "host";

/** An address of an interface. */
export interface InterfaceAddress {
  readonly address: IpAddress;
  readonly prefixLength: number;
  readonly scope: AddressScope;
}

/** A network interface at one moment. */
export interface NetworkInterface {
  /** The kernel's number for it; a recreated interface has another. */
  readonly index: number;
  readonly name: string;
  /** Null where the interface has no Ethernet address (a tunnel). */
  readonly mac: MacAddress | null;
  /** Administratively up: IFF_UP. */
  readonly up: boolean;
  /** The link is there: IFF_LOWER_UP. */
  readonly carrier: boolean;
  readonly broadcast: boolean;
  readonly noArp: boolean;
  readonly loopback: boolean;
  /** Index of the bridge, bond or VRF it belongs to. */
  readonly master: number | null;
  /** Index of the interface that it is on, of a VLAN or a macvlan; null for none, and for one in another network namespace. */
  readonly lower: number | null;
  /**
   * The number of times that the kernel asked to tell neighbours where the interface is: a bond changed its active port, a virtual machine moved to
   * another host.
   */
  readonly peerNotifications: number;
  /** The kernel's name of its kind: `"veth"`, `"bond"`, `"vlan"`; null for hardware. */
  readonly kind: string | null;
  /** In the kernel's order. */
  readonly addresses: readonly InterfaceAddress[];
}

/** rtnetlink message types that the table reads. */
export const RTM: {
  readonly NEWLINK: 16;
  readonly DELLINK: 17;
  readonly GETLINK: 18;
  readonly NEWADDR: 20;
  readonly DELADDR: 21;
  readonly GETADDR: 22;
} = { NEWLINK: 16, DELLINK: 17, GETLINK: 18, NEWADDR: 20, DELADDR: 21, GETADDR: 22 };

const IFF = { UP: 1, BROADCAST: 2, LOOPBACK: 8, NOARP: 0x80, LOWER_UP: 0x10000 } as const;
const IFLA = {
  ADDRESS: 1,
  IFNAME: 3,
  LINK: 5,
  MASTER: 10,
  LINKINFO: 18,
  LINK_NETNSID: 37,
  EVENT: 44,
  INFO_KIND: 1,
} as const;
/** The values of IFLA_EVENT after which neighbours are to be told. */
const TELLING_EVENTS: readonly number[] = [3 /* IFLA_EVENT_BONDING_FAILOVER */, 4 /* IFLA_EVENT_NOTIFY_PEERS */];
const IFA = { ADDRESS: 1, LOCAL: 2 } as const;
const LINK_HEADER = 16;
const ADDRESS_HEADER = 8;
const ETHERNET_TYPES: ReadonlySet<number> = new Set([1, 772]);

type Link = Omit<NetworkInterface, "addresses">;

/** Interfaces and their addresses, as rtnetlink messages told. */
export interface InterfaceTable {
  /** Takes in one message; of any other kind, or cut short, it is passed over. */
  readonly apply: (message: NetlinkMessage) => void;
  /** Every interface, by index. */
  readonly snapshot: () => readonly NetworkInterface[];
}

/** An empty table. */
export function createInterfaceTable(): InterfaceTable {
  const links = new Map<number, Link>();
  const addresses = new Map<number, Map<string, InterfaceAddress>>();
  return {
    apply: ({ type, payload }) => {
      if (type === RTM.NEWLINK || type === RTM.DELLINK) {
        // A bridge tells of its ports, and of ports that leave it, as links of family AF_BRIDGE: the link itself is not meant.
        if (payload.length < LINK_HEADER || payload.readUInt8(0) !== 0) return;
        if (type === RTM.NEWLINK) {
          const link = decodeLink(payload, (index) => links.get(index)?.peerNotifications ?? 0);
          if (link !== null) links.set(link.index, link);
        } else {
          links.delete(payload.readInt32LE(4));
          addresses.delete(payload.readInt32LE(4));
        }
      } else if (type === RTM.NEWADDR || type === RTM.DELADDR) {
        const decoded = decodeAddress(payload);
        if (decoded === null) return;
        const key = `${decoded.address}/${decoded.prefixLength}`;
        const index = payload.readUInt32LE(4);
        const known = addresses.get(index) ?? new Map<string, InterfaceAddress>();
        if (type === RTM.NEWADDR) known.set(key, decoded);
        else known.delete(key);
        addresses.set(index, known);
      }
    },
    snapshot: () =>
      [...links.values()]
        .sort((a, b) => a.index - b.index)
        .map((link) => Object.assign({}, link, { addresses: [...(addresses.get(link.index)?.values() ?? [])] })),
  };
}

function decodeLink(payload: Buffer, notificationsBefore: (index: number) => number): Link | null {
  const attributes = decodeAttributes(payload.subarray(LINK_HEADER));
  const name = attributes.get(IFLA.IFNAME);
  if (name === undefined) return null;
  const flags = payload.readUInt32LE(8);
  const hardware = attributes.get(IFLA.ADDRESS);
  const master = attributes.get(IFLA.MASTER);
  const link = attributes.get(IFLA.LINK);
  const kind = decodeAttributes(attributes.get(IFLA.LINKINFO) ?? Buffer.alloc(0)).get(IFLA.INFO_KIND);
  const index = payload.readInt32LE(4);
  const event = attributes.get(IFLA.EVENT);
  const tells = event !== undefined && event.length >= 4 && TELLING_EVENTS.includes(event.readUInt32LE(0));
  const ethernet = ETHERNET_TYPES.has(payload.readUInt16LE(2)) && hardware?.length === 6;
  return {
    index,
    name: cString(name),
    mac: ethernet ? macFromOctets(hardware) : null,
    up: (flags & IFF.UP) !== 0,
    carrier: (flags & IFF.LOWER_UP) !== 0,
    broadcast: (flags & IFF.BROADCAST) !== 0,
    noArp: (flags & IFF.NOARP) !== 0,
    loopback: (flags & IFF.LOOPBACK) !== 0,
    master: master !== undefined && master.length >= 4 ? master.readUInt32LE(0) : null,
    lower: link !== undefined && link.length >= 4 && !attributes.has(IFLA.LINK_NETNSID) ? link.readUInt32LE(0) : null,
    peerNotifications: notificationsBefore(index) + Number(tells),
    kind: kind === undefined ? null : cString(kind),
  };
}

function decodeAddress(payload: Buffer): InterfaceAddress | null {
  if (payload.length < ADDRESS_HEADER) return null;
  const attributes = decodeAttributes(payload.subarray(ADDRESS_HEADER));
  // On a point-to-point link IFA_ADDRESS is the peer's; IFA_LOCAL, where it is given, is ours.
  const octets = attributes.get(IFA.LOCAL) ?? attributes.get(IFA.ADDRESS);
  const length = { [AF.INET]: 4, [AF.INET6]: 16 }[payload.readUInt8(0)];
  if (octets === undefined || octets.length !== length) return null;
  return {
    address: ipAddressFromOctets(octets),
    prefixLength: payload.readUInt8(1),
    scope: scopeOf(payload.readUInt8(3)),
  };
}

function scopeOf(number: number): AddressScope {
  if (number >= 254) return "host";
  if (number === 253) return "link";
  return number === 200 ? "site" : "global";
}

function cString(octets: Buffer): string {
  const end = octets.indexOf(0);
  return octets.toString("utf8", 0, end < 0 ? octets.length : end);
}
