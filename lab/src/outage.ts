import { join, resolve } from "node:path";
import type { Namespace } from "./namespace.ts";
import type { Daemon, Scope } from "./scope.ts";

const ROOT: string = resolve(import.meta.dirname, "../..");

/** The longest failure that a client saw, which asked all the time. */
export interface Outage {
  /** The longest time without an answer: from the sending of the first request in a row that failed to that of the next answered one. Milliseconds. */
  readonly lostMs: number;
  readonly attempts: number;
  readonly failed: number;
  /** The time from the sending of the first request that failed to that of the last one, in milliseconds: where several nodes serve, some requests are answered in between. */
  readonly failingMs: number;
}

/** A client that asks all the while. */
export interface OutageProbe {
  readonly soFar: () => Outage;
  readonly stop: () => Promise<Outage>;
}

/**
 * Starts asking a URL every 50 ms (or `everyMs`) from a namespace, with 200 ms for each answer, until it is stopped. With `forget`, the kernel forgets
 * this neighbour before each request and must ask for it again.
 */
export function measureOutage(
  scope: Scope,
  namespace: Namespace,
  url: string,
  options: { readonly forget?: string; readonly everyMs?: number } = {},
): OutageProbe {
  const probe = scope.spawn({
    name: `probe-${namespace.name}`,
    namespace: namespace.name,
    command: join(ROOT, "node_modules/.bin/node"),
    args: [
      join(ROOT, "lab/src/http-probe.ts"),
      url,
      String(options.everyMs ?? 50),
      "200",
      ...(options.forget === undefined ? [] : [options.forget]),
    ],
  });
  return {
    soFar: () => readOutage(probe.output()),
    async stop() {
      await probe.stop();
      return readOutage(probe.output());
    },
  };
}

/** Reads what `http-probe.ts` printed. A row of failures that nothing answered follows lasts to its last request. */
export function readOutage(output: string): Outage {
  const attempts = output
    .split("\n")
    // What follows the last end of line is still being written.
    .slice(0, -1)
    .map((line) => ({ sent: Number(line.split(" ")[0]), answered: line.endsWith(" ok") }))
    .sort((left, right) => left.sent - right.sent);
  let lostMs = 0;
  let failed = 0;
  let lostSince: number | null = null;
  let firstFailed: number | null = null;
  let failingMs = 0;
  for (const { sent, answered } of attempts) {
    if (!answered) {
      failed++;
      lostSince ??= sent;
      firstFailed ??= sent;
      failingMs = sent - firstFailed;
    }
    if (lostSince !== null) lostMs = Math.max(lostMs, sent - lostSince);
    if (answered) lostSince = null;
  }
  return { lostMs, attempts: attempts.length, failed, failingMs };
}

/** One thing the kernel said about a neighbour. */
export interface NeighbourChange {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Null when the entry is gone, or not resolved. */
  readonly mac: string | null;
  /** `REACHABLE`, `STALE`, `PROBE`, ... */
  readonly state: string;
}

/** Follows what a namespace's kernel believes about an address, without sending it anything. */
export interface NeighbourWatch {
  /** Every change since the watch began. */
  readonly changes: () => readonly NeighbourChange[];
  readonly stop: () => Promise<void>;
}

/** Starts `ip monitor neigh` for one address. */
export function watchNeighbour(scope: Scope, namespace: Namespace, address: string): NeighbourWatch {
  const monitor: Daemon = scope.spawn({
    name: `neighbours-${namespace.name}`,
    command: "ip",
    args: ["-n", namespace.name, "-ts", "monitor", "neigh"],
  });
  return {
    changes: () =>
      monitor
        .output()
        .split("\n")
        .flatMap((line) => readNeighbourChange(line, address)),
    stop: () => monitor.stop(),
  };
}

/** Reads a line of `ip -ts monitor neigh`, or of `ip neigh` (then `at` is not a number). */
export function readNeighbourChange(line: string, address: string): readonly NeighbourChange[] {
  const parts =
    /^(?:\[(?<at>\S+)\] )?(?<gone>Deleted )?(?<address>\S+) dev \S+ (?:lladdr (?<mac>\S+) )?.*?(?<state>[A-Z]+)\s*$/.exec(
      line,
    )?.groups;
  if (parts === undefined || parts["address"] !== address) return [];
  const { at = "", gone, mac, state = "" } = parts;
  return [{ at: Date.parse(at), mac: gone === undefined ? (mac ?? null) : null, state }];
}

/** The hardware address that a namespace's kernel has for a neighbour now; null where it has none. */
export async function neighbourOf(namespace: Namespace, address: string): Promise<string | null> {
  const lines = (await namespace.ip("neigh", "show", address)).split("\n");
  return lines.flatMap((line) => readNeighbourChange(line, address))[0]?.mac ?? null;
}
