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

/** One Service as one event of the watch shows it. */
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
    readonly metadata: { readonly name: string; readonly resourceVersion: string };
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
  readonly #place: ServerPlace;
  readonly #path: string;
  readonly #ca: string;
  #curl: ChildProcess | null = null;
  #seen = "";
  #over = false;

  constructor(scope: Scope, place: ServerPlace, namespace: string) {
    this.#place = place;
    this.#path = `/api/v1/namespaces/${namespace}/services?watch=true`;
    this.#ca = join(scope.folder, "watch-ca.crt");
    writeFileSync(this.#ca, place.api.ca);
    scope.defer("the watch of statuses", () => {
      this.#over = true;
      this.#curl?.kill();
    });
    this.#follow();
  }

  /** The server ends the watch of a reader that was too slow for it: the next one goes on where that ended. */
  #follow(): void {
    if (this.#over) return;
    const { api, network } = this.#place;
    const url = `${api.url}${this.#path}&resourceVersion=${this.#seen}`;
    const request = ["--silent", "--no-buffer", "--cacert", this.#ca, "--oauth2-bearer", api.tokens.admin, url];
    const curl = spawn("ip", ["netns", "exec", network, "curl", ...request], { stdio: ["ignore", "pipe", "inherit"] });
    this.#curl = curl;
    if (curl.stdout === null) throw new Error("curl without a standard output");
    createInterface({ input: curl.stdout })
      .on("line", (line) => {
        const event = readLine(line);
        if (event !== null) this.#note(event);
      })
      .on("close", () => setTimeout(() => this.#follow(), 50));
  }

  /** The addresses that each Service holds by the newest change; Services without an address are left out. */
  get holders(): ReadonlyMap<string, readonly string[]> {
    const last = new Map(this.changes.map(({ service, addresses }) => [service, addresses]));
    return new Map([...last].filter(([, addresses]) => addresses.length > 0));
  }

  /** The number of Services that hold an address by the newest change. */
  get served(): number {
    return this.#serving.size;
  }

  #note({ type, object }: WatchLine): void {
    if (type === "ERROR") throw new Error(`the watch of statuses cannot go on: ${JSON.stringify(object)}`);
    this.#seen = object.metadata.resourceVersion;
    if (type !== "ADDED" && type !== "MODIFIED") return;
    const addresses = (object.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]));
    this.changes.push({ at: performance.now(), service: object.metadata.name, addresses });
    if (addresses.length > 0) this.#serving.add(object.metadata.name);
    else this.#serving.delete(object.metadata.name);
    this.onChange();
  }
}

/** A line of the answer; null for the part of one that a cut leaves, which the next watch brings whole. */
function readLine(line: string): WatchLine | null {
  try {
    return JSON.parse(line) as WatchLine;
  } catch {
    return null;
  }
}
