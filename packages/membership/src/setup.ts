import { nobleCipher } from "./cipher.ts";
import type { MembershipConfig } from "./config.ts";
import type { Keyring } from "./keyring.ts";
import { defaultVersions } from "./versions.ts";
import { bfdMeta } from "./bfd-meta.ts";
import type { WireConfig } from "./wire/packet.ts";

/** A configuration in which nothing is left out. */
export type Setup = Required<MembershipConfig>;

/** Fills in what a configuration leaves out. */
export function setupOf(config: MembershipConfig): Setup {
  return {
    cipher: nobleCipher,
    meta: new Uint8Array(),
    versions: defaultVersions,
    label: new Uint8Array(),
    compression: true,
    tcpPings: true,
    verifyIncoming: true,
    verifyOutgoing: true,
    encryptionVersion: 1,
    deadNodeReclaimTime: 0,
    packetSize: 1400,
    bfd: null,
    ...config,
    ...(config.bfd === undefined || config.bfd === null ? {} : { meta: bfdMeta(config.bfd.port) }),
  };
}

/** The configuration of the codec, with the keys in use now. */
export function wireConfigOf(setup: Setup, keyring: Keyring): WireConfig {
  const { cipher, label, compression, verifyIncoming, verifyOutgoing, encryptionVersion } = setup;
  return { cipher, keyring, label, compression, verifyIncoming, verifyOutgoing, encryptionVersion };
}
