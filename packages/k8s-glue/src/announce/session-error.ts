import {
  BGP_PORT,
  CeaseSubcode,
  ErrorCode,
  type NotificationFacts,
  OpenSubcode,
  type PeerConfig,
  type PeerError,
} from "@herald-lb/bgp-speaker";
import { unreachable } from "@herald-lb/sansio";

/** The failure of a session, for a condition: one word, and a text that names the field to look at. */
export interface SessionError {
  readonly reason: string;
  readonly message: string;
}

/** The longest that an attempt to connect lasts, in seconds, unless `connectTime` is shorter. */
const CONNECT_TIME = 10;

/** Describes the last failure of a session. Equal failures give equal text, on every node and however often they happen. */
export function sessionError(peer: PeerConfig, error: PeerError): SessionError {
  switch (error.code) {
    case "NotificationReceived":
      return notificationError("the router sent", error.notification, received(peer, error.notification));
    case "NotificationSent":
      return notificationError("Herald sent", error.notification, sent(peer, error.notification));
    case "ConnectRetryTimer_Expires":
      return noAnswer(peer);
    case "ListenFails":
      return listenError(peer, error.reason);
    case "RouterNotFound":
      return noRouter(peer, error.problem);
    case "TcpConnectionFails":
      return connectionError(peer, error);
    case "BfdDown":
      return bfdError(peer, error);
    default:
      return unreachable(error);
  }
}

function notificationError(
  sender: string,
  { code, subcode, name, communication }: NotificationFacts,
  advice: string | null,
): SessionError {
  const [detail = ""] = name.split("/").slice(-1);
  const word = detail.replaceAll(/[^A-Za-z]/g, "");
  const text = communication === null ? "" : `, with the text ${JSON.stringify(communication)}`;
  return {
    reason: /^[A-Z]/.test(word) ? word : "Notification",
    message: `${sender} NOTIFICATION ${code}/${subcode}, ${name.replace("/", " / ")}${text}${advice === null ? "" : `: ${advice}`}`,
  };
}

/** The advice on a NOTIFICATION of the router. */
function received({ localAs }: PeerConfig, { code, subcode }: NotificationFacts): string | null {
  switch (`${code}/${subcode}`) {
    case `${ErrorCode.OpenMessageError}/${OpenSubcode.BadPeerAs}`:
      return `the router expects another AS than ${localAs} of spec.myASN or spec.localASN`;
    case `${ErrorCode.OpenMessageError}/${OpenSubcode.BadBgpIdentifier}`:
      return "another neighbor of the router, or the router itself, has the same BGP Identifier: set spec.routerID";
    case `${ErrorCode.OpenMessageError}/${OpenSubcode.UnacceptableHoldTime}`:
      return "the router does not accept spec.holdTime";
    case `${ErrorCode.Cease}/${CeaseSubcode.AdministrativeShutdown}`:
      return "the router's operator has shut down the session";
    case `${ErrorCode.Cease}/${CeaseSubcode.BfdDown}`:
      return "the router heard no BFD packet from the node for its detection time";
    case `${ErrorCode.Cease}/${CeaseSubcode.PeerDeConfigured}`:
    case `${ErrorCode.Cease}/${CeaseSubcode.ConnectionRejected}`:
      return "the router does not have this node as a neighbor";
    default:
      return code === ErrorCode.HoldTimerExpired ? "the router heard nothing from the node for the Hold Time" : null;
  }
}

/** The advice on a NOTIFICATION of our own. */
function sent({ peerAs }: PeerConfig, { code, subcode }: NotificationFacts): string | null {
  if (code === ErrorCode.HoldTimerExpired) return "the node heard nothing from the router for the Hold Time";
  if (code !== ErrorCode.OpenMessageError || subcode !== OpenSubcode.BadPeerAs) return null;
  return typeof peerAs === "number"
    ? `the router has another AS than ${peerAs} of spec.peerASN`
    : `the router's AS does not make the session ${peerAs}, as spec.dynamicASN demands`;
}

function connectionError(
  peer: PeerConfig,
  { reason, state }: Extract<PeerError, { readonly code: "TcpConnectionFails" }>,
): SessionError {
  const router = endpointOf(peer);
  // The kernel's code, after the system call where the kernel refused an option.
  switch (reason.replace(/^.*: /, "")) {
    case "ETIMEDOUT":
      if (state === "Connect") return noAnswer(peer);
      return { reason: "ConnectionLost", message: `connection to ${router} lost: the router does not answer any more` };
    case "ECONNREFUSED":
      return {
        reason: "ConnectionRefused",
        message: `connection refused by ${router}: no BGP daemon listens there, or a filter rejects the node`,
      };
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return {
        reason: "Unreachable",
        message: `no way to ${router}: the node has no route, or nothing has that address; an external peer more than one hop away needs spec.ebgpMultiHop`,
      };
    case "EADDRNOTAVAIL":
      return badSourceAddress(peer.sourceAddress);
    case "ENODEV":
      return peer.vrf === undefined ? noSuchDevice("interface", peer.interface ?? "") : noSuchDevice("vrf", peer.vrf);
    case "ECONNRESET":
    case "EPIPE":
    case "closed by the peer":
      return {
        reason: "ConnectionClosed",
        message:
          state === "Established"
            ? `connection closed by ${router} without a NOTIFICATION`
            : `connection closed by ${router} before its OPEN: the router may not have this node as a neighbor`,
      };
    default:
      return { reason: "ConnectionFailed", message: `connection to ${router} failed: ${reason}` };
  }
}

