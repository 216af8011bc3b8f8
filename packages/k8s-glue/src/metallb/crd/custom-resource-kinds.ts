import type { z } from "zod";
import { bfdProfileSpec, bfdProfileStatus } from "./bfd-profile.ts";
import { bgpAdvertisementSpec, bgpAdvertisementStatus } from "./bgp-advertisement.ts";
import { bgpPeerSpec, bgpPeerStatus, bgpPeerV1Beta1Spec } from "./bgp-peer.ts";
import { communitySpec, communityStatus } from "./community.ts";
import { configurationStateSpec, configurationStateStatus } from "./configuration-state.ts";
import { ipAddressPoolSpec, ipAddressPoolStatus } from "./ip-address-pool.ts";
import { l2AdvertisementSpec, l2AdvertisementStatus } from "./l2-advertisement.ts";
import { emptySpec, serviceBGPStatus, serviceL2Status } from "./service-status.ts";

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "boolean" | "date";
  readonly jsonPath: string;
  readonly priority?: number;
}

/** One version of a kind. The last of a kind's versions is the one stored. */
export interface KindVersion {
  readonly name: "v1beta1" | "v1beta2";
  readonly spec: z.ZodType;
  readonly status: z.ZodType;
  /** True if an object must have a spec. */
  readonly specRequired: boolean;
  readonly columns: readonly PrinterColumn[];
  readonly deprecationWarning?: string;
}

/** A kind of the group `metallb.io`; all of them live in Herald's own namespace. */
export interface CustomResourceKind {
  readonly kind: string;
  readonly plural: string;
  readonly description: string;
  readonly versions: readonly KindVersion[];
}

const column = (name: string, type: PrinterColumn["type"], jsonPath: string, priority?: number): PrinterColumn =>
  priority === undefined ? { name, type, jsonPath } : { name, type, jsonPath, priority };

/** The column of a condition's status, or of its reason. */
const conditionColumn = (name: string, type: string, field: "status" | "reason", priority?: number): PrinterColumn =>
  column(name, "string", `.status.conditions[?(@.type=="${type}")].${field}`, priority);

const accepted = conditionColumn("Accepted", "Accepted", "status");
const effect = [
  conditionColumn("Programmed", "Programmed", "status"),
  conditionColumn("Reason", "Programmed", "reason"),
];
const selection = [
  column("IPAddressPools", "string", ".spec.ipAddressPools"),
  column("IPAddressPool Selectors", "string", ".spec.ipAddressPoolSelectors"),
];
const nodeSelectors = column("Node Selectors", "string", ".spec.nodeSelectors", 10);
const peerColumns = [
  column("Address", "string", ".spec.peerAddress"),
  column("ASN", "string", ".spec.peerASN"),
  column("BFD Profile", "string", ".spec.bfdProfile"),
  column("Multi Hops", "string", ".spec.ebgpMultiHop"),
  column("My ASN", "string", ".spec.myASN"),
  column("Sessions", "string", ".status.sessions"),
  conditionColumn("Reason", "Established", "reason"),
  accepted,
];
/** The AS numbers that only v1beta2 has. */
const asnColumns = [
  column("Local ASN", "string", ".spec.localASN", 1),
  column("Dynamic ASN", "string", ".spec.dynamicASN", 1),
];
const serviceColumns = [
  column("Service Name", "string", ".status.serviceName"),
  column("Service Namespace", "string", ".status.serviceNamespace"),
];

/** The object exists while its node answers: it is as old as the announcement. */
const announcedColumns = [
  column("Addresses", "string", ".status.addresses"),
  column("Since", "date", ".metadata.creationTimestamp"),
  column("Reason", "string", ".status.reason"),
];

