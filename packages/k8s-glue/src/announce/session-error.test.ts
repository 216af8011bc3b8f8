import type { NotificationFacts, PeerConfig, PeerErrorCause } from "@herald-lb/bgp-speaker";
import { instant, type IpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { sessionError } from "./session-error.ts";

const peer: PeerConfig = {
  name: "router",
  address: "192.0.2.1" as IpAddress,
  port: 179,
  localAs: 64_512,
  peerAs: 65_001,
};
const notification = (code: number, subcode: number, name: string, communication: string | null = null) =>
  ({ notification: { code, subcode, name, communication } satisfies NotificationFacts }) as const;
const received = (...facts: Parameters<typeof notification>): PeerErrorCause => ({
  code: "NotificationReceived",
  ...notification(...facts),
});
const sent = (...facts: Parameters<typeof notification>): PeerErrorCause => ({
  code: "NotificationSent",
  ...notification(...facts),
});
const tcp = (reason: string): PeerErrorCause => ({ code: "TcpConnectionFails", reason });

interface Row {
  readonly name: string;
  readonly cause: PeerErrorCause;
  readonly state?: "OpenSent" | "Established";
  readonly peer?: Partial<PeerConfig>;
  readonly expected: string;
}

const rows: readonly Row[] = [
  {
    name: "the router refuses our AS",
    cause: received(2, 2, "OPEN Message Error/Bad Peer AS"),
    expected:
      "BadPeerAS: the router sent NOTIFICATION 2/2, OPEN Message Error / Bad Peer AS: the router expects another AS than 64512 of spec.myASN or spec.localASN",
  },
  {
    name: "the router has another AS",
    cause: sent(2, 2, "OPEN Message Error/Bad Peer AS"),
    expected:
      "BadPeerAS: Herald sent NOTIFICATION 2/2, OPEN Message Error / Bad Peer AS: the router has another AS than 65001 of spec.peerASN",
  },
  {
    name: "BFD heard nothing",
    cause: { code: "BfdDown", diagnostic: 1, remoteDiagnostic: 0 },
    state: "Established",
    expected: "BfdDown: BFD down: the node heard no BFD packet from 192.0.2.1 for the detection time",
  },
  {
    name: "the router's BFD heard nothing",
    cause: { code: "BfdDown", diagnostic: 3, remoteDiagnostic: 1 },
    state: "Established",
    expected: "BfdDown: BFD down: 192.0.2.1 heard no BFD packet from the node for its detection time",
  },
  {
    name: "the router's BFD is down for another reason",
    cause: { code: "BfdDown", diagnostic: 3, remoteDiagnostic: 5 },
    state: "Established",
    expected: "BfdDown: BFD down: 192.0.2.1 says so, with diagnostic 5 of RFC 5880",
  },
  {
    name: "the link is lost",
    cause: { code: "BfdDown", diagnostic: 5, remoteDiagnostic: 0 },
    state: "Established",
    expected: "BfdDown: BFD down: the node has lost its link to 192.0.2.1",
  },
  {
    name: "BFD ended in another way",
    cause: { code: "BfdDown", diagnostic: 6, remoteDiagnostic: 0 },
    state: "Established",
    expected: "BfdDown: BFD down: the session with 192.0.2.1 ended with diagnostic 6 of RFC 5880",
  },
  {
    name: "the router ends the session by its BFD",
    cause: received(6, 10, "Cease/BFD Down"),
    state: "Established",
    expected:
      "BFDDown: the router sent NOTIFICATION 6/10, Cease / BFD Down: the router heard no BFD packet from the node for its detection time",
  },
  {
    name: "nobody answers with TTL security",
    cause: { code: "ConnectRetryTimer_Expires" },
    peer: { ttlSecurity: 1, password: "x" },
    expected:
      "NoAnswer: no answer from 192.0.2.1:179 within 10 s: the router is off or filtered, or it does not use TTL security for 1 hop as spec.ttlSecurity demands, or the TCP MD5 password is wrong: a router drops what is signed with another password and does not answer",
  },
  {
    name: "the router is not external",
    cause: sent(2, 2, "OPEN Message Error/Bad Peer AS"),
    peer: { peerAs: "external" },
    expected:
      "BadPeerAS: Herald sent NOTIFICATION 2/2, OPEN Message Error / Bad Peer AS: the router's AS does not make the session external, as spec.dynamicASN demands",
  },
  {
    name: "two speakers with one identifier",
    cause: received(2, 3, "OPEN Message Error/Bad BGP Identifier"),
    expected:
      "BadBGPIdentifier: the router sent NOTIFICATION 2/3, OPEN Message Error / Bad BGP Identifier: another neighbor of the router, or the router itself, has the same BGP Identifier: set spec.routerID",
  },
  {
    name: "a Hold Time that the router refuses",
    cause: received(2, 6, "OPEN Message Error/Unacceptable Hold Time"),
    expected:
      "UnacceptableHoldTime: the router sent NOTIFICATION 2/6, OPEN Message Error / Unacceptable Hold Time: the router does not accept spec.holdTime",
  },
  {
    name: "a shutdown with its text",
    cause: received(6, 2, "Cease/Administrative Shutdown", "back at 5"),
    expected:
      'AdministrativeShutdown: the router sent NOTIFICATION 6/2, Cease / Administrative Shutdown, with the text "back at 5": the router\'s operator has shut down the session',
  },
  {
    name: "a router that does not know the node",
    cause: received(6, 5, "Cease/Connection Rejected"),
    expected:
      "ConnectionRejected: the router sent NOTIFICATION 6/5, Cease / Connection Rejected: the router does not have this node as a neighbor",
  },
  {
    name: "a router that took the node out",
    cause: received(6, 3, "Cease/Peer De-configured"),
    expected:
      "PeerDeconfigured: the router sent NOTIFICATION 6/3, Cease / Peer De-configured: the router does not have this node as a neighbor",
  },
  {
    name: "a silent router",
    cause: sent(4, 0, "Hold Timer Expired"),
    expected:
      "HoldTimerExpired: Herald sent NOTIFICATION 4/0, Hold Timer Expired: the node heard nothing from the router for the Hold Time",
  },
  {
    name: "a silent node",
    cause: received(4, 0, "Hold Timer Expired"),
    expected:
      "HoldTimerExpired: the router sent NOTIFICATION 4/0, Hold Timer Expired: the router heard nothing from the node for the Hold Time",
  },
  {
    name: "codes without a name",
    cause: received(2, 77, "OPEN Message Error/77"),
    expected: "Notification: the router sent NOTIFICATION 2/77, OPEN Message Error / 77",
  },
  {
    name: "nobody answers, without a password",
    cause: { code: "ConnectRetryTimer_Expires" },
    expected:
      "NoAnswer: no answer from 192.0.2.1:179 within 10 s: the router is off or filtered, or it demands a TCP MD5 password, which this BGPPeer does not have",
  },
  {
    name: "nobody answers, with a password, over IPv6 and with a short connectTime",
    cause: { code: "ConnectRetryTimer_Expires" },
    peer: { password: "geheim", address: "2001:db8::1" as IpAddress, connectTime: 3 },
    expected:
      "NoAnswer: no answer from [2001:db8::1]:179 within 3 s: the router is off or filtered, or the TCP MD5 password is wrong: a router drops what is signed with another password and does not answer",
  },
  {
    name: "the kernel's own timeout, with a long connectTime",
    cause: tcp("ETIMEDOUT"),
    peer: { connectTime: 120 },
    expected:
      "NoAnswer: no answer from 192.0.2.1:179 within 10 s: the router is off or filtered, or it demands a TCP MD5 password, which this BGPPeer does not have",
  },
  {
    name: "a timeout within a session",
    cause: tcp("ETIMEDOUT"),
    state: "Established",
    expected: "ConnectionLost: connection to 192.0.2.1:179 lost: the router does not answer any more",
  },
  {
    name: "a port that nobody listens on",
    cause: tcp("ECONNREFUSED"),
    peer: { port: 1179 },
    expected:
      "ConnectionRefused: connection refused by 192.0.2.1:1179: no BGP daemon listens there, or a filter rejects the node",
  },
  {
    name: "no neighbour of that address",
    cause: tcp("EHOSTUNREACH"),
    expected:
      "Unreachable: no way to 192.0.2.1:179: the node has no route, or nothing has that address; an external peer more than one hop away needs spec.ebgpMultiHop",
  },
  {
    name: "a source address that the node lacks",
    cause: tcp("bind: EADDRNOTAVAIL"),
    peer: { sourceAddress: "192.0.2.9" as IpAddress },
    expected: "BadSourceAddress: spec.sourceAddress 192.0.2.9 is no address of the node",
  },
  {
    name: "a VRF that the node lacks",
    cause: tcp("setsockopt SO_BINDTODEVICE: ENODEV"),
    peer: { vrf: "red" },
    expected:
      "NoSuchDevice: no network device of the node has the name red of spec.vrf: Herald tries again until there is one",
  },
  {
    name: "a port that the speaker may not listen on",
    cause: { code: "ListenFails", reason: "bind: EACCES" },
    expected:
      "ListenForbidden: the speaker may not listen on TCP port 179: give its container the capability NET_BIND_SERVICE, or set spec.listenPort to 1024 or more",
  },
  {
    name: "a port that another program has",
    cause: { code: "ListenFails", reason: "listen: EADDRINUSE" },
    peer: { listenPort: 1179 },
    expected:
      "PortInUse: another program of the node listens on TCP port 1179: set spec.listenPort to another one, which the router connects to",
  },
  {
    name: "an address to listen on that the node lacks",
    cause: { code: "ListenFails", reason: "bind: EADDRNOTAVAIL" },
    peer: { sourceAddress: "192.0.2.9" as IpAddress },
    expected: "BadSourceAddress: spec.sourceAddress 192.0.2.9 is no address of the node",
  },
  {
    name: "a listener in a VRF that the node lacks",
    cause: { code: "ListenFails", reason: "setsockopt SO_BINDTODEVICE: ENODEV" },
    peer: { vrf: "red" },
    expected:
      "NoSuchDevice: no network device of the node has the name red of spec.vrf: Herald tries again until there is one",
  },
  {
    name: "a listener that fails otherwise",
    cause: { code: "ListenFails", reason: "setsockopt TCP_MD5SIG: ENOMEM" },
    expected: "ListenFailed: the node cannot listen on TCP port 179: setsockopt TCP_MD5SIG: ENOMEM",
  },
  {
    name: "an unnumbered peer without a router",
    cause: { code: "RouterNotFound", problem: null },
    peer: { interface: "eth1" },
    expected:
      "NoRouter: no router is heard on eth1 of spec.interface: Herald solicits one, and begins when it sends a Router Advertisement",
  },
  {
    name: "an unnumbered peer on an interface that the node lacks",
    cause: { code: "RouterNotFound", problem: "if_nametoindex: ENODEV" },
    peer: { interface: "eth1" },
    expected:
      "NoSuchDevice: no network device of the node has the name eth1 of spec.interface: Herald tries again until there is one",
  },
  {
    name: "an unnumbered peer on an interface without an address",
    cause: { code: "RouterNotFound", problem: "sendto: EADDRNOTAVAIL" },
    peer: { interface: "eth1" },
    expected: "NoRouter: no router can be searched for on eth1 of spec.interface: sendto: EADDRNOTAVAIL",
  },
  {
    name: "a connection that is closed before OPEN",
    cause: tcp("closed by the peer"),
    state: "OpenSent",
    expected:
      "ConnectionClosed: connection closed by 192.0.2.1:179 before its OPEN: the router may not have this node as a neighbor",
  },
  {
    name: "a session that is reset",
    cause: tcp("ECONNRESET"),
    state: "Established",
    expected: "ConnectionClosed: connection closed by 192.0.2.1:179 without a NOTIFICATION",
  },
  {
    name: "another error of the kernel",
    cause: tcp("setsockopt TCP_MD5SIG: ENOMEM"),
    expected: "ConnectionFailed: connection to 192.0.2.1:179 failed: setsockopt TCP_MD5SIG: ENOMEM",
  },
];

describe("the last failure of a session", () => {
  it.each(rows)("$name", ({ cause, state, peer: more = {}, expected }) => {
    const { reason, message } = sessionError(
      { ...peer, ...more },
      { ...cause, state: state ?? "Connect", at: instant(0) },
    );
    expect(`${reason}: ${message}`).toBe(expected);
    expect(reason).toMatch(/^[A-Za-z][A-Za-z0-9_]*$/);
    expect(message).not.toContain("geheim");
  });
});
