import type { PeerConfig } from "@herald-lb/bgp-speaker";
import { parseGoDuration } from "@herald-lb/k8s-glue/objects";
import { type IpAddress, type Ipv4Address, isIpv6, parseIpAddress } from "@herald-lb/sansio";
import type { BGPPeerSpec } from "../crd/bgp-peer.ts";
import type { BgpPeerConfiguration } from "./configuration.ts";
import type { Faults } from "./faults.ts";
import type { ReadObject } from "./parse-object.ts";
import { peerTimers } from "./peer-timers.ts";

const defaultPort = 179;
const restartTime = 120;

/** Reads BGPPeers of either version; `profiles` are the names of the BFDProfiles that are there. */
export function readPeers(
  objects: readonly ReadObject<BGPPeerSpec>[],
  profiles: ReadonlySet<string>,
): readonly BgpPeerConfiguration[] {
  return objects.flatMap(({ spec, faults }) => {
    const peer = readPeer(spec, profiles, faults);
    return peer === null || faults.rejected ? [] : [peer];
  });
}

function readPeer(spec: BGPPeerSpec, profiles: ReadonlySet<string>, faults: Faults): BgpPeerConfiguration | null {
  const { name } = faults.object;
  const peerAs = readPeerAs(spec, faults);
  const address = readPeerAddress(spec, faults);
  const nodeSelectors = faults.selectors("spec.nodeSelectors", spec.nodeSelectors);
  const secretName = spec.passwordSecret?.name ?? "";
  const password = spec.password ?? "";
  if (password !== "" && secretName !== "") {
    faults.reject("spec.password", "FieldConflict", "password and passwordSecret exclude each other");
  }
  const options = readOptions(spec, faults);
  noteUnsupported(spec, profiles, faults);
  if (peerAs === null || address === null) return null;
  return {
    object: faults.object,
    name,
    config: {
      name,
      address,
      peerAs,
      localAs: spec.localASN ?? spec.myASN,
      port: spec.peerPort || defaultPort,
      ...options,
    },
    nodeSelectors: nodeSelectors.length === 0 ? null : nodeSelectors,
    password: password === "" ? null : password,
    passwordSecret: secretName === "" ? null : secretName,
  };
}

function readPeerAs(
  { myASN, peerASN = 0, dynamicASN, ebgpMultiHop }: BGPPeerSpec,
  faults: Faults,
): PeerConfig["peerAs"] | null {
  if (myASN === 0) faults.reject("spec.myASN", "BadAsn", "number of the own autonomous system is missing");
  if (dynamicASN !== undefined) {
    if (peerASN !== 0) faults.reject("spec.dynamicASN", "FieldConflict", "peerASN and dynamicASN exclude each other");
    return dynamicASN;
  }
  if (peerASN === 0) {
    faults.reject("spec.peerASN", "BadAsn", "one of peerASN and dynamicASN must be set");
    return null;
  }
  if (ebgpMultiHop === true && peerASN === myASN) {
    faults.reject("spec.ebgpMultiHop", "FieldConflict", "ebgpMultiHop is for external peers only", { myASN, peerASN });
  }
  return peerASN;
}

function readPeerAddress(spec: BGPPeerSpec, faults: Faults): IpAddress | null {
  const { peerAddress = "", interface: unnumbered = "" } = spec;
  if (unnumbered !== "") {
    if (peerAddress !== "")
      faults.reject("spec.interface", "FieldConflict", "peerAddress and interface exclude each other");
    else
      faults.reject("spec.interface", "NotActedOn", "peers found by their interface are not supported yet", {
        interface: unnumbered,
      });
    return null;
  }
  const address = parseIpAddress(peerAddress);
  if (address.ok) return address.value;
  const message =
    peerAddress === "" ? "one of peerAddress and interface must be set" : `"${peerAddress}" is no address`;
  faults.reject("spec.peerAddress", "BadAddress", message, { text: peerAddress });
  return null;
}

function readOptions(spec: BGPPeerSpec, faults: Faults): Partial<PeerConfig> {
  const timers = peerTimers(spec.holdTime, spec.keepaliveTime);
  if (!timers.ok) faults.reject(`spec.${timers.error.field}`, "BadTimer", timers.error.message);
  const connectTime = readConnectTime(spec.connectTime, faults);
  const sourceAddress = readAddress("sourceAddress", spec.sourceAddress, faults);
  const routerID = readAddress("routerID", spec.routerID, faults);
  if (routerID !== null && isIpv6(routerID)) {
    faults.reject("spec.routerID", "BadAddress", `"${routerID}" is not of the form of an IPv4 address`, {
      text: routerID,
    });
  }
  return {
    ...(timers.ok && timers.value !== null ? timers.value : {}),
    ...(connectTime === null ? {} : { connectTime }),
    ...(sourceAddress === null ? {} : { sourceAddress }),
    ...(routerID === null ? {} : { bgpIdentifier: routerID as Ipv4Address }),
    ...(spec.ebgpMultiHop === true ? { ebgpMultiHop: true } : {}),
    ...(spec.dualStackAddressFamily === true ? { families: ["IPv4", "IPv6"] } : {}),
    ...(spec.enableGracefulRestart === true ? { gracefulRestart: { restartTime } } : {}),
  };
}

function readConnectTime(text: string | undefined, faults: Faults): number | null {
  if (text === undefined || text === "") return null;
  const seconds = (parseGoDuration(text) ?? 0) / 1000;
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 65_535) return seconds;
  faults.reject("spec.connectTime", "BadTimer", `"${text}" is not whole seconds from 1 to 65535`, { text });
  return null;
}

function readAddress(field: "sourceAddress" | "routerID", text: string | undefined, faults: Faults): IpAddress | null {
  if (text === undefined || text === "") return null;
  const address = parseIpAddress(text);
  if (address.ok) return address.value;
  faults.reject(`spec.${field}`, "BadAddress", `"${text}" is no address`, { text });
  return null;
}

/** What the session could do without is noted; what it would be wrong without rejects the peer. */
function noteUnsupported(spec: BGPPeerSpec, profiles: ReadonlySet<string>, faults: Faults): void {
  const { vrf = "", bfdProfile = "" } = spec;
  if (vrf !== "") faults.reject("spec.vrf", "NotActedOn", "peers in a VRF are not supported yet", { vrf });
  if (bfdProfile !== "") {
    faults.note("spec.bfdProfile", "NotActedOn", "BFD is not supported yet; the session runs without it", {
      bfdProfile,
    });
    if (!profiles.has(bfdProfile)) {
      faults.note("spec.bfdProfile", "UnknownReference", `"${bfdProfile}" is no BFDProfile`, { bfdProfile });
    }
  }
  if (spec.disableMP === true) faults.note("spec.disableMP", "NotActedOn", "field is deprecated and has no effect");
}