/** Every kind of MetalLB, in every version that MetalLB serves. */
export const customResourceKinds: readonly CustomResourceKind[] = [
  {
    kind: "BFDProfile",
    plural: "bfdprofiles",
    description: "Settings for BFD sessions beside BGP sessions; BGPPeers name it.",
    versions: [
      {
        name: "v1beta1",
        spec: bfdProfileSpec,
        status: bfdProfileStatus,
        specRequired: false,
        columns: [
          column("Passive Mode", "boolean", ".spec.passiveMode"),
          column("Transmit Interval", "integer", ".spec.transmitInterval"),
          column("Receive Interval", "integer", ".spec.receiveInterval"),
          column("Multiplier", "integer", ".spec.detectMultiplier"),
        ],
      },
    ],
  },
  {
    kind: "BGPAdvertisement",
    plural: "bgpadvertisements",
    description: "Announces the addresses of pools by BGP.",
    versions: [
      {
        name: "v1beta1",
        spec: bgpAdvertisementSpec,
        status: bgpAdvertisementStatus,
        specRequired: false,
        columns: [...selection, column("Peers", "string", ".spec.peers"), nodeSelectors, ...effect],
      },
    ],
  },
  {
    kind: "BGPPeer",
    plural: "bgppeers",
    description: "A BGP neighbour of the nodes.",
    versions: [
      {
        name: "v1beta1",
        spec: bgpPeerV1Beta1Spec,
        status: bgpPeerStatus,
        specRequired: false,
        columns: peerColumns,
        deprecationWarning: "v1beta1 is deprecated, please use v1beta2",
      },
      {
        name: "v1beta2",
        spec: bgpPeerSpec,
        status: bgpPeerStatus,
        specRequired: false,
        columns: [...peerColumns, ...asnColumns],
      },
    ],
  },
  {
    kind: "Community",
    plural: "communities",
    description: "Names for BGP communities, to be used in BGPAdvertisements.",
    versions: [{ name: "v1beta1", spec: communitySpec, status: communityStatus, specRequired: false, columns: [] }],
  },
  {
    kind: "ConfigurationState",
    plural: "configurationstates",
    description: "What the controller, or the speaker of one node, makes of the configuration.",
    versions: [
      {
        name: "v1beta1",
        spec: configurationStateSpec,
        status: configurationStateStatus,
        specRequired: false,
        columns: [
          column("Result", "string", ".status.result"),
          column("ErrorSummary", "string", ".status.errorSummary", 10),
          column("Age", "date", ".metadata.creationTimestamp"),
        ],
      },
    ],
  },
  {
    kind: "IPAddressPool",
    plural: "ipaddresspools",
    description: "Addresses that Services of type LoadBalancer can be given.",
    versions: [
      {
        name: "v1beta1",
        spec: ipAddressPoolSpec,
        status: ipAddressPoolStatus,
        specRequired: true,
        columns: [
          column("Auto Assign", "boolean", ".spec.autoAssign"),
          column("Avoid Buggy IPs", "boolean", ".spec.avoidBuggyIPs"),
          column("Addresses", "string", ".spec.addresses"),
          accepted,
          column("IPv4 Used", "integer", ".status.assignedIPv4"),
          column("IPv4 Free", "integer", ".status.availableIPv4"),
          column("IPv6 Used", "integer", ".status.assignedIPv6"),
          column("IPv6 Free", "integer", ".status.availableIPv6"),
        ],
      },
    ],
  },
  {
    kind: "L2Advertisement",
    plural: "l2advertisements",
    description: "Announces the addresses of pools on the nodes' own segment, by ARP and Neighbor Discovery.",
    versions: [
      {
        name: "v1beta1",
        spec: l2AdvertisementSpec,
        status: l2AdvertisementStatus,
        specRequired: false,
        columns: [...selection, column("Interfaces", "string", ".spec.interfaces"), nodeSelectors, ...effect],
      },
    ],
  },
  {
    kind: "ServiceBGPStatus",
    plural: "servicebgpstatuses",
    description: "To which peers a node announces a Service.",
    versions: [
      {
        name: "v1beta1",
        spec: emptySpec,
        status: serviceBGPStatus,
        specRequired: false,
        columns: [column("Node", "string", ".status.node"), ...serviceColumns],
      },
    ],
  },
  {
    kind: "ServiceL2Status",
    plural: "servicel2statuses",
    description: "Which node answers for a Service on the segment.",
    versions: [
      {
        name: "v1beta1",
        spec: emptySpec,
        status: serviceL2Status,
        specRequired: false,
        columns: [column("Allocated Node", "string", ".status.node"), ...serviceColumns, ...announcedColumns],
      },
    ],
  },
];
