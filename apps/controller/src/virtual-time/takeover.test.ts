import type { ApiRequest } from "@herald-lb/k8s-glue/client";
import { instant } from "@herald-lb/sansio";
import { createRandom } from "@herald-lb/sansio/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { VirtualProcess } from "@herald-lb/k8s-glue/testing";
import { ALL_SERVICES, type Replicas, startReplicas } from "./replicas.test.fixture.ts";

vi.mock("prom-client", async (original) => ({
  ...(await original<typeof import("prom-client")>()),
  // Figures of the test's own process, with timers of their own.
  collectDefaultMetrics: () => {},
}));

/** The number of runs of each scenario, every time with other moments. */
const RUNS: number = Number(process.env["HERALD_RUNS"] ?? 20);
/** The time for which a leader is stopped, in milliseconds. */
const STOPPED = 30_000;
const HOURS = 3_600_000;
/** The longest that two Services may hold one address, in milliseconds: a real API server is several times slower than this one. */
const LONGEST_DOUBLE = 100;

interface Scenario {
  readonly name: string;
  readonly services: number;
  readonly runs: number;
  /** The longest that the creations take, in milliseconds of virtual time; 45 s unless told. */
  readonly longest?: number;
  /** True where the leader keeps its lease all the while. */
  readonly keepsLease?: true;
  /** Arranges for the leader to be stopped and to run again. */
  readonly stop: (replicas: Replicas, leader: VirtualProcess, standby: VirtualProcess) => void;
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: "at any moment of two thousand creations",
    services: 2_000,
    runs: Math.ceil(RUNS / 2),
    stop(replicas, leader) {
      after(replicas, 10_000 * replicas.random(), () => stopFor(replicas, leader, STOPPED));
    },
  },
  {
    name: "not at all, while wall clocks jump by hours",
    services: 150,
    runs: RUNS,
    keepsLease: true,
    stop: jumpClocks,
  },
  {
    name: "at any moment, while wall clocks jump by hours",
    services: 150,
    runs: RUNS,
    stop(replicas, leader) {
      jumpClocks(replicas);
      after(replicas, 10_000 * replicas.random(), () => stopFor(replicas, leader, STOPPED));
    },
  },
  {
    name: "and Services that held addresses go just when the other begins",
    services: 150,
    runs: RUNS,
    stop(replicas, leader, standby) {
      after(replicas, 10_000 * replicas.random(), () => stopFor(replicas, leader, STOPPED));
      onTakeover(standby, () => {
        for (const service of [...replicas.history.held.keys()].slice(0, 5)) {
          after(replicas, 12 * replicas.random(), () => replicas.remove(service));
        }
      });
    },
  },
  {
    name: "between the fence and a write",
    services: 150,
    runs: RUNS,
    stop(replicas, leader) {
      onWrite(leader, 1 + Math.floor(100 * replicas.random()), () => stopFor(replicas, leader, STOPPED));
    },
  },
  {
    name: "between the fence and a write, and awake just when the other begins",
    services: 150,
    runs: RUNS,
    stop(replicas, leader, standby) {
      onWrite(leader, 1 + Math.floor(100 * replicas.random()), () => leader.stop());
      onTakeover(standby, () => after(replicas, 40 * replicas.random(), () => leader.resume()));
    },
  },
  {
    name: "with writes on the wire that arrive when the other has begun",
    services: 600,
    longest: 400,
    runs: Math.ceil(RUNS / 2),
    stop(replicas, leader, standby) {
      const kept: (() => void)[] = [];
      onWrite(leader, 1 + Math.floor(100 * replicas.random()), () => {
        leader.keeps = ({ request, land }) => isStatusWrite(request) && kept.push(land) > 0;
        after(replicas, 20 * replicas.random(), () => stopFor(replicas, leader, STOPPED));
        // Their addresses go to other Services than the writes on the wire name.
        for (const service of [...replicas.history.held.keys()].slice(0, 3)) replicas.remove(service);
      });
      onTakeover(standby, () => {
        leader.keeps = () => false;
        for (const land of kept) after(replicas, 20 * replicas.random(), land);
      });
    },
  },
];

