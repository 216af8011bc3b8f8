import type { ApiError } from "@herald-lb/k8s-glue/client";
import type { Service } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { service } from "./cluster-objects.test.fixture.ts";
import { fakeTransport } from "./fake-api.test.fixture.ts";
import { StaleCacheGuard } from "./stale-cache-guard.ts";

const KEY = "default/a";

function guard(
  cached: Service | undefined,
  answer: ApiError["code"] | object = "NotFound",
): { readonly guard: StaleCacheGuard; readonly asked: string[] } {
  const asked: string[] = [];
  const transport = fakeTransport(({ method, path }) => {
    asked.push(`${method} ${path}`);
    return answer;
  });
  const cache = { get: (key: string) => (key === KEY ? cached : undefined) };
  const listed = [service("a", { version: "10" })];
  return { guard: new StaleCacheGuard({ transport, cache, listed, signal: new AbortController().signal }), asked };
}

describe("StaleCacheGuard", () => {
  it.each([
    { name: "an older version", cached: service("a", { version: "9" }), awaited: [KEY] },
    { name: "no version at all", cached: undefined, awaited: [KEY] },
    { name: "the adopted version", cached: service("a", { version: "10" }), awaited: [] },
    { name: "a newer version", cached: service("a", { version: "11" }), awaited: [] },
  ])("awaits a Service of which the cache has $name: $awaited", ({ cached, awaited }) => {
    const { guard: of } = guard(cached);
    expect(of.awaited()).toEqual(awaited);
    expect(of.isAwaited(KEY)).toBe(awaited.length > 0);
  });

  it("takes no older version for current until the adopted one has come, and then every version", () => {
    const { guard: of } = guard(undefined);
    expect(of.isStale(KEY, service("a", { version: "9" }))).toBe(true);
    expect(of.isAwaited(KEY)).toBe(true);
    expect(of.isStale(KEY, service("a", { version: "10" }))).toBe(false);
    expect(of.isAwaited(KEY)).toBe(false);
    // A Service that was deleted and made anew may come from a restored etcd, with a lower version.
    expect(of.isStale(KEY, service("a", { version: "9" }))).toBe(false);
  });

  it("never holds a Service back that was not listed", () => {
    expect(guard(undefined).guard.isStale("default/b", service("b", { version: "1" }))).toBe(false);
  });

  it.each([
    { answer: "NotFound", deleted: true },
    { answer: "Unreachable", deleted: false },
    { answer: "Forbidden", deleted: false },
    { answer: service("a"), deleted: false },
  ] as const)("believes that a Service is deleted only when the API server says so: $answer", async (given) => {
    const { guard: of, asked } = guard(undefined, given.answer);
    expect(await of.isDeleted(KEY)).toBe(given.deleted);
    expect(asked).toEqual(["GET /api/v1/namespaces/default/services/a"]);
    expect(of.isAwaited(KEY)).toBe(!given.deleted);
  });
});
