import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A program that Herald's lab or tests run, and the Debian package that brings it. */
export interface Need {
  readonly program: string;
  readonly debian: string;
}

/** The programs of the lab: namespaces, forwarding rules, a router, a client's tools. */
export const LAB_NEEDS: readonly Need[] = [
  { program: "ip", debian: "iproute2" },
  { program: "sysctl", debian: "procps" },
  { program: "nft", debian: "nftables" },
  { program: "/usr/lib/frr/bgpd", debian: "frr" },
  { program: "openssl", debian: "openssl" },
  { program: "curl", debian: "curl" },
];

/** The programs of the tests, those of the lab included: more peers, and the means to build images. */
export const TEST_NEEDS: readonly Need[] = [
  ...LAB_NEEDS,
  { program: "bird", debian: "bird2" },
  { program: "gobgpd", debian: "gobgpd" },
  { program: "exabgp", debian: "exabgp" },
  { program: "/usr/sbin/bgpd", debian: "openbgpd" },
  { program: "serf", debian: "serf" },
  { program: "arping", debian: "iputils-arping" },
  { program: "buildah", debian: "buildah" },
  { program: "runc", debian: "runc" },
  { program: "mmdebstrap", debian: "mmdebstrap" },
  { program: "tcpdump", debian: "tcpdump" },
  { program: "tshark", debian: "tshark" },
];

/**
 * Installs with apt what is missing of `needs`, saying so, and returns what is missing still. Daemons that a package brings
 * are not started (runlevel 1); where we are not root nothing is tried.
 */
export function installDebianPackages(needs: readonly Need[]): readonly Need[] {
  const missing = needs.filter((need) => !isThere(need.program));
  if (missing.length === 0 || process.getuid?.() !== 0) return missing;
  const names = [...new Set(missing.map((need) => need.debian))];
  process.stdout.write(`herald: installing Debian packages: ${names.join(" ")}\n`);
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const install = ["install", "-y", "-q", "--no-install-recommends", ...names];
  const run = (args: readonly string[]): boolean =>
    spawnSync("apt-get", args, { env: environment, stdio: ["ignore", "ignore", "inherit"] }).status === 0;
  // The package lists of a fresh machine are empty or old; with them at hand the first try is enough, also offline.
  if (!run(install)) {
    run(["update", "-q"]);
    run(install);
  }
  return needs.filter((need) => !isThere(need.program));
}

function isThere(program: string): boolean {
  if (program.startsWith("/")) return existsSync(program);
  const path = `${process.env["PATH"] ?? ""}${delimiter}/usr/sbin${delimiter}/sbin`;
  return path.split(delimiter).some((folder) => existsSync(join(folder, program)));
}
