import type { Cipher } from "./cipher.ts";
import type { TransportAddress } from "./transport-address.ts";
import type { Keyring } from "./keyring.ts";
import type { NodeName } from "./node-name.ts";
import type { Profile } from "./profile.ts";
import type { Versions } from "./versions.ts";

/** One node's place in a cluster. */
export interface MembershipConfig {
  /** Unique in the cluster; MetalLB uses the Kubernetes node's name. */
  readonly name: NodeName;
  /** The address at which other members reach this node, by UDP and TCP. */
  readonly advertise: TransportAddress;
  readonly profile: Profile;
  /** Empty for a cluster without encryption. */
  readonly keyring: Keyring;
  /**
   * 32 octets from the system's generator, fresh at every start: all randomness, nonces of AES-GCM included, is drawn from it, so
   * that a replay repeats itself. Two machines must never share one, and a state must not be run twice against a network.
   */
  readonly seed: Uint8Array;
  /** `nobleCipher` when left out. */
  readonly cipher?: Cipher;
  /** The application's own data about this node, up to 512 octets; empty where absent. Not used where `bfd` is set. */
  readonly meta?: Uint8Array;
  /**
   * This node's BFD sessions with its watchers: the UDP port at which it takes the packets, and the number of watchers of each node, the same
   * in the whole cluster. Null where it has none (where absent). The port stands in the node's meta.
   */
  readonly bfd?: { readonly port: number; readonly watchers: number } | null;
  /** `defaultVersions` when left out. */
  readonly versions?: Versions;
  /** The label that separates clusters on one network, up to 255 octets; empty (none) where absent. */
  readonly label?: Uint8Array;
  /** True to compress messages; true where absent. */
  readonly compression?: boolean;
  /** True to ping a node by TCP that did not answer by UDP; true where absent. */
  readonly tcpPings?: boolean;
  /** True to refuse plaintext in a cluster with keys; true where absent. */
  readonly verifyIncoming?: boolean;
  /** True to encrypt outgoing messages in a cluster with keys; true where absent. */
  readonly verifyOutgoing?: boolean;
  /** The version of the encryption's framing that we send: 1 (default), or 0 for clusters of protocol 1. */
  readonly encryptionVersion?: 0 | 1;
  /** After how many milliseconds a dead node's name may come back with another address; 0 (never, until forgotten) when left out. */
  readonly deadNodeReclaimTime?: number;
  /** The largest packet that we send, in octets; 1400 when left out. */
  readonly packetSize?: number;
}
