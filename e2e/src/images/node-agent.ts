import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Daemon, run, type Scope, until } from "@herald-lb/lab";
import type { ImageConfig } from "./image-store.ts";
import { type Placement, podContainer, type PodSpec } from "./pod-container.ts";

/** A container of a pod that runs. */
export interface RunningContainer {
  readonly daemon: Daemon;
  /** The kernel's status of its first process, by the field's name in `/proc/PID/status`. */
  readonly status: () => Promise<Readonly<Record<string, string>>>;
  /** The options that its root is mounted with. */
  readonly rootOptions: () => Promise<readonly string[]>;
}

/** Files of a volume, by name. */
export type VolumeFiles = Readonly<Record<string, string>>;

/** Does for a pod what a kubelet does: volumes, token, container, probes. */
export class NodeAgent {
  readonly #scope: Scope;
  readonly #folder: string;

  constructor(scope: Scope) {
    this.#scope = scope;
    this.#folder = join(scope.folder, "pods");
    mkdirSync(this.#folder);
  }

  /** Writes a volume's files, readable for all; returns the folder. */
  volume(name: string, files: VolumeFiles): string {
    const folder = join(this.#folder, `volume-${name}`);
    mkdirSync(folder);
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
    return folder;
  }

  /** Starts the pod's container; it ends with the scope. */
  async start(pod: PodSpec, image: ImageConfig, placement: Placement): Promise<RunningContainer> {
    const name = pod.containers[0]?.name ?? "";
    const bundle = join(this.#folder, name);
    mkdirSync(bundle);
    // Users other than root pass through it to what is mounted.
    chmodSync(this.#scope.folder, 0o755);
    writeFileSync(join(bundle, "config.json"), JSON.stringify(podContainer(pod, image, placement)));
    const state = ["--root", join(this.#folder, "runc")];
    const id = `herald-${process.pid}-${name}`;
    this.#scope.defer(`container ${id}`, () => run("runc", [...state, "delete", "--force", id]).then(() => undefined));
    const daemon = this.#scope.spawn({
      name: `image-${name}`,
      command: "runc",
      args: [...state, "run", "--bundle", bundle, id],
    });
    const pid = async (): Promise<number> => {
      const { pid: first } = JSON.parse(await run("runc", [...state, "state", id])) as { readonly pid: number };
      return first;
    };
    return {
      daemon,
      async status() {
        const lines = readFileSync(`/proc/${await pid()}/status`, "utf8").split("\n");
        return Object.fromEntries(
          lines.map((line) => line.split(":\t")).map(([field = "", value = ""]) => [field, value]),
        );
      },
      async rootOptions() {
        const mounts = readFileSync(`/proc/${await pid()}/mountinfo`, "utf8")
          .split("\n")
          .map((line) => line.split(" "));
        return mounts.find((fields) => fields[4] === "/")?.[5]?.split(",") ?? [];
      },
    };
  }

  /** Asks the readiness probe of the pod's container until it succeeds, from within the pod's network. */
  async untilReady(pod: PodSpec, container: RunningContainer, network: string, podAddress: string): Promise<void> {
    const { name, readinessProbe, ports } = pod.containers[0] ?? {};
    const { httpGet } = readinessProbe ?? {};
    const port = ports?.find((candidate) => candidate.name === httpGet?.port)?.containerPort;
    const url = `http://${httpGet?.host ?? podAddress}:${port}${httpGet?.path}`;
    let ended: number | string | null = null;
    void container.daemon.exited.then((code) => {
      ended = code;
    });
    const ready = await until(`${name} to be ready at ${url}`, async () => {
      if (ended !== null) return "ended";
      const curl = ["curl", "-s", "-m", "1", "-o", "/dev/null", "-w", "%{http_code}", url];
      return (await run("ip", ["netns", "exec", network, ...curl])) === "200" && "ready";
    }).catch((error: unknown) => String(error));
    if (ready !== "ready") throw new Error(`${ready}\n${container.daemon.output().slice(-3_000)}`);
  }
}
