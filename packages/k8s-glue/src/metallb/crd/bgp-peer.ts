import * as z from "zod";
import { gracefulRestartTime, longLivedStaleTime } from "./bgp-peer-restart.ts";
import { bgpPeerRules, bgpPeerV1Beta1Rules } from "./bgp-peer-rules.ts";
import { conditions, type FieldMeta, type FieldsOf, integer, selectors } from "./schema.ts";

const asn = (minimum: number, description: string): z.ZodType<number> => integer(minimum, 4_294_967_295, description);
const text = (description: string): z.ZodString => z.string().meta({ description });

const shared = {
  myASN: asn(0, "Number of our autonomous system in this session."),
  sourceAddress: text("Address to connect from.").exactOptional(),
  holdTime: text(
    "Hold Time to propose, for example 90s: 0s, or 3s and more. Three times keepaliveTime when absent, else 90s.",
  ).exactOptional(),
  keepaliveTime: text("Interval between KEEPALIVE messages; a third of the Hold Time when absent.").exactOptional(),
  routerID: text(
    "BGP Identifier for this session, in the form of an IPv4 address; the node's own address when absent.",
  ).exactOptional(),
  nodeSelectors: selectors("Selects the nodes that peer; without it, all of them do.").exactOptional(),
  password: text(
    "Password of the TCP MD5 signature, RFC 2385. passwordSecret keeps it out of this object.",
  ).exactOptional(),
  bfdProfile: text("Name of the BFDProfile for a BFD session beside this one.").exactOptional(),
  ebgpMultiHop: z
    .boolean()
    .exactOptional()
    .meta({ description: "Whether an external peer is more than one hop away." }),
};

const connectTimeRules = [
  {
    rule: "duration(self).getSeconds() >= 1 && duration(self).getSeconds() <= 65535",
    message: "connectTime must be from 1 second to 65535 seconds",
  },
  { rule: "duration(self).getMilliseconds() % 1000 == 0", message: "connectTime must be whole seconds" },
];

const delayOpenRules = [
  {
    rule: "duration(self).getSeconds() >= 0 && duration(self).getSeconds() <= 240 && duration(self).getMilliseconds() % 1000 == 0",
    message: "delayOpenTime must be whole seconds from 0 to 240",
  },
];

