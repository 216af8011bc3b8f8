import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiServer, createApiServer } from "./server.ts";

const configMaps = "/api/v1/namespaces/default/configmaps";

interface WatchEvent {
  readonly type: string;
  readonly object: {
    readonly code?: number;
    readonly metadata?: {
      readonly name?: string;
      readonly resourceVersion?: string;
      readonly annotations?: Record<string, string>;
    };
  };
}
interface Body {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

describe("the embedded API server", () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await createApiServer({ tls: false, bookmarkIntervalMs: 20 });
  });
  afterAll(() => server.close());
  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${server.url}${path}`, {
      ...init,
      headers: { authorization: "Bearer admin", "content-type": "application/json" },
    });
  const create = (name: string): Promise<Response> =>
    ask(configMaps, {
      method: "POST",
      body: JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } }),
    });
  const list = async (query = ""): Promise<Body> => (await ask(`${configMaps}${query}`)).json() as Promise<Body>;
  /** Reads a watch until it ends or `enough`. */
  async function watch(
    query: string,
    enough: (events: readonly WatchEvent[]) => boolean,
    opened?: () => unknown,
  ): Promise<readonly WatchEvent[]> {
    const response = await ask(`${configMaps}?watch=1${query}`);
    const events: WatchEvent[] = [];
    await opened?.();
    let rest = "";
    for await (const chunk of response.body ?? []) {
      const lines = (rest + new TextDecoder().decode(chunk)).split("\n");
      rest = lines.pop() ?? "";
      events.push(...lines.map((line) => JSON.parse(line) as WatchEvent));
      if (enough(events)) break;
    }
    return events;
  }

  it("gives pages of one state, and 410 for a token whose history is gone", async () => {
    for (const name of ["p1", "p2", "p3"]) await create(name);
    const first = await list("?limit=2");
    await create("p0");
    const second = await list(`?limit=2&continue=${first.metadata.continue ?? ""}`);
    expect([...first.items, ...second.items].map(({ metadata }) => metadata.name)).toEqual(["p1", "p2", "p3"]);
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    const again = await list("?limit=1");
    server.faults.compact();
    expect((await ask(`${configMaps}?limit=1&continue=${again.metadata.continue ?? ""}`)).status).toBe(410);
  });
  it("watches from a version on, with bookmarks", async () => {
    const from = (await list()).metadata.resourceVersion;
    const events = await watch(
      `&allowWatchBookmarks=true&resourceVersion=${from}`,
      (seen) => seen.some(({ type }) => type === "BOOKMARK") && seen.some(({ type }) => type === "ADDED"),
      () => create("w"),
    );
    expect(events.filter(({ type }) => type !== "BOOKMARK").map(({ object }) => object.metadata?.name)).toEqual(["w"]);
  });
  it("says Expired in a watch from before a compaction", async () => {
    const from = (await list()).metadata.resourceVersion;
    await create("late");
    server.faults.compact();
    expect(await watch(`&resourceVersion=${from}`, () => false)).toMatchObject([
      { type: "ERROR", object: { code: 410 } },
    ]);
  });
  it("streams the initial state when asked, then says that it ended", async () => {
    const events = await watch(
      "&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan",
      (seen) => seen.some(({ type }) => type === "BOOKMARK"),
    );
    expect(events.at(-1)?.object.metadata?.annotations).toEqual({ "k8s.io/initial-events-end": "true" });
  });
  it("drops watches, holds them back and gives everything after", async () => {
    expect(
      await watch(
        "&resourceVersion=0",
        () => false,
        () => server.faults.dropWatches("configmaps"),
      ),
    ).not.toEqual([]);
    const from = (await list()).metadata.resourceVersion;
    server.faults.stallWatches();
    const events = await watch(
      `&resourceVersion=${from}`,
      (seen) => seen.length === 2,
      async () => {
        await create("held1");
        await create("held2");
        server.faults.resumeWatches();
      },
    );
    expect(events.map(({ object }) => object.metadata?.name)).toEqual(["held1", "held2"]);
  });
  it("answers 429 with Retry-After over HTTP's own control, and logs who wrote", async () => {
    await ask("/_faults", {
      method: "POST",
      body: JSON.stringify({ action: "inject", code: 429, retryAfterSeconds: 2, verb: "create", count: 1 }),
    });
    const refused = await create("r");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "2"]);
    server.requests.clear();
    await list();
    expect(server.requests.writes()).toEqual([]);
    await create("r");
    expect(server.requests.counts()).toEqual({ "list configmaps admin": 1, "create configmaps admin": 1 });
  });
  it("does not count a write that changes nothing", async () => {
    const before = (await list()).metadata.resourceVersion;
    await ask(`${configMaps}/r`, {
      method: "PUT",
      body: JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "r" } }),
    });
    expect((await list()).metadata.resourceVersion).toBe(before);
  });
  it("knows its tokens", async () => {
    expect((await fetch(`${server.url}${configMaps}`, { headers: { authorization: "Bearer nobody" } })).status).toBe(
      401,
    );
  });
});
