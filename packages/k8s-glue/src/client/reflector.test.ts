import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { instant } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { localError } from "./api-error.ts";
import { type Event, object, reflector, type State, states } from "./reflector.test.fixture.ts";
import { isHealthyReflector, stoppedReflector } from "./reflector.ts";
import { refusal } from "./refusal.test.fixture.ts";

describe("the reflector", () => {
  const at = instant(5_000);
  const received = (type: "ADDED" | "DELETED", resourceVersion: string): Event => ({
    type: "WatchEventReceived",
    request: 1,
    event: { type, object: object("a", resourceVersion) },
  });
  const failed = (status: number): Event => ({
    type: "WatchEventReceived",
    request: 1,
    event: { type: "ERROR", status: { code: status } },
  });
  const cases: readonly {
    name: string;
    from: keyof typeof states;
    event: Event;
    to: Partial<State>;
    effects: readonly object[];
  }[] = [
    {
      name: "lists in pages when it starts",
      from: "Stopped",
      event: { type: "Started" },
      to: { name: "Listing" },
      effects: [{ type: "ListPage", limit: 500, continueToken: null }],
    },
    {
      name: "asks for the next page",
      from: "Listing",
      event: { type: "PageListed", request: 1, items: [object("a", "1")], resourceVersion: "9", continueToken: "t" },
      to: { name: "Listing", pages: [[object("a", "1")]] },
      effects: [{ type: "ListPage", limit: 500, continueToken: "t" }],
    },
    {
      name: "hands on all pages together and watches from the last one's version",
      from: "ListingOn",
      event: { type: "PageListed", request: 1, items: [object("b", "2")], resourceVersion: "9", continueToken: null },
      to: { name: "Watching", resourceVersion: "9", failures: 0 },
      effects: [
        { type: "ReplaceObjects", objects: [object("a", "1"), object("b", "2")] },
        { type: "OpenWatch", resourceVersion: "9", timeoutSeconds: 450 },
      ],
    },
    {
      name: "lists in one piece after a continue token expired",
      from: "ListingOn",
      event: { type: "ListFailed", request: 1, error: refusal(410, "Gone") },
      to: { name: "Listing", pages: [], paged: false },
      effects: [
        { type: "Failed", failure: "ContinueExpired" },
        { type: "ListPage", limit: null, continueToken: null },
      ],
    },
    {
      name: "waits longer the more often it failed",
      from: "ListingOn",
      event: { type: "ListFailed", request: 1, error: refusal(500, "InternalError") },
      to: { name: "Waiting", resourceVersion: null, failures: 3, backoffTimer: instant(5_000 + 0.5 * 800 * 4) },
      effects: [{ type: "Failed", failure: "ListFailed" }],
    },
    {
      name: "waits as long as Retry-After says, and then some",
      from: "Listing",
      event: { type: "ListFailed", request: 1, error: refusal(429, "TooManyRequests", 3_000) },
      to: { name: "Waiting", backoffTimer: instant(5_000 + 3_000 + 400) },
      effects: [{ type: "Failed", failure: "ListFailed" }],
    },
    {
      name: "goes on where it was when the server has come as far",
      from: "Probing",
      event: { type: "PageListed", request: 1, items: [], resourceVersion: "10", continueToken: "t" },
      to: { name: "Watching", resourceVersion: "10" },
      effects: [{ type: "OpenWatch", resourceVersion: "10" }],
    },
    {
      name: "lists anew when the server has gone back",
      from: "Probing",
      event: { type: "PageListed", request: 1, items: [], resourceVersion: "9", continueToken: null },
      to: { name: "Listing", pages: [] },
      effects: [
        { type: "Failed", failure: "HistoryLost" },
        { type: "ListPage", limit: 500 },
      ],
    },
    {
      name: "remembers that the server accepted the watch",
      from: "Watching",
      event: { type: "WatchAccepted", request: 1 },
      to: { name: "Watching", accepted: true, failures: 3, stallTimer: instant(90_000) },
      effects: [],
    },
    {
      name: "puts what the watch adds",
      from: "Watching",
      event: received("ADDED", "11"),
      to: { name: "Watching", resourceVersion: "11", failures: 0, stallTimer: instant(95_000) },
      effects: [{ type: "PutObject" }],
    },
    {
      name: "removes what the watch deletes",
      from: "Watching",
      event: received("DELETED", "12"),
      to: { resourceVersion: "12" },
      effects: [{ type: "RemoveObject" }],
    },
    {
      name: "moves on with a bookmark",
      from: "Watching",
      event: { type: "WatchEventReceived", request: 1, event: { type: "BOOKMARK", resourceVersion: "15" } },
      to: { resourceVersion: "15", stallTimer: instant(95_000) },
      effects: [],
    },
    {
      name: "lists anew when versions run backwards",
      from: "Watching",
      event: received("ADDED", "9"),
      to: { name: "Waiting", resourceVersion: null },
      effects: [{ type: "CancelRequest" }, { type: "Failed", failure: "HistoryLost" }],
    },
    {
      name: "lists anew after an expired watch",
      from: "Watching",
      event: failed(410),
      to: { name: "Waiting", resourceVersion: null },
      effects: [{ type: "CancelRequest" }, { type: "Failed", failure: "Expired" }],
    },
    {
      name: "lists anew when the server has less history",
      from: "Watching",
      event: failed(504),
      to: { name: "Waiting", resourceVersion: null },
      effects: [{ type: "CancelRequest" }, { type: "Failed", failure: "HistoryLost" }],
    },
    {
      name: "goes on where it was after a server error",
      from: "Watching",
      event: failed(500),
      to: { name: "Waiting", resourceVersion: "10" },
      effects: [{ type: "CancelRequest" }, { type: "Failed", failure: "WatchFailed" }],
    },
    {
      name: "goes on where it was after the connection broke",
      from: "Watching",
      event: { type: "WatchEnded", request: 1, error: localError("Unreachable", "", "") },
      to: { name: "Waiting", resourceVersion: "10" },
      effects: [{ type: "Failed", failure: "WatchFailed" }],
    },
    {
      name: "reopens at once a watch that the server ended in order",
      from: "Watching",
      event: { type: "WatchEnded", request: 1, error: null },
      to: { name: "Watching", resourceVersion: "10" },
      effects: [{ type: "OpenWatch", resourceVersion: "10" }],
    },
    {
      name: "ignores the answer to a former request",
      from: "Watching",
      event: { type: "WatchEnded", request: 7, error: null },
      to: { name: "Watching", sequence: 1 },
      effects: [],
    },
    {
      name: "cancels what is under way when it stops",
      from: "Watching",
      event: { type: "Stopped" },
      to: { name: "Stopped" },
      effects: [{ type: "CancelRequest", request: 1 }],
    },
  ];
  for (const { name, from, event: given, to, effects } of cases) {
    it(name, () => {
      const start = states[from]?.() ?? stoppedReflector<KubernetesObject>();
      const step = reflector.step(start, given, at);
      expect(step.state).toMatchObject(to);
      expect(step.effects).toHaveLength(effects.length);
      expect(step.effects).toMatchObject(effects);
    });
  }

  it("is healthy once a watch is accepted after failures, although it says nothing", () => {
    const healthy = Object.entries(states).filter(([, make]) => isHealthyReflector(make()));
    expect(healthy.map(([name]) => name)).toEqual(["Listing", "WatchingInSilence"]);
  });

  it("takes a silent watch for dead, and goes on where it was", () => {
    const stalled = reflector.advance(states["Watching"]?.() ?? stoppedReflector<KubernetesObject>(), instant(90_000));
    expect(stalled.effects).toMatchObject([
      { type: "CancelRequest", request: 1 },
      { type: "Failed", failure: "WatchStalled" },
    ]);
    expect(stalled.state).toMatchObject({ name: "Waiting", resourceVersion: "10" });
  });

  it("asks how far the server is before it watches again after a failure", () => {
    const due = reflector.advance(states["WaitingToWatch"]?.() ?? stoppedReflector<KubernetesObject>(), instant(500));
    expect(due.state).toMatchObject({ name: "Probing", resourceVersion: "10" });
    expect(due.effects).toMatchObject([{ type: "ListPage", limit: 1 }]);
  });

  it("does not storm a server that ends every watch at once", () => {
    const ended = reflector.step(
      states["Watching"]?.() ?? stoppedReflector<KubernetesObject>(),
      { type: "WatchEnded", request: 1, error: null },
      instant(10),
    );
    expect(ended.state).toMatchObject({ name: "Waiting", resourceVersion: "10", failures: 4 });
  });
});
