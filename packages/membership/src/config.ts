import type { Cipher } from "./cipher.ts";
import type { TransportAddress } from "./transport-address.ts";
import type { Keyring } from "./keyring.ts";
import type { NodeName } from "./node-name.ts";
import type { Profile } from "./profile.ts";
import type { Versions } from "./versions.ts";

/** One node's place in a ring. */
export interface MembershipConfig {
  /** Unique in the ring; MetalLB uses the Kubernetes node's name. */
  readonly name: NodeName;
  /** Where the others reach us, by UDP and TCP. */
  readonly advertise: TransportAddress;
  readonly profile: Profile;
  /** Empty for a ring without encryption. */
  readonly keyring: Keyring;
  /**
   * 32 octets from the system's generator, fresh at every start: all randomness, nonces of AES-GCM included, is drawn from it, so
   * that a replay repeats itself. Two machines must never share one, and a state must not be run twice against a network.
   */
  readonly seed: Uint8Array;
  /** `nobleCipher` when left out. */
  readonly cipher?: Cipher;
  /** What our application says of itself; up to 512 octets, empty when left out. */
  readonly meta?: Uint8Array;
  /** `defaultVersions` when left out. */
  readonly versions?: Versions;
  /** Separates rings that share a network, up to 255 octets; empty (none) when left out. */
  readonly label?: Uint8Array;
  /** Whether what we send may be compressed; true when left out. */
  readonly compression?: boolean;
  /** Whether a node that did not answer by UDP is tried by TCP; true when left out. */
  readonly tcpPings?: boolean;
  /** Whether plaintext is refused in a ring with keys; true when left out. */
  readonly verifyIncoming?: boolean;
  /** Whether what we send is encrypted in a ring with keys; true when left out. */
  readonly verifyOutgoing?: boolean;
  /** The version of the encryption's framing that we send: 1 (default), or 0 for rings of protocol 1. */
  readonly encryptionVersion?: 0 | 1;
  /** After how many milliseconds a dead node's name may come back with another address; 0 (never, until forgotten) when left out. */
  readonly deadNodeReclaimTime?: number;
  /** The largest packet that we send, in octets; 1400 when left out. */
  readonly packetSize?: number;
}
