import type { TransportAddress } from "./transport-address.ts";
import type { StreamId } from "./event.ts";
import type { MemberView } from "./member.ts";
import type { NodeName } from "./node-name.ts";
import type { WatcherSession } from "./watcher-state.ts";

/** The reason for which the machine ignored something that arrived; also a metric's label. */
export type IgnoreReason =
  | "UnacceptableLabel"
  | "Undecryptable"
  | "BadCrc"
  | "Malformed"
  | "Truncated"
  | "TooLarge"
  | "UnknownMessageType"
  | "ForAnotherNode"
  | "UnexpectedAck"
  | "UserMessage"
  | "UnknownStream"
  | "TooManyStreams"
  | "BadVersions"
  | "BadAddress"
  | "NameConflict"
  | "ProtocolMismatch"
  | "RemoteError"
  | "UnexpectedReport"
  | "UnexpectedNodeData"
  | "NotRunning";

/** An instruction for the host of a membership machine, or a report. */
export type MembershipEffect =
  /** Send one UDP datagram from this node's transport address. */
  | { readonly type: "SendPacket"; readonly to: TransportAddress; readonly octets: Uint8Array }
  /** Connect by TCP and write the octets; keep the connection open for what the peer answers. */
  | {
      readonly type: "OpenStream";
      readonly stream: StreamId;
      readonly to: TransportAddress;
      readonly octets: Uint8Array;
    }
  /** Write the octets on a stream that was accepted, then end it. */
  | { readonly type: "ReplyStream"; readonly stream: StreamId; readonly octets: Uint8Array }
  /** Close a stream; nothing more is wanted from it. */
  | { readonly type: "CloseStream"; readonly stream: StreamId }
  /** Nodes came (also back from death), went, or changed their meta or address. `membersOf` has the whole view. */
  | {
      readonly type: "MembersChanged";
      readonly joined: readonly MemberView[];
      readonly left: readonly MemberView[];
      readonly updated: readonly MemberView[];
    }
  /** The BFD sessions that the watchers need from now on: the whole set, every time. */
  | { readonly type: "SessionsDesired"; readonly sessions: readonly WatcherSession[] }
  /** This node declared another dead, because these watchers have lost it. */
  | { readonly type: "DeathDeclared"; readonly node: NodeName; readonly by: readonly NodeName[] }
  /** Another member had declared this node dead, and may act as if it were: it was told otherwise. */
  | { readonly type: "DeathRefuted" }
  /** The answer to `ConfirmationRequested`: others have said that this node lives, or were told so. */
  | { readonly type: "MembershipConfirmed" }
  /** A member's data arrived, or changed. What was known of a member that went counts no more. */
  | { readonly type: "NodeDataChanged"; readonly node: NodeName; readonly octets: Uint8Array }
  /** The members know that this node leaves, or the leave timed out: the sockets may close. */
  | { readonly type: "LeaveCompleted" }
  /** The machine ignored something that arrived. `from` is null where the host did not tell the sender. */
  | {
      readonly type: "Ignored";
      readonly reason: IgnoreReason;
      readonly from: TransportAddress | null;
      readonly detail: string;
    };