/** Schema of `spec` in v1beta2, the version that is stored. */
export const bgpPeerSpec = z
  .object({
    ...shared,
    peerASN: asn(0, "Number of the peer's autonomous system. Either this or dynamicASN.").exactOptional(),
    dynamicASN: z
      .enum(["internal", "external"])
      .exactOptional()
      .meta({ description: "Takes any number that makes the session internal, or external. Either this or peerASN." }),
    localASN: asn(1, "Number that this peer sees as ours instead of myASN.").exactOptional(),
    peerAddress: text("Address of the peer. Either this, interface or peerPrefix.").exactOptional(),
    interface: text(
      "Interface on which to find the peer by its link-local address. Either this, peerAddress or peerPrefix.",
    ).exactOptional(),
    peerPrefix: text(
      "Prefix, for example 192.0.2.0/24, from which routers connect: each gets a session of its own. In place of peerAddress or interface.",
    ).exactOptional(),
    maxSessions: z
      .int()
      .min(1)
      .max(1_000)
      .exactOptional()
      .meta({ description: "With peerPrefix: the number of sessions of a node at most; 16 when absent." }),
    connectionMode: z.enum(["Active", "Passive", "Both"]).exactOptional().meta({
      description:
        "Who opens the TCP connection. Active, as when absent: the node. Passive: the router, and the node listens. Both: either, and one of two connections is kept. With peerPrefix it is Passive.",
    }),
    listenPort: z.int().min(1).max(65_535).exactOptional().meta({
      description:
        "TCP port on which the node listens for the router; 179 when absent, for which the speaker needs the capability NET_BIND_SERVICE.",
    }),
    delayOpenTime: z
      .string()
      .max(64)
      .exactOptional()
      .meta({
        description:
          "How long the node's OPEN waits for the router's on a new connection, in whole seconds up to 240s; it does not wait when absent.",
        "x-kubernetes-validations": delayOpenRules,
      } satisfies FieldMeta),
    peerPort: z.int().min(1).max(16_384).default(179).meta({ description: "TCP port of the peer." }),
    connectTime: z
      .string()
      .max(64)
      .exactOptional()
      .meta({
        description: "Longest pause between attempts to connect, in whole seconds.",
        "x-kubernetes-validations": connectTimeRules,
      } satisfies FieldMeta),
    passwordSecret: z
      .object({ name: text("Name of the Secret.").exactOptional(), namespace: text("Not used.").exactOptional() })
      .exactOptional()
      .meta({
        description:
          "Secret of type kubernetes.io/basic-auth in Herald's namespace; its key password is the TCP MD5 password.",
        "x-kubernetes-map-type": "atomic",
      } satisfies FieldMeta),
    enableGracefulRestart: z
      .boolean()
      .exactOptional()
      .meta({
        description: "Whether routes stay with the peer while the speaker restarts, RFC 4724. Cannot be changed later.",
        "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "enableGracefulRestart cannot be changed" }],
      } satisfies FieldMeta),
    maxPrefixesSent: integer(
      1,
      4_294_967_295,
      "Number of prefixes that the peer takes from a node before it closes the session (its maximum-prefix). The condition WithinMaxPrefixes warns from three quarters of it on; nothing is held back. No warning when absent.",
    ).exactOptional(),
    gracefulRestartTime: z.exactOptional(gracefulRestartTime),
    longLivedStaleTime: z.exactOptional(longLivedStaleTime),
    role: z.enum(["Provider", "RS", "RS-Client", "Customer", "Peer"]).exactOptional().meta({
      description:
        "Our role towards an external peer, RFC 9234: Provider, RS (route server), RS-Client, Customer or Peer. The peer must have the role that fits. No role is told when absent. An extension of Herald's.",
    }),
    strictRole: z.boolean().exactOptional().meta({
      description: "Whether a peer that tells no role is refused. Needs role. An extension of Herald's.",
    }),
    ttlSecurity: integer(
      1,
      254,
      "Number of hops to the peer, 1 where it is on the node's own network: the session uses TTL security, RFC 5082, and takes nothing from farther away. The peer must use it too. Without TTL security when absent, as in MetalLB. Excludes ebgpMultiHop.",
    ).exactOptional(),
    vrf: text("Host VRF in which the peer is reached.").exactOptional(),
    disableMP: z
      .boolean()
      .default(false)
      .meta({ description: "Deprecated and without effect: see dualStackAddressFamily." }),
    dualStackAddressFamily: z.boolean().default(false).meta({
      description: "Whether routes of both families go over this session, not only those of its own address.",
    }),
  })
  .meta({
    description: "A BGP session that nodes shall have.",
    "x-kubernetes-validations": bgpPeerRules,
  } satisfies FieldMeta);

type StoredFields = FieldsOf<typeof bgpPeerSpec>;

/** `spec` of a BGPPeer v1beta2; v1beta1 has a part of it. Durations are text as Go writes them: `90s`, `1m30s`. */
export type BGPPeerSpec = Pick<StoredFields, "myASN"> & Partial<StoredFields>;

/** Schema of `spec` in v1beta1. */
export const bgpPeerV1Beta1Spec: z.ZodType<BGPPeerSpec> = z
  .object({
    ...shared,
    peerASN: asn(0, "Number of the peer's autonomous system."),
    peerAddress: text("Address of the peer."),
    peerPort: integer(0, 16_384, "TCP port of the peer; 179 when absent or 0.").exactOptional(),
  })
  .meta({
    description: "A BGP session that nodes shall have.",
    "x-kubernetes-validations": bgpPeerV1Beta1Rules,
  } satisfies FieldMeta);

/** Schema of `status`. */
export const bgpPeerStatus = z
  .object({
    sessions: text("Nodes that have the session, of those that the peer selects: 2/3.").exactOptional(),
    establishedNodes: z.int().exactOptional().meta({ description: "Number of nodes that have the session." }),
    selectedNodes: z.int().exactOptional().meta({ description: "Number of nodes that the peer selects." }),
    conditions: conditions.exactOptional(),
  })
  .meta({
    description: "Whether the peer is accepted, and which nodes have a session with it.",
    "x-kubernetes-preserve-unknown-fields": true,
  } satisfies FieldMeta);

/** `status` of a BGPPeer. */
export type BGPPeerStatus = FieldsOf<typeof bgpPeerStatus>;
