import type { IpAddress, MacAddress } from "@herald-lb/sansio";
import type { OnConflict } from "../conflict-options.ts";
import type { InterfaceSelection } from "../interface-selection.ts";
import type { Cadence } from "../responder/cadence.ts";
import type { LoadSharing } from "../sharing/load-sharing.ts";
import type { TakeoverCause } from "./takeover-reason.ts";
import type { NodeReport } from "./node-report.ts";

/** An instruction for the responder or the membership, or a report. */
export type TakeoverEffect =
  /** The responder announces these addresses and answers for them, in place of what it announced for the key. */
  | {
      readonly type: "Announce";
      readonly key: string;
      readonly addresses: readonly IpAddress[];
      readonly interfaces: InterfaceSelection;
      /** None where absent. */
      readonly onSubnet?: InterfaceSelection;
      /** MetalLB's where it is left out. */
      readonly cadence?: Cadence;
      /** Those of the addresses that must be probed first; absent for none. */
      readonly tentative?: readonly IpAddress[];
      /** `Defend` where absent. */
      readonly onConflict?: OnConflict;
      /** False where absent. */
      readonly watchesRivals?: boolean;
      /** Absent where this node alone announces. Otherwise it answers for its part of the clients, and announces to none but them. */
      readonly sharing?: LoadSharing;
    }
  /** The responder stops answering for the key. */
  | { readonly type: "Withdraw"; readonly key: string }
  /** Another live node is to announce the key: the responder goes on answering until that node has announced each address. */
  | { readonly type: "Yield"; readonly key: string }
  /** The responder sends nothing and answers for nothing from now on; it keeps what it is to announce. */
  | { readonly type: "BeginSilence" }
  /** The responder announces again what it is to announce, and answers for it. */
  | { readonly type: "EndSilence" }
  /** The responder sends no announcement from now on, and stops answering for each address once another node announces it. */
  | { readonly type: "StartHandover" }
  /** The responder takes no claim of these stations, the other speakers by node, for a rival's; they are all that are known. */
  | { readonly type: "SpeakersChanged"; readonly speakers: ReadonlyMap<string, readonly MacAddress[]> }
  /** The membership asks the other members whether they took this node for dead; `MembershipConfirmed` follows. */
  | { readonly type: "ConfirmMembership" }
  /** The membership joins the other members again, at once. */
  | { readonly type: "RejoinMembership" }
  /** The membership tells the other speakers that this node leaves; `LeaveCompleted` follows. */
  | { readonly type: "LeaveMembership" }
  /** The other nodes are to have this report of this node, in place of the last one. */
  | { readonly type: "PublishReport"; readonly report: NodeReport }
  /** From now on, or no longer, `ApiServerProbed` tells once and again whether the API server answers. */
  | { readonly type: "ProbeApiServer"; readonly wanted: boolean }
  /** This node announces the service. `interfaces` are those of the selection that exist; null where the selection is all. */
  | {
      readonly type: "Announcing";
      readonly cause: TakeoverCause;
      readonly key: string;
      readonly addresses: readonly IpAddress[];
      readonly interfaces: readonly string[] | null;
      /** Those of the addresses that are not announced yet; absent for none. A later report tells what becomes of them. */
      readonly tentative?: readonly IpAddress[];
      /** The nodes that serve, this one among them, each for its part of the clients; absent where this node alone announces. */
      readonly sharedBy?: readonly string[];
    }
  /**
   * Another node announces the service, or none where `to` is null. `offSubnet` has its addresses where live candidates have no interface on their subnets; it is
   * absent otherwise, and on all nodes but the first of these candidates.
   */
  | {
      readonly type: "NotAnnouncing";
      readonly key: string;
      readonly to: string | null;
      readonly offSubnet?: readonly IpAddress[];
    }
  /** The handover is over: close the sockets. Nothing follows. */
  | { readonly type: "Stopped" };
