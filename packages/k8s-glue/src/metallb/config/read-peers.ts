import type { PeerConfig } from "@herald-lb/bgp-speaker";
import { parseGoDuration } from "@herald-lb/k8s-glue/objects";
import { type IpAddress, type Ipv4Address, isIpv6, parseIpAddress, parsePrefix } from "@herald-lb/sansio";
import type { BGPPeerSpec } from "../crd/bgp-peer.ts";
import type { BfdProfileConfiguration, BgpPeerConfiguration } from "./configuration.ts";
import type { IssueCollector } from "./issue-collector.ts";
import type { ReadObject } from "./parse-object.ts";
import { readGracefulRestart } from "./read-graceful-restart.ts";
import { readPeerRole } from "./read-peer-role.ts";
import { peerTimers } from "./peer-timers.ts";
import { bfdOptionsOf } from "./read-bfd-profiles.ts";

const defaultPort = 179;

/** Reads BGPPeers of either version; `profiles` are the valid BFDProfiles, `profileNames` the names of all that exist. */
export function readPeers(
  objects: readonly ReadObject<BGPPeerSpec>[],
  profiles: readonly BfdProfileConfiguration[],
  profileNames: ReadonlySet<string>,
): readonly BgpPeerConfiguration[] {
  return objects.flatMap(({ spec, report }) => {
    const profile = readBfdProfile(spec, profiles, profileNames, report);
    const peer = readPeer(spec, profile, report);
    return peer === null || report.rejected ? [] : [peer];
  });
}

function readPeer(
  spec: BGPPeerSpec,
  profile: BfdProfileConfiguration | null,
  report: IssueCollector,
): BgpPeerConfiguration | null {
  const { name } = report.object;
  const peerAs = readPeerAs(spec, report);
  const address = readPeerAddress(spec, report);
  const nodeSelectors = report.selectors("spec.nodeSelectors", spec.nodeSelectors);
  const secretName = spec.passwordSecret?.name ?? "";
  const password = spec.password ?? "";
  if (password !== "" && secretName !== "") {
    report.reject("spec.password", "FieldConflict", "password and passwordSecret are both set; remove one");
  }
  const options = readOptions(spec, report);
  noteUnsupported(spec, report);
  if (peerAs === null || address === null) return null;
  return {
    object: report.object,
    name,
    config: {
      name,
      ...address,
      peerAs,
      localAs: spec.localASN ?? spec.myASN,
      port: spec.peerPort || defaultPort,
      ...options,
      ...(profile === null ? {} : { bfd: bfdOptionsOf(profile) }),
    },
    bfdProfile: profile?.name ?? null,
    nodeSelectors: nodeSelectors.length === 0 ? null : nodeSelectors,
    maxPrefixesSent: spec.maxPrefixesSent ?? null,
    password: password === "" ? null : password,
    passwordSecret: secretName === "" ? null : secretName,
  };
}

function readPeerAs(
  { myASN, peerASN = 0, dynamicASN, ebgpMultiHop }: BGPPeerSpec,
  report: IssueCollector,
): PeerConfig["peerAs"] | null {
  if (myASN === 0) report.reject("spec.myASN", "BadAsn", "myASN is missing: set the AS number of the nodes");
  if (dynamicASN !== undefined) {
    if (peerASN !== 0)
      report.reject("spec.dynamicASN", "FieldConflict", "peerASN and dynamicASN are both set; remove one");
    return dynamicASN;
  }
  if (peerASN === 0) {
    report.reject("spec.peerASN", "BadAsn", "peerASN and dynamicASN are missing; set one");
    return null;
  }
  if (ebgpMultiHop === true && peerASN === myASN) {
    report.reject(
      "spec.ebgpMultiHop",
      "FieldConflict",
      "ebgpMultiHop is set for an internal peer; it is for external peers only",
      { myASN, peerASN },
    );
  }
  return peerASN;
}