describe("a leader that is stopped and runs again", () => {
  beforeEach(() => {
    vi.spyOn(Math, "random").mockImplementation(createRandom(1));
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each(SCENARIOS)(
    "$name: no address moves, none is held twice for long, all are served",
    { timeout: 180_000 },
    async (scenario) => {
      const problems: string[] = [];
      for (let seed = 1; seed <= scenario.runs; seed++) problems.push(...(await run(seed, scenario)));
      expect(problems).toEqual([]);
    },
  );
});

/** One run with creations all the while, some of them taken back, and Services that become load balancers only later. */
async function run(
  seed: number,
  { services, stop, longest = 45_000, keepsLease }: Scenario,
): Promise<readonly string[]> {
  const replicas = await startReplicas(seed);
  const { history, random, server } = replicas;
  const led = replicas.leader();
  const standby = replicas.all.find((replica) => replica !== led) ?? led;
  const span = longest * random();
  const createFrom = (index: number): void => {
    if (index === services) return;
    const name = `s${index}`;
    const isLater = random() < 0.2;
    replicas.create(name, isLater ? "ClusterIP" : "LoadBalancer");
    if (isLater) after(replicas, 40_000 * random(), () => replicas.change(name, { type: "LoadBalancer" }));
    if (random() < 0.3) after(replicas, 60_000 * random() ** 2, () => replicas.remove(name));
    after(replicas, (2 * random() * span) / services, () => createFrom(index + 1));
  };
  createFrom(0);
  stop(replicas, led.process, standby.process);
  await replicas.pass(2 * span + 40_000);
  await replicas.until(
    "every Service to be served",
    () => [...server.objects(ALL_SERVICES)].every(([key]) => history.held.has(key.slice(8))),
    60_000,
  );
  await replicas.pass(40_000);

  const problems: string[] = [];
  const leader = replicas.leader();
  if ((leader === led) !== (keepsLease === true)) problems.push("the wrong one leads");
  const late = lateWrites(led.process, standby.process);
  for (const { at, service, from } of history.moves) {
    // Only what was written after the other had begun, and only where another was given the same just then.
    const isDoubled = history.gains.some(
      (gain) => gain.address === from && gain.service !== service && Math.abs(gain.at - at) < LONGEST_DOUBLE,
    );
    if (!late.has(service) || !isDoubled) problems.push(`${service} lost ${from} at ${at}`);
  }
  for (const { address, services, lasted } of history.doubles) {
    if (lasted > LONGEST_DOUBLE) problems.push(`${address} was held by ${services.join(" and ")} for ${lasted} ms`);
  }
  for (const address of history.doubled)
    problems.push(`${address} is still held by ${history.holdersOf(address).join(" and ")}`);
  const healed = new Map<string, number>();
  for (const { service } of history.moves) healed.set(service, (healed.get(service) ?? 0) + 1);
  for (const [service, writes] of history.writes) {
    if (writes !== 1 + (healed.get(service) ?? 0)) problems.push(`${service} was written ${writes} times`);
  }
  const { text } = await leader.controller.exposition();
  const inUse = /^metallb_allocator_addresses_in_use_total\{pool="wide"\} (\d+)$/m.exec(text)?.[1];
  if (inUse !== String(history.held.size))
    problems.push(`${inUse} addresses are booked, ${history.held.size} are held`);
  // The former leader and the new one may both say what a late write gave.
  for (const { process } of replicas.all) {
    const given = process.sent.flatMap(allocationEvent);
    if (new Set(given).size !== given.length) problems.push("an Event was sent twice");
  }
  return problems.map((problem) => `seed ${seed}: ${problem}`);
}

function after(replicas: Replicas, milliseconds: number, task: () => void): void {
  replicas.world.wakeAt(instant(replicas.world.now() + milliseconds), task);
}

function stopFor(replicas: Replicas, process: VirtualProcess, milliseconds: number): void {
  process.stop();
  after(replicas, milliseconds, () => process.resume());
}

function jumpClocks(replicas: Replicas): void {
  for (let count = 0; count < 10; count++) {
    after(replicas, 60_000 * replicas.random(), () => replicas.setWallClocks(24 * HOURS * (replicas.random() - 0.5)));
  }
}

/** Calls `task` right after the guard let the n-th status write pass. */
function onWrite(process: VirtualProcess, count: number, task: () => void): void {
  let left = count;
  process.onPassed = (request) => {
    if (!isStatusWrite(request) || --left > 0) return;
    process.onPassed = () => {};
    task();
  };
}

/** Calls `task` when a process lists all Services, which is what a new leader does first. */
function onTakeover(process: VirtualProcess, task: () => void): void {
  process.onPassed = ({ method, path }) => {
    if (method !== "GET" || path !== ALL_SERVICES) return;
    process.onPassed = () => {};
    task();
  };
}

/** The Services that one process gave something after the other had begun its term, by listing all. */
function lateWrites(former: VirtualProcess, next: VirtualProcess): ReadonlySet<string> {
  const lists = next.accepted.filter(({ request: { method, path } }) => method === "GET" && path === ALL_SERVICES);
  const begun = lists.at(-1)?.at ?? instant(Infinity);
  const late = former.accepted.filter(({ request, at }) => isStatusWrite(request) && at > begun);
  return new Set(late.map(({ request }) => request.path.split("/").at(-2) ?? ""));
}

function isStatusWrite({ method, path }: ApiRequest): boolean {
  return method === "PATCH" && /\/services\/[^/]+\/status$/.test(path);
}

/** The Service that a request's Event gives an address, and the address. */
function allocationEvent({ method, path, body }: ApiRequest): readonly string[] {
  if (method !== "POST" || !path.endsWith("/events")) return [];
  const { involvedObject, reason, message } = body as OccurredEvent;
  return reason === "IPAllocated" ? [`${involvedObject.name} ${message}`] : [];
}

interface OccurredEvent {
  readonly involvedObject: { readonly name: string };
  readonly reason: string;
  readonly message: string;
}
