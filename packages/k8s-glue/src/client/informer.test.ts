import { type KubernetesObject, NODES } from "@herald-lb/k8s-glue/objects";
import { createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";
import { afterEach, describe, expect, it } from "vitest";
import { createInformer, type Informer } from "./informer.ts";
import type { ReflectorFailure } from "./reflector-state.ts";
import {
  answer,
  eventually,
  type ScriptedServer,
  type SeenRequest,
  startScriptedServer,
  stream,
  turn,
} from "./scripted-server.test.fixture.ts";
import { createTransport, type Transport } from "./transport.ts";

let server: ScriptedServer;
let transport: Transport;
let clock: VirtualClock;
let informer: Informer<KubernetesObject>;
let told: string[];
let failures: ReflectorFailure[];

const node = (name: string, resourceVersion: string): KubernetesObject => ({ metadata: { name, resourceVersion } });
const list = (resourceVersion: string, items: readonly KubernetesObject[], next = ""): unknown => ({
  metadata: { resourceVersion, continue: next },
  items,
});
const isWatch = (request: SeenRequest): boolean => request.query.get("watch") === "true";

/** `lists` are served in turn, the last one for ever; each watch is left to `watches`, then stays silent. */
async function start(
  lists: readonly ((request: SeenRequest) => void)[],
  watches: readonly ((request: SeenRequest) => void)[],
): Promise<void> {
  let listed = 0;
  let watched = 0;
  server = await startScriptedServer((request) => {
    if (isWatch(request)) (watches[watched++] ?? ((silent) => stream(silent)))(request);
    else lists[Math.min(listed++, lists.length - 1)]?.(request);
  });
  clock = createVirtualClock();
  told = [];
  failures = [];
  transport = createTransport(server.credentials, { clock, random: () => 0.5, userAgent: "test/1" });
  informer = createInformer({
    transport,
    clock,
    random: () => 0.5,
    resource: NODES,
    onFailure: (failure) => failures.push(failure),
  });
  informer.addHandler({
    onAdd: (key) => told.push(`+${key}`),
    onUpdate: (key) => told.push(`~${key}`),
    onDelete: (key) => told.push(`-${key}`),
  });
  informer.start();
}

const serve =
  (...given: Parameters<typeof list>) =>
  (request: SeenRequest): void =>
    answer(request, 200, list(...given));
const watchedFrom = (): (string | null)[] =>
  server.seen.filter(isWatch).map((request) => request.query.get("resourceVersion"));

/** Lets the back-off pass after the next failure. */
async function recover(count = 1): Promise<void> {
  await eventually(() => failures.length >= count);
  clock.advanceBy(10_000);
}

afterEach(async () => {
  informer.stop();
  await transport.close();
  await server.close();
});

describe("an informer", () => {
  it("lists in pages, then watches from the list's version with bookmarks", async () => {
    await start(
      [serve("5", [node("a", "1")], "next"), serve("5", [node("b", "2")])],
      [
        (watch) =>
          stream(watch, { type: "ADDED", object: node("c", "6") }, { type: "DELETED", object: node("a", "7") }),
      ],
    );
    await informer.whenSynced();
    await eventually(() => told.length === 4);
    expect(told).toEqual(["+a", "+b", "+c", "-a"]);
    const [first, second, third] = server.seen.map((request) => Object.fromEntries(request.query));
    expect(first).toEqual({ limit: "500" });
    expect(second).toEqual({ limit: "500", continue: "next" });
    expect(third).toMatchObject({
      watch: "true",
      allowWatchBookmarks: "true",
      resourceVersion: "5",
      timeoutSeconds: expect.stringMatching(/^[3-6]\d\d$/),
    });
    expect(informer.store.get("b")).toMatchObject({ kind: "Node", apiVersion: "v1" });
  });

  it("keeps of listed and of watched objects what the transform leaves", async () => {
    const managed = (name: string, resourceVersion: string): KubernetesObject => ({
      metadata: { name, resourceVersion, managedFields: [{ manager: "kubelet" }] },
    });
    await start(
      [serve("5", [managed("a", "1")])],
      [(watch) => stream(watch, { type: "ADDED", object: managed("b", "6") })],
    );
    await eventually(() => told.length === 2);
    for (const key of ["a", "b"] as const) {
      expect(informer.store.get(key)?.metadata).toEqual({ name: key, resourceVersion: key === "a" ? "1" : "6" });
    }
  });

  it("stops waiting for the first list when the signal aborts, before or meanwhile", async () => {
    await start([() => {}], []);
    const abort = new AbortController();
    const waiting = informer.whenSynced(abort.signal);
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(informer.whenSynced(abort.signal)).rejects.toThrow("enough");
  });

  it("tells a later handler of what is there", async () => {
    await start([serve("5", [node("a", "1")])], []);
    await informer.whenSynced();
    const late: string[] = [];
    informer.addHandler({ onAdd: (key) => late.push(key) });
    expect(late).toEqual(["a"]);
  });

  it("lists in one piece when a continue token expires", async () => {
    await start(
      [
        serve("5", [node("a", "1")], "next"),
        (request) => answer(request, 410, { reason: "Expired" }),
        serve("6", [node("b", "2")]),
      ],
      [],
    );
    await informer.whenSynced();
    expect(told).toEqual(["+b"]);
    expect(server.seen[2]?.query.get("limit")).toBeNull();
  });

  it("goes on after the last whole line when the connection breaks inside one", async () => {
    const cut = (watch: SeenRequest): void => {
      stream(watch, { type: "ADDED", object: node("b", "6") });
      watch.response.write('{"type":"ADDED","object":{"meta', () => watch.response.destroy());
    };
    await start(
      [serve("5", [node("a", "1")]), serve("7", [])],
      [cut, (watch) => stream(watch, { type: "ADDED", object: node("c", "7") })],
    );
    await recover();
    await eventually(() => told.length === 3);
    expect(told).toEqual(["+a", "+b", "+c"]);
    expect(watchedFrom()).toEqual(["5", "6"]);
    expect(failures).toEqual(["WatchFailed"]);
  });

  it("joins a line that comes in pieces", async () => {
    await start([serve("5", [])], [(watch) => stream(watch)]);
    await eventually(() => watchedFrom().length === 1);
    const octets = new TextEncoder().encode(`${JSON.stringify({ type: "ADDED", object: node("ä", "6") })}\n`);
    const response = server.seen.find(isWatch)?.response;
    for (const octet of octets) {
      await new Promise<void>((resolve) => {
        response?.write(Uint8Array.of(octet), () => resolve());
      });
      await turn();
    }
    await eventually(() => told.length === 1);
    expect(told).toEqual(["+ä"]);
    expect(failures).toEqual([]);
  });

  it("delivers what was deleted while it could not see it", async () => {
    const expired = (watch: SeenRequest): void =>
      stream(watch, { type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } });
    await start(
      [serve("5", [node("a", "1"), node("b", "2")]), serve("9", [node("b", "8"), node("c", "9")])],
      [expired],
    );
    await recover();
    await eventually(() => told.length === 5);
    expect(told).toEqual(["+a", "+b", "~b", "+c", "-a"]);
    expect(failures).toEqual(["Expired"]);
  });

  it("lists anew after 410 as the status of the watch", async () => {
    await start([serve("5", [node("a", "1")]), serve("9", [])], [(watch) => answer(watch, 410, { reason: "Expired" })]);
    await recover();
    await eventually(() => told.length === 2);
    expect(told).toEqual(["+a", "-a"]);
  });

  it("takes a silent watch for dead after 90 s", async () => {
    await start(
      [serve("5", [node("a", "1")])],
      [(watch) => stream(watch), (watch) => stream(watch, { type: "ADDED", object: node("b", "6") })],
    );
    await eventually(() => watchedFrom().length === 1);
    clock.advanceBy(90_000);
    await recover();
    await eventually(() => told.length === 2);
    expect(failures).toEqual(["WatchStalled"]);
    expect(watchedFrom()).toEqual(["5", "5"]);
  });

  it("notices that the server lost its history", async () => {
    await start(
      [serve("500", [node("a", "400")]), serve("7", [node("b", "6")])],
      [(watch) => watch.response.destroy()],
    );
    await recover();
    await eventually(() => watchedFrom().length === 2);
    expect(told).toEqual(["+a", "+b", "-a"]);
    expect(failures).toEqual(["WatchFailed", "HistoryLost"]);
    expect(watchedFrom()).toEqual(["500", "7"]);
  });

  it("keeps what it has while the server fails, and is not synced before it answered", async () => {
    const fail = (request: SeenRequest): void => answer(request, 500, {});
    await start(
      [fail, serve("5", [node("a", "1")]), fail, serve("5", [node("a", "1")])],
      [(watch) => watch.response.destroy()],
    );
    await recover();
    await informer.whenSynced();
    await recover(2);
    await eventually(() => failures.length === 3);
    expect(informer.store.size).toBe(1);
    expect(informer.isHealthy()).toBe(false);
    await recover(3);
    await eventually(() => watchedFrom().length === 2);
    expect(told).toEqual(["+a"]);
    await eventually(() => informer.isHealthy());
  });

  it("takes a line that is no event for a broken connection", async () => {
    const garbled = (watch: SeenRequest): void => {
      stream(watch);
      watch.response.write('{"type":\n');
    };
    await start([serve("5", [])], [garbled]);
    await recover();
    await eventually(() => watchedFrom().length === 2);
    expect(failures).toEqual(["WatchFailed"]);
  });

  it("opens nothing after it was stopped", async () => {
    await start([serve("5", [])], []);
    await eventually(() => watchedFrom().length === 1);
    informer.stop();
    await eventually(() => server.seen.every(({ response }) => response.destroyed || response.writableEnded));
    clock.advanceBy(1_000_000);
    expect(clock.nextWake()).toBeNull();
  });
});