/** The place of the peer: an address, the interface on which an unnumbered one is found, or the prefix that dynamic neighbors connect from. */
function readPeerAddress(
  spec: BGPPeerSpec,
  report: IssueCollector,
): Pick<PeerConfig, "address" | "interface" | "prefix" | "maxSessions"> | null {
  const { peerAddress = "", interface: unnumbered = "" } = spec;
  if (spec.peerPrefix !== undefined && spec.peerPrefix !== "") return readPeerPrefix(spec, spec.peerPrefix, report);
  if (unnumbered !== "") {
    if (peerAddress !== "")
      report.reject("spec.interface", "FieldConflict", "peerAddress and interface are both set; remove one");
    const device = readDevice("interface", unnumbered, report);
    return device === null ? null : { interface: device };
  }
  const address = parseIpAddress(peerAddress);
  if (address.ok) return { address: address.value };
  const message =
    peerAddress === ""
      ? "peerAddress, interface and peerPrefix are missing; set one"
      : `"${peerAddress}" is not an IP address`;
  report.reject("spec.peerAddress", "BadAddress", message, { text: peerAddress });
  return null;
}

function readPeerPrefix(
  { peerAddress = "", interface: unnumbered = "", connectionMode = "Passive", maxSessions }: BGPPeerSpec,
  text: string,
  report: IssueCollector,
): Pick<PeerConfig, "prefix" | "maxSessions"> | null {
  if (peerAddress !== "" || unnumbered !== "")
    report.reject("spec.peerPrefix", "FieldConflict", "peerPrefix is set beside peerAddress or interface; keep one");
  if (connectionMode !== "Passive") {
    const message = `connectionMode is ${connectionMode}, but the node cannot connect to a peerPrefix; set Passive or remove it`;
    report.reject("spec.connectionMode", "FieldConflict", message, { connectionMode });
  }
  const prefix = parsePrefix(text);
  if (prefix.ok) return { prefix: prefix.value, ...(maxSessions === undefined ? {} : { maxSessions }) };
  report.reject("spec.peerPrefix", "BadAddress", `"${text}" is not a prefix, for example 192.0.2.0/24`, { text });
  return null;
}

const modes: Readonly<Record<NonNullable<BGPPeerSpec["connectionMode"]>, PeerConfig["connectionMode"]>> = {
  Active: "active",
  Passive: "passive",
  Both: "both",
};

/** The side that opens the connection, and what is special about one of the peer's. */
function readConnectionMode(
  { connectionMode, listenPort, delayOpenTime, peerPrefix = "" }: BGPPeerSpec,
  report: IssueCollector,
): Pick<PeerConfig, "connectionMode" | "listenPort" | "delayOpenTime"> {
  const mode = connectionMode === undefined || connectionMode === "Active" ? undefined : modes[connectionMode];
  if (listenPort !== undefined && mode === undefined && peerPrefix === "") {
    report.note(
      "spec.listenPort",
      "FieldConflict",
      "listenPort is set, but connectionMode is Active: the node does not listen",
    );
  }
  const delay = delayOpenTime === undefined || delayOpenTime === "" ? 0 : (parseGoDuration(delayOpenTime) ?? -1) / 1000;
  if (!Number.isInteger(delay) || delay < 0 || delay > 240) {
    const message = `"${delayOpenTime}" is not whole seconds from 0 to 240`;
    report.reject("spec.delayOpenTime", "BadTimer", message, { text: delayOpenTime ?? "" });
  }
  return {
    ...(mode === undefined ? {} : { connectionMode: mode }),
    ...(listenPort === undefined ? {} : { listenPort }),
    ...(delay > 0 ? { delayOpenTime: delay } : {}),
  };
}

