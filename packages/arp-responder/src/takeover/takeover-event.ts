import type { IpAddress, MacAddress } from "@herald-lb/sansio";
import type { AnnouncementRequest } from "./announcement-request.ts";
import type { LostLinks, NodeReport } from "./node-report.ts";
import type { InterfaceSubnets } from "../interface-selection.ts";

/** The input of the takeover machine. Requests are whole per key, and repeating one is harmless. */
export type TakeoverEvent =
  /** A service's announcement, new or changed. */
  | { readonly type: "AnnouncementRequested"; readonly request: AnnouncementRequest }
  /** A service wants no announcement any more. */
  | { readonly type: "AnnouncementWithdrawn"; readonly key: string }
  /** Every request that was there at the start has come. Until then no service is spread: over some of them, the spread would be another one. */
  | { readonly type: "RequestsListed" }
  /** The number of other speakers that should be members. A machine without membership ignores it. */
  | { readonly type: "PeersExpected"; readonly count: number }
  /** The live members, this node among them, those that joined since the last time, and those that died. A machine without membership ignores it. */
  | {
      readonly type: "MembersChanged";
      readonly live: readonly string[];
      readonly joined: readonly string[];
      readonly died: readonly string[];
    }
  /** Every Node of the cluster, all of which count as live. Only for a machine without membership. */
  | { readonly type: "NodesListed"; readonly nodes: readonly string[] }
  /** The names of the interfaces on which this node can answer, their hardware addresses, and their subnets; none where absent. */
  | {
      readonly type: "InterfacesChanged";
      readonly names: readonly string[];
      readonly hardwareAddresses?: readonly MacAddress[];
      readonly subnets?: readonly InterfaceSubnets[];
    }
  /** An address that this node is to announce has become tentative in the responder, or is announced now. */
  | { readonly type: "TentativeChanged"; readonly address: IpAddress; readonly tentative: boolean }
  /**
   * This node stood still for so long that the others may have taken it for dead. A machine without membership ignores it: nobody takes
   * over from a node there.
   */
  | { readonly type: "PauseNoticed" }
  /** A link of this node came back: the others may have taken it for dead, and it may have taken them for dead. */
  | { readonly type: "LinkRestored" }
  /** Another member had taken this node for dead, and others may answer for its addresses. */
  | { readonly type: "DeathRefuted" }
  /** The other members have said that this node lives, or know it again; the live members, this node among them. */
  | { readonly type: "MembershipConfirmed"; readonly live: readonly string[] }
  /** The report of another live node. A machine without membership ignores it. */
  | { readonly type: "ReportReceived"; readonly node: string; readonly report: NodeReport }
  /** The links of this node that are down, all of them every time. */
  | { readonly type: "LinksLost"; readonly links: LostLinks }
  /** The sessions with every other speaker were lost at about the same time. */
  | { readonly type: "WatchersLost" }
  /** A session with another speaker is up again. */
  | { readonly type: "WatchersHeard" }
  /** The outcome of a probe that `ProbeApiServer` asked for. */
  | { readonly type: "ApiServerProbed"; readonly reached: boolean }
  /** The number of other Nodes that the API server has contact with. */
  | { readonly type: "OthersReachable"; readonly count: number }
  /** Hand every announcement over, then stop. */
  | { readonly type: "StopRequested" }
  /** The members know that this node leaves; also told where it never joined. */
  | { readonly type: "LeaveCompleted" };
