import { setTimeout as wait } from "node:timers/promises";
import type { Daemon } from "@herald-lb/lab";
import { prefixFirst, parsePrefix, ipAddressFromBigInt, ipAddressToBigInt } from "@herald-lb/sansio";
import { untilQuiet } from "../daemons/settling.ts";
import type { Row, Stage } from "./scenario.ts";

/** One scenario: what it does, in a word, and how. */
export interface Scenario {
  readonly name: string;
  readonly play: (stage: Stage) => Promise<readonly Row[]>;
}

/** The network of the pools: kept for benchmarks, RFC 2544. No traffic goes there. */
const NETWORK = "198.18.0.0/15";
/** Between the creation of what waits and the start of what is measured, milliseconds: the server's caches have caught up by then. */
const CALM = 2_000;

/** Services that wait when the controller starts. */
export function waiting(count: number): Scenario {
  return {
    name: "waiting",
    play: async ({ cluster, start, measure }) => {
      await cluster.setPool([NETWORK]);
      await cluster.createServices(0, count);
      await wait(CALM);
      const daemon = lazily(start);
      const act = async (): Promise<null> => {
        daemon();
        return null;
      };
      return [await measure(`${count} waiting when it starts`, count, act, daemon.started)];
    },
  };
}

/** Services created while the controller runs. */
export function arriving(count: number): Scenario {
  return {
    name: "arriving",
    play: async ({ cluster, startReady, measure }) => {
      await cluster.setPool([NETWORK]);
      const daemon = await startReady();
      await untilQuiet(daemon);
      const act = async (): Promise<number> => {
        await cluster.createServices(0, count);
        return performance.now();
      };
      return [await measure(`${count} created while it runs`, count, act, () => daemon)];
    },
  };
}

/** A pool that fills, is full for as many again, and grows. */
export function growing(count: number): Scenario {
  return {
    name: "growing",
    play: async ({ cluster, startReady, measure }) => {
      await cluster.setPool([rangeOf(0, count)]);
      const daemon = await startReady();
      await untilQuiet(daemon);
      const create =
        (from: number, to: number): (() => Promise<number>) =>
        async () => {
          await cluster.createServices(from, to);
          return performance.now();
        };
      const fill = await measure(`${count} created, the pool is full then`, count, create(0, count), () => daemon);
      const more = await measure(`${count} more, pending`, null, create(count, 2 * count), () => daemon);
      const grow = async (): Promise<null> => {
        await cluster.setPool([rangeOf(0, count), rangeOf(count, 2 * count)]);
        return null;
      };
      return [fill, more, await measure("the pool grows for them", 2 * count, grow, () => daemon)];
    },
  };
}

function lazily(start: () => Daemon): (() => void) & { readonly started: () => Daemon } {
  let daemon: Daemon | null = null;
  const begin = (): void => {
    daemon ??= start();
  };
  const started = (): Daemon => {
    if (daemon === null) throw new Error("not started yet");
    return daemon;
  };
  return Object.assign(begin, { started });
}

/** The addresses of the network from one index to another, the last one left out. */
function rangeOf(from: number, to: number): string {
  const prefix = parsePrefix(NETWORK);
  if (!prefix.ok) throw new Error(NETWORK);
  const first = ipAddressToBigInt(prefixFirst(prefix.value));
  const at = (index: number): string => ipAddressFromBigInt("IPv4", first + BigInt(index));
  return `${at(from)}-${at(to - 1)}`;
}