function listenError(peer: PeerConfig, reason: string): SessionError {
  const { listenPort = BGP_PORT, vrf, sourceAddress } = peer;
  switch (reason.replace(/^.*: /, "")) {
    case "EACCES":
      return {
        reason: "ListenForbidden",
        message: `the speaker may not listen on TCP port ${listenPort}: give its container the capability NET_BIND_SERVICE, or set spec.listenPort to 1024 or more`,
      };
    case "EADDRINUSE":
      return {
        reason: "PortInUse",
        message: `another program of the node listens on TCP port ${listenPort}: set spec.listenPort to another one, which the router connects to`,
      };
    case "EADDRNOTAVAIL":
      return badSourceAddress(sourceAddress);
    case "ENODEV":
      return noSuchDevice("vrf", vrf ?? "");
    default:
      return { reason: "ListenFailed", message: `the node cannot listen on TCP port ${listenPort}: ${reason}` };
  }
}

function badSourceAddress(address: string | undefined): SessionError {
  return { reason: "BadSourceAddress", message: `spec.sourceAddress ${address ?? ""} is no address of the node` };
}

function noRouter({ interface: name = "" }: PeerConfig, problem: string | null): SessionError {
  switch (problem?.replace(/^.*: /, "")) {
    case undefined:
      return {
        reason: "NoRouter",
        message: `no router is heard on ${name} of spec.interface: Herald solicits one, and begins when it sends a Router Advertisement`,
      };
    case "ENODEV":
    case "ENXIO":
      return noSuchDevice("interface", name);
    default:
      return { reason: "NoRouter", message: `no router can be searched for on ${name} of spec.interface: ${problem}` };
  }
}

function noSuchDevice(field: "interface" | "vrf", name: string): SessionError {
  return {
    reason: "NoSuchDevice",
    message: `no network device of the node has the name ${name} of spec.${field}: Herald tries again until there is one`,
  };
}

/** RFC 5880 §4.1 has the diagnostics: 1 is an expired detection time, 3 the neighbour's word, 5 a path that is down. */
function bfdError(
  { address }: PeerConfig,
  { diagnostic, remoteDiagnostic }: Extract<PeerError, { readonly code: "BfdDown" }>,
): SessionError {
  const reason = "BfdDown";
  if (diagnostic === 1)
    return { reason, message: `BFD down: the node heard no BFD packet from ${address} for the detection time` };
  if (diagnostic === 3 && remoteDiagnostic === 1)
    return { reason, message: `BFD down: ${address} heard no BFD packet from the node for its detection time` };
  if (diagnostic === 3)
    return { reason, message: `BFD down: ${address} says so, with diagnostic ${remoteDiagnostic} of RFC 5880` };
  if (diagnostic === 5) return { reason, message: `BFD down: the node has lost its link to ${address}` };
  return { reason, message: `BFD down: the session with ${address} ended with diagnostic ${diagnostic} of RFC 5880` };
}

function noAnswer(peer: PeerConfig): SessionError {
  const seconds = Math.min(CONNECT_TIME, peer.connectTime ?? CONNECT_TIME);
  // TCP drops a segment with a wrong signature in silence (RFC 2385 §2.0), so nothing tells a wrong password from a router that is off.
  const password =
    peer.password === undefined
      ? "or it demands a TCP MD5 password, which this BGPPeer does not have"
      : "or the TCP MD5 password is wrong: a router drops what is signed with another password and does not answer";
  const hops = peer.ttlSecurity ?? 0;
  const distance = `or it does not use TTL security for ${hops} ${hops === 1 ? "hop" : "hops"} as spec.ttlSecurity demands, `;
  return {
    reason: "NoAnswer",
    message: `no answer from ${endpointOf(peer)} within ${seconds} s: the router is off or filtered, ${hops === 0 ? "" : distance}${password}`,
  };
}

/** A peer's address and port, or where it is found, for people. */
export function endpointOf({ address, port = BGP_PORT, interface: unnumbered = "" }: PeerConfig): string {
  if (address === undefined) return `the router on ${unnumbered}`;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
