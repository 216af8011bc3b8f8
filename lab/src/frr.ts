import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { daemonIn, runIn } from "./debian-root.ts";
import type { Namespace } from "./namespace.ts";
import type { Scope } from "./scope.ts";

/** FRR running in a namespace under a path space of its own. */
export interface Frr {
  /** Runs one command in vtysh and returns what it printed. */
  readonly show: (command: string) => Promise<string>;
  /** The same for a command that ends in `json`. */
  readonly showJson: <Shape>(command: string) => Promise<Shape>;
}

const LIBRARY = "/usr/lib/frr";

/** Starts FRR's daemons, bgpd unless told otherwise, of the Debian system in `root` with an integrated configuration; they stop when the scope closes. */
export async function startFrr(
  scope: Scope,
  namespace: Namespace,
  configuration: string,
  daemons: readonly string[] = ["bgpd"],
  root = "/",
): Promise<Frr> {
  const space = namespace.name;
  const etc = join("/etc/frr", space);
  // Not /var/run: in another root that link leads out of it.
  const state = join("/run/frr", space);
  scope.defer(`FRR's folders of ${space}`, () => {
    for (const folder of [etc, state]) rmSync(join(root, folder), { recursive: true, force: true });
  });
  for (const folder of [etc, state]) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, etc, "frr.conf"), configuration);
  writeFileSync(join(root, etc, "vtysh.conf"), "service integrated-vtysh-config\n");
  await runIn(root, "chown", ["-R", "frr:frr", etc, state]);
  // The daemons have given up root by the time they open their log: the scope's folder is not theirs to look into otherwise.
  chmodSync(scope.folder, 0o755);
  // From FRR 9 on mgmtd reads what is static.
  const first = existsSync(join(root, LIBRARY, "mgmtd")) ? ["mgmtd"] : [];
  for (const daemon of [...first, "zebra", "staticd", ...daemons]) {
    const log = ["--log", "stdout", "--log-level", "informational"];
    scope.spawn({
      name: `frr-${daemon}`,
      namespace: space,
      ...daemonIn(root, join(LIBRARY, daemon), ["-N", space, "-i", join(state, `${daemon}.pid`), ...log]),
    });
    await untilVtyAnswers(root, space, daemon);
  }
  await runIn(root, "vtysh", ["-N", space, "-b"]);
  const show = (command: string): Promise<string> => runIn(root, "vtysh", ["-N", space, "-c", command]);
  return { show, showJson: async <Shape>(command: string) => JSON.parse(await show(command)) as Shape };
}

/** The router's configuration: one neighbour a node over each family, who may be anywhere on the segment. */
export function routerConfiguration(options: {
  readonly as: number;
  readonly routerId: string;
  readonly peerAs: number;
  readonly neighbors: readonly string[];
  readonly extra?: readonly string[];
}): string {
  const lines = [
    "frr defaults traditional",
    "hostname router",
    "log timestamp precision 3",
    "debug bgp neighbor-events",
    `router bgp ${options.as}`,
    ` bgp router-id ${options.routerId}`,
    " no bgp ebgp-requires-policy",
    " no bgp default ipv4-unicast",
    " bgp bestpath as-path multipath-relax",
  ];
  for (const neighbor of options.neighbors) {
    lines.push(` neighbor ${neighbor} remote-as ${options.peerAs}`, ` neighbor ${neighbor} passive`);
    lines.push(` neighbor ${neighbor} timers connect 2`);
  }
  lines.push(...(options.extra ?? []));
  for (const family of ["ipv4", "ipv6"] as const) {
    lines.push(` address-family ${family} unicast`, "  maximum-paths 8");
    for (const neighbor of options.neighbors) {
      if (neighbor.includes(":") === (family === "ipv6")) {
        lines.push(`  neighbor ${neighbor} activate`, `  neighbor ${neighbor} soft-reconfiguration inbound`);
      }
    }
    lines.push(" exit-address-family");
  }
  return `${lines.join("\n")}\n`;
}

async function untilVtyAnswers(root: string, space: string, daemon: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await runIn(root, "vtysh", ["-N", space, "-d", daemon, "-c", "show version"]);
      return;
    } catch (error) {
      if (attempt >= 100) throw error;
      await new Promise((resolve) => void setTimeout(resolve, 50));
    }
  }
}
