import { existsSync } from "node:fs";
import { kubeAssets } from "@herald-lb/lab";

/** The other programs of a lab. */
const PROGRAMS: readonly string[] = ["/usr/lib/frr/bgpd", "/usr/sbin/nft", "/usr/bin/curl"];

const found = process.getuid?.() === 0 ? await kubeAssets() : { missing: "the rights of root" };

/** The folder with kube-apiserver and etcd; null where they, a program or the rights of root are missing, with the reason printed. With `CI=true` a lack throws. */
export function labAssets(): string | null {
  const lacks = PROGRAMS.filter((path) => !existsSync(path));
  if (typeof found === "string" && lacks.length === 0) return found;
  const reason = [...(typeof found === "string" ? [] : [found.missing]), ...lacks].join(", ");
  if (process.env["CI"] === "true") throw new Error(`the lab on a real API server lacks ${reason}`);
  process.stderr.write(`skipped: the lab on a real API server lacks ${reason}\n`);
  return null;
}
