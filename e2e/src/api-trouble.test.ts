import type { RequestFault } from "@herald-lb/api-server";
import { Scope, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONTROLLER, TroubleCluster } from "./api-trouble/trouble-cluster.ts";

const SERVICES = 200;
const PATCHES: RequestFault = { verb: "patch", resource: "services/status", user: CONTROLLER };

/** A failure of the API server while Services are created. */
interface Trouble {
  readonly name: string;
  readonly begin: (cluster: TroubleCluster, namespace: string) => Promise<void> | void;
  /** A failure that repeats every `everyMs` milliseconds until all Services are served. */
  readonly again?: {
    readonly everyMs: number;
    readonly act: (cluster: TroubleCluster, namespace: string) => Promise<void> | void;
  };
  /** True where the answers to writes are lost: the controller then cannot know that an Event is missing. */
  readonly losesEvents?: true;
}

const faults =
  (...injected: readonly RequestFault[]) =>
  ({ server }: TroubleCluster): void => {
    for (const fault of injected) server.faults.inject(fault);
  };

const TROUBLES: readonly Trouble[] = [
  { name: "none", begin() {} },
  {
    name: "somebody else writes the same Services all the while (409)",
    begin() {},
    again: {
      everyMs: 1,
      async act(cluster, namespace) {
        const services = await cluster.services(namespace);
        const write = ({ metadata: { name } }: (typeof services)[number]): Promise<unknown> =>
          cluster.ask(
            "PATCH",
            `/api/v1/namespaces/${namespace}/services/${name}`,
            { metadata: { annotations: { "example.org/touched": String(Math.random()) } } },
            "application/merge-patch+json",
          );
        await Promise.all(
          services
            .filter(({ status }) => status?.loadBalancer?.ingress === undefined)
            .slice(0, 20)
            .map(write),
        );
      },
    },
  },
  { name: "429 with Retry-After", begin: faults({ ...PATCHES, code: 429, retryAfterSeconds: 1, count: 40 }) },
  { name: "500", begin: faults({ ...PATCHES, code: 500, count: 150 }) },
  { name: "503", begin: faults({ ...PATCHES, code: 503, count: 100 }) },
  { name: "connections that break before a write", begin: faults({ ...PATCHES, hangUp: "Before", count: 60 }) },
  {
    name: "connections that break after a write, before its answer",
    begin: faults({ ...PATCHES, hangUp: "After", count: 60 }),
    losesEvents: true,
  },
  { name: "answers that come late", begin: faults({ ...PATCHES, delayMs: 2_000, count: 16 }) },
  { name: "no answer at all to some writes", begin: faults({ ...PATCHES, delayMs: 50_000, count: 4 }) },
  {
    name: "watches that close",
    begin() {},
    again: { everyMs: 50, act: ({ server }) => void server.faults.dropWatches() },
  },
  {
    name: "watches that close, and a history that is forgotten (410)",
    begin() {},
    again: {
      everyMs: 200,
      act({ server }) {
        server.faults.compact();
        server.faults.dropWatches();
      },
    },
  },
  {
    name: "watches that are silent for some seconds",
    begin({ server }) {
      server.faults.stallWatches();
      setTimeout(() => server.faults.resumeWatches(), 3_000);
    },
  },
  {
    name: "everything refused until the lease is lost",
    begin({ server }) {
      server.faults.inject({ user: CONTROLLER, code: 500 });
      setTimeout(() => server.faults.clear(), 14_000);
    },
  },
];

describe("allocation while the API server is in trouble", () => {
  let scope: Scope;
  let cluster: TroubleCluster;
  const given = new Map<string, string>();

  beforeAll(async () => {
    scope = new Scope();
    cluster = await TroubleCluster.start(scope);
  });
  afterAll(() => scope.close());

  it.each(TROUBLES.map((trouble, index) => ({ ...trouble, namespace: `trouble-${index}` })))(
    "serves all with one write each: $name",
    async ({ begin, again, namespace, losesEvents }) => {
      await cluster.createNamespace(namespace);
      await begin(cluster, namespace);
      const over = new AbortController();
      const repeated =
        again === undefined ? null : repeat(again.everyMs, () => again.act(cluster, namespace), over.signal);
      const since = performance.now();
      try {
        await cluster.createServices(namespace, SERVICES);
        await until(
          "every Service to be served",
          async () => {
            const services = await cluster.services(namespace);
            return services.every(({ status }) => status?.loadBalancer?.ingress?.length === 1);
          },
          { timeoutMs: 60_000, everyMs: 100 },
        ).catch((error: unknown) => {
          throw new Error(`${String(error)}\n${cluster.said}`);
        });
      } finally {
        over.abort();
        await repeated;
        cluster.server.faults.clear();
      }
      const took = performance.now() - since;
      const addresses = (await cluster.services(namespace)).map(
        ({ status }) => status?.loadBalancer?.ingress?.[0]?.ip ?? "",
      );
      for (const [index, address] of addresses.entries()) {
        expect(given.get(address)).toBeUndefined();
        given.set(address, `${namespace}/${index}`);
      }
      const events = await until("the Events", async () => {
        const counts = await cluster.eventsAbout(namespace, "IPAllocated");
        return (counts.size === SERVICES || losesEvents === true) && counts;
      });
      expect([...events.values()].filter((count) => count !== 1)).toEqual([]);
      const writes = cluster.acceptedWrites(namespace);
      expect(writes.size).toBe(SERVICES);
      expect([...writes].filter(([, count]) => count !== 1)).toEqual([]);
      process.stdout.write(`${namespace}: ${SERVICES} served after ${(took / 1_000).toFixed(1)} s\n`);
    },
  );
});

async function repeat(everyMs: number, act: () => Promise<void> | void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await act();
    await new Promise((resolve) => void setTimeout(resolve, everyMs));
  }
}