function readOptions(spec: BGPPeerSpec, report: IssueCollector): Partial<PeerConfig> {
  const timers = peerTimers(spec.holdTime, spec.keepaliveTime);
  if (!timers.ok) report.reject(`spec.${timers.error.field}`, "BadTimer", timers.error.message);
  const connectTime = readConnectTime(spec.connectTime, report);
  const sourceAddress = readAddress("sourceAddress", spec.sourceAddress, report);
  const routerID = readAddress("routerID", spec.routerID, report);
  const vrf = readDevice("vrf", spec.vrf, report);
  if (routerID !== null && isIpv6(routerID)) {
    report.reject("spec.routerID", "BadAddress", `"${routerID}" is not in the form of an IPv4 address`, {
      text: routerID,
    });
  }
  return {
    ...(timers.ok && timers.value !== null ? timers.value : {}),
    ...(connectTime === null ? {} : { connectTime }),
    ...(sourceAddress === null ? {} : { sourceAddress }),
    ...(routerID === null ? {} : { bgpIdentifier: routerID as Ipv4Address }),
    ...(vrf === null ? {} : { vrf }),
    ...readConnectionMode(spec, report),
    ...(spec.ebgpMultiHop === true ? { ebgpMultiHop: true } : {}),
    ...readTtlSecurity(spec, report),
    ...(spec.dualStackAddressFamily === true ? { families: ["IPv4", "IPv6"] } : {}),
    ...readGracefulRestart(spec, report),
    ...readPeerRole(spec, report),
  };
}

function readTtlSecurity(
  { ttlSecurity, ebgpMultiHop }: BGPPeerSpec,
  report: IssueCollector,
): Pick<PeerConfig, "ttlSecurity"> {
  if (ttlSecurity === undefined) return {};
  if (ebgpMultiHop === true) {
    const message =
      "ttlSecurity and ebgpMultiHop are both set; remove ebgpMultiHop: ttlSecurity says how many hops there are";
    report.reject("spec.ttlSecurity", "FieldConflict", message, { ttlSecurity });
  }
  return { ttlSecurity };
}

/** The profile that a peer names. Without it the session runs, as it does while a profile has not been created yet. */
function readBfdProfile(
  { bfdProfile: name = "" }: BGPPeerSpec,
  profiles: readonly BfdProfileConfiguration[],
  profileNames: ReadonlySet<string>,
  report: IssueCollector,
): BfdProfileConfiguration | null {
  if (name === "") return null;
  const profile = profiles.find((each) => each.name === name);
  if (profile !== undefined) return profile;
  const fault = profileNames.has(name) ? `BFDProfile "${name}" is not valid` : `no BFDProfile is named "${name}"`;
  const message = `${fault}: the session runs without BFD until there is a valid one of that name`;
  report.partial("spec.bfdProfile", "UnknownReference", message, { bfdProfile: name });
  return null;
}

function readConnectTime(text: string | undefined, report: IssueCollector): number | null {
  if (text === undefined || text === "") return null;
  const seconds = (parseGoDuration(text) ?? 0) / 1000;
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 65_535) return seconds;
  report.reject("spec.connectTime", "BadTimer", `"${text}" is not whole seconds from 1 to 65535`, { text });
  return null;
}

function readAddress(
  field: "sourceAddress" | "routerID",
  text: string | undefined,
  report: IssueCollector,
): IpAddress | null {
  if (text === undefined || text === "") return null;
  const address = parseIpAddress(text);
  if (address.ok) return address.value;
  report.reject(`spec.${field}`, "BadAddress", `"${text}" is not an IP address`, { text });
  return null;
}

/** The name of a network device. The kernel would cut a longer one, and so might bind to another device. */
function readDevice(field: "vrf" | "interface", text: string | undefined, report: IssueCollector): string | null {
  if (text === undefined || text === "") return null;
  if (/^[^\s/]{1,15}$/.test(text)) return text;
  const message = `"${text}" is not the name of a network device: up to 15 characters without spaces and slashes`;
  report.reject(`spec.${field}`, "BadInterface", message, { text });
  return null;
}

/** Notes fields without which the session works. */
function noteUnsupported(spec: BGPPeerSpec, report: IssueCollector): void {
  if (spec.disableMP === true) report.note("spec.disableMP", "NotActedOn", "disableMP is deprecated and has no effect");
}
