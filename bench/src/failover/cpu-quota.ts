import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Scope } from "@herald-lb/lab";

/** The period of a quota, in microseconds: the kubelet's. */
const PERIOD = 100_000;
const CGROUPS = "/sys/fs/cgroup";

/** A limit of the processors of programs, as a container's `limits.cpu`: those that have used it up stand still until the period ends. */
export class CpuQuota {
  readonly #folder: string;

  /** Makes a control group for `cores` processors, which goes with the scope. The programs in it must have ended by then. */
  constructor(scope: Scope, name: string, cores: number) {
    const isUnified = existsSync(join(CGROUPS, "cgroup.controllers"));
    if (isUnified) writeFileSync(join(CGROUPS, "cgroup.subtree_control"), "+cpu");
    this.#folder = join(CGROUPS, isUnified ? "" : "cpu", name);
    mkdirSync(this.#folder);
    scope.defer(`the control group ${name}`, () => rmdirSync(this.#folder));
    const quota = Math.round(cores * PERIOD);
    if (isUnified) this.#write("cpu.max", `${quota} ${PERIOD}`);
    else {
      this.#write("cpu.cfs_period_us", PERIOD);
      this.#write("cpu.cfs_quota_us", quota);
    }
  }

  /** Puts a program under the limit. */
  add(pid: number): void {
    this.#write("cgroup.procs", pid);
  }

  #write(file: string, value: number | string): void {
    writeFileSync(join(this.#folder, file), String(value));
  }
}
