import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./cache-folder.ts";
import { run } from "./scope.ts";

/** A program with its arguments, as it is to be started. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * The folder of a Debian system of another release with some of its packages, for programs that are newer than the machine's. It is made
 * once with mmdebstrap, which takes a minute, and kept in the cache. Throws where that fails.
 */
export async function debianRoot(suite: string, packages: readonly string[]): Promise<string> {
  const names = packages.toSorted();
  const folder = join(cacheFolder(), "debian-root", [suite, ...names].join("-"));
  if (existsSync(folder)) return folder;
  process.stdout.write(`herald: unpacking Debian ${suite} with ${names.join(" ")} into the cache\n`);
  const work = `${folder}.${process.pid}`;
  mkdirSync(join(work, ".."), { recursive: true });
  try {
    const options = ["--quiet", "--variant=minbase", '--aptopt=Acquire::Languages "none"', `--include=${names.join()}`];
    await run("mmdebstrap", [...options, suite, work]);
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

/** The command that runs a daemon of the Debian system in `root` inside a namespace of the lab; of the machine's own where that is `/`. */
export function daemonIn(root: string, command: string, args: readonly string[]): Command {
  if (root === "/") return { command, args };
  // `ip netns exec` gives each program its own table of mounts, which ends with it.
  return {
    command: "sh",
    args: ["-c", 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"', root, command, ...args],
  };
}

/** Runs a program of the Debian system in `root` to its end and returns what it printed. */
export function runIn(root: string, command: string, args: readonly string[]): Promise<string> {
  return root === "/" ? run(command, args) : run("chroot", [root, command, ...args]);
}
