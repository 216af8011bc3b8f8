import type { Scope } from "@herald-lb/lab";
import { splitLines } from "@herald-lb/k8s-glue/client";
import { type BenchCluster, NAMESPACE } from "./cluster.ts";

/** Follows the bench's Services by a watch of its own and knows which have an address. */
export interface ServiceWatch {
  /** The number of Services that have an address. */
  readonly served: () => number;
  /** Resolves when so many have an address, with the time by `performance.now`; rejects after `timeout` milliseconds. */
  readonly whenServed: (count: number, timeout: number) => Promise<number>;
}

/** Opens the watch; it ends with the scope. */
export async function watchServices(scope: Scope, { admin, api }: BenchCluster): Promise<ServiceWatch> {
  const served = new Set<string>();
  let waiting: { readonly count: number; readonly resolve: (at: number) => void } | null = null;
  const tell = (): void => {
    if (waiting === null || served.size < waiting.count) return;
    waiting.resolve(performance.now());
    waiting = null;
  };
  const note = (line: string): void => {
    const name = /"name":"([^"]*)"/.exec(line)?.[1];
    if (name === undefined) return;
    // All of it is in one line, and only a status has such a list.
    if (/"ingress":\[\{"ip":/.test(line)) served.add(name);
    else served.delete(name);
    tell();
  };
  const ended = new AbortController();
  scope.defer("the watch of Services", () => ended.abort());
  const { body } = await admin.request({
    method: "GET",
    path: `/api/v1/namespaces/${NAMESPACE}/services?watch=true`,
    headers: { authorization: `Bearer ${api.tokens.admin}` },
    headersTimeout: 0,
    bodyTimeout: 0,
    signal: ended.signal,
  });
  const follow = async (): Promise<void> => {
    let pending: Uint8Array = new Uint8Array(0);
    for await (const chunk of body) {
      const split = splitLines(pending, chunk as Uint8Array);
      pending = split.pending;
      for (const line of split.lines) note(line);
    }
  };
  follow().catch((error: unknown) => {
    if (!ended.signal.aborted) throw error;
  });
  return {
    served: () => served.size,
    whenServed: (count, timeout) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${served.size} of ${count} Services have an address after ${timeout / 1000} s`)),
          timeout,
        );
        waiting = {
          count,
          resolve: (at) => {
            clearTimeout(timer);
            resolve(at);
          },
        };
        tell();
      }),
  };
}
