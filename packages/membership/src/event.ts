import type { TransportAddress } from "./transport-address.ts";
import type { Keyring } from "./keyring.ts";
import type { NodeName } from "./node-name.ts";
import type { WatcherView } from "./watcher-view.ts";

/** A stream's name: the machine's own are `dial-N`; those that a host accepts have any other form, never twice the same. */
export type StreamId = string;

/** The input of a membership machine. */
export type MembershipEvent =
  /** The sockets are open: probes, gossip and joining begin. */
  | { readonly type: "Started" }
  /** The transport addresses of all nodes that should be members, every time; this node's may be among them. */
  | { readonly type: "PeersDesired"; readonly peers: readonly TransportAddress[] }
  /** The keys to use from now on; needed as a value that `createKeyring` accepted. */
  | { readonly type: "KeyringDesired"; readonly keyring: Keyring }
  /** One UDP datagram. */
  | { readonly type: "PacketReceived"; readonly from: TransportAddress; readonly octets: Uint8Array }
  /** A peer opened a TCP connection to us. */
  | { readonly type: "StreamAccepted"; readonly stream: StreamId; readonly from: TransportAddress }
  /** Octets arrived on a stream, in any portions. */
  | { readonly type: "StreamReceived"; readonly stream: StreamId; readonly octets: Uint8Array }
  /** A stream ended, failed, or could not be opened; also said of a stream that the machine had closed, without harm. */
  | { readonly type: "StreamClosed"; readonly stream: StreamId }
  /** The BFD session with a node came up, was lost because the detection time passed, or went down for another reason. */
  | { readonly type: "BfdSessionChanged"; readonly node: NodeName; readonly view: WatcherView }
  /** This node stood still: ask other members whether they declared it dead meanwhile. `MembershipConfirmed` follows once they answered. */
  | { readonly type: "ConfirmationRequested" }
  /** The application's data about this node that every other speaker of Herald is to have, up to `MAX_NODE_DATA` octets. It costs nothing while no node has any. */
  | { readonly type: "NodeDataDesired"; readonly octets: Uint8Array }
  /** The network is back: join the peers that are not members at once, and not with the next round. */
  | { readonly type: "RejoinRequested" }
  /** Leave the cluster; `LeaveCompleted` follows within the profile's `leaveTimeout`. */
  | { readonly type: "LeaveRequested" };
