import type { Ipv4Address } from "@herald-lb/sansio";
import type { Capability } from "../capability.ts";

/** RFC 4271 §4.2: the first message of each side. */
export interface OpenMessage {
  readonly type: "OPEN";
  /** 4 in every OPEN that decodes. */
  readonly version: number;
  /** The two octets of My Autonomous System: `AS_TRANS` when the AS number needs four. See `autonomousSystemOf`. */
  readonly autonomousSystem: number;
  /** Seconds: 0, or at least 3. */
  readonly holdTime: number;
  readonly bgpIdentifier: Ipv4Address;
  /** In the order of the wire, which the encoder keeps. */
  readonly optionalParameters: readonly OptionalParameter[];
  /** RFC 9072 §2: the extended form although the parameters fit into 255 octets. Longer ones take it by themselves. */
  readonly extendedOptionalParameters?: true;
}

/** One optional parameter of an OPEN: RFC 5492 §4 capabilities, or one that is carried as octets. */
export type OptionalParameter =
  | { readonly type: "Capabilities"; readonly capabilities: readonly Capability[] }
  | { readonly type: "Unknown"; readonly code: number; readonly value: Uint8Array };
