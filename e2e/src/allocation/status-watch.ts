import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { RealApiServer, Scope } from "@herald-lb/lab";

/** An API server, and the name of the network namespace that it is in. */
export interface ServerPlace {
  readonly api: Pick<RealApiServer, "url" | "ca" | "tokens">;
  readonly network: string;
}

/** What one event of the watch said of a Service. */
export interface StatusChange {
  /** When it was read, in milliseconds of `performance.now`. */
  readonly at: number;
  readonly service: string;
  readonly addresses: readonly string[];
}

/** One line of a watch's answer, as far as it is read. */
interface WatchLine {
  readonly type: string;
  readonly object: {
    readonly metadata: { readonly name: string };
    readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
  };
}

/** Every change of the Services of a namespace, by a watch of its own that goes through none of Herald's code. */
export class StatusWatch {
  /** In the order of their writing; deletions are left out. */
  readonly changes: StatusChange[] = [];
  /** Told of every change after it was noted. */
  onChange: () => void = () => {};
  readonly #serving = new Set<string>();
  readonly #curl: ChildProcess;

  constructor(scope: Scope, { api, network }: ServerPlace, namespace: string) {
    const ca = join(scope.folder, "watch-ca.crt");
    writeFileSync(ca, api.ca);
    const url = `${api.url}/api/v1/namespaces/${namespace}/services?watch=true`;
    const request = ["--silent", "--no-buffer", "--cacert", ca, "--oauth2-bearer", api.tokens.admin, url];
    this.#curl = spawn("ip", ["netns", "exec", network, "curl", ...request], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    scope.defer("the watch of statuses", () => void this.#curl.kill());
    if (this.#curl.stdout === null) throw new Error("curl without a standard output");
    createInterface({ input: this.#curl.stdout }).on("line", (line) => this.#note(JSON.parse(line) as WatchLine));
  }

  /** What each Service holds by the newest change; Services without an address are left out. */
  get holders(): ReadonlyMap<string, readonly string[]> {
    const last = new Map(this.changes.map(({ service, addresses }) => [service, addresses]));
    return new Map([...last].filter(([, addresses]) => addresses.length > 0));
  }

  /** How many Services hold an address by the newest change. */
  get served(): number {
    return this.#serving.size;
  }

  #note({ type, object }: WatchLine): void {
    if (type !== "ADDED" && type !== "MODIFIED") return;
    const addresses = (object.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]));
    this.changes.push({ at: performance.now(), service: object.metadata.name, addresses });
    if (addresses.length > 0) this.#serving.add(object.metadata.name);
    else this.#serving.delete(object.metadata.name);
    this.onChange();
  }
}
