import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FlagValues, Logger } from "@herald-lb/daemon";
import type { AvoidedNodes } from "@herald-lb/k8s-glue/announce";
import { type TransportAddress, metallbKey } from "@herald-lb/membership";
import { parseIpAddress } from "@herald-lb/sansio";
import { DEFAULT_EXCLUDED } from "./worker/announceable-interface.ts";
import type { BfdSettings, WorkerSettings } from "./worker/protocol.ts";

/** The file in which MetalLB mounts the list of interfaces that are never answered on. */
const EXCLUDE_FILE = "/etc/metallb/excludel2.yaml";

/** The transport address of this member; null where the flags want no memberlist cluster. */
export function membershipBind(flags: FlagValues): TransportAddress | null {
  const address = parseIpAddress(flags.text("ml-bindaddr"));
  if (!address.ok || flags.text("ml-labels") === "") return null;
  return { address: address.value, port: flags.number("ml-bindport") };
}

/** The nodes that announce on the segment only where no other can. */
export function avoidedNodes(flags: FlagValues): AvoidedNodes {
  const taints = flags
    .text("avoid-taints")
    .split(",")
    .map((key) => key.trim())
    .filter((key) => key !== "");
  return { cordoned: flags.isSet("avoid-cordoned"), taints };
}

/** The settings of the worker, from the flags and the mounted files. */
export function workerSettings(flags: FlagValues, node: string, log: Logger): WorkerSettings {
  const bind = membershipBind(flags);
  const secret = readSecret(flags.text("ml-secret-key-path"));
  if (bind === null)
    log.info("flags name no address for the memberlist cluster: every Node of the API server counts as live");
  else if (secret === null)
    log.warn("the gossip of the speakers is not encrypted: there is no file secretkey under --ml-secret-key-path");
  const listed = existsSync(EXCLUDE_FILE) ? excludedNames(readFileSync(EXCLUDE_FILE, "utf8")) : null;
  for (const name of listed?.unusable ?? [])
    log.error(
      { file: EXCLUDE_FILE, name },
      "a name in announcedInterfacesToExclude is no regular expression; the speaker leaves it out",
    );
  return {
    node,
    excludedInterfaces: (listed?.names ?? DEFAULT_EXCLUDED).join("|"),
    seed: randomBytes(32),
    bgpBfdSeed: randomBytes(32),
    isolated: flags.text("isolated") as "serve" | "yield",
    membership:
      bind === null
        ? null
        : {
            bind,
            profile: flags.isSet("ml-wan-config") ? "wan" : (flags.text("ml-profile") as "fast" | "lan" | "wan"),
            keys: secret === null ? [] : [metallbKey(secret)],
            seed: randomBytes(32),
            bfd: bfdSettings(flags),
          },
  };
}

function bfdSettings(flags: FlagValues): BfdSettings | null {
  const watchers = flags.number("bfd-watchers");
  if (watchers === 0) return null;
  return {
    port: flags.number("bfd-port"),
    watchers,
    interval: flags.number("bfd-interval"),
    multiplier: flags.number("bfd-multiplier"),
    seed: randomBytes(32),
  };
}

function readSecret(folder: string): Uint8Array | null {
  const file = join(folder, "secretkey");
  return folder !== "" && existsSync(file) ? new Uint8Array(readFileSync(file)) : null;
}

/** The names in MetalLB's `announcedInterfacesToExclude`, each a regular expression; names that are none are returned apart. */
export function excludedNames(yaml: string): {
  readonly names: readonly string[];
  readonly unusable: readonly string[];
} {
  const listed = yaml
    .split("\n")
    .map((line) => /^\s*-\s*["']?(.+?)["']?\s*$/.exec(line)?.[1])
    .filter((name) => name !== undefined);
  return { names: listed.filter(isExpression), unusable: listed.filter((name) => !isExpression(name)) };
}

function isExpression(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
