import type { ApiRequest } from "@herald-lb/k8s-glue/client";
import { createVirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { service } from "./cluster-objects.test.fixture.ts";
import { fakeTransport, silent } from "./fake-api.test.fixture.ts";
import { readRecordedState, type RecordedState } from "./recorded-state.ts";

interface Reading {
  readonly state: () => Promise<RecordedState | null>;
  readonly sent: string[];
  /** Called with each request; the fence may close meanwhile. */
  onRequest: (path: string) => void;
  open: boolean;
}

function reading(): Reading {
  const clock = createVirtualClock();
  const answer = ({ path, query }: ApiRequest): object | "NotFound" => {
    self.sent.push(path);
    self.onRequest(path);
    if (path.endsWith("/services"))
      return query?.["continue"] === undefined
        ? { metadata: { continue: "more" }, items: [service("a")] }
        : { metadata: {}, items: [service("b")] };
    if (path.endsWith("/herald-released-addresses"))
      return { data: { "releases.json": '[["192.0.2.1","default/gone",1000]]' } };
    return path.endsWith("/pods/me") ? { metadata: { uid: "p-1" } } : "NotFound";
  };
  const self: Reading = {
    state: () =>
      readRecordedState({
        transport: fakeTransport(answer),
        clock,
        namespace: "lb",
        podName: "me",
        fence: () => self.open,
        log: silent,
      }),
    sent: [],
    onRequest: () => {},
    open: true,
  };
  return self;
}

describe("readRecordedState", () => {
  it("reads every page of Services, the releases, and this controller's Pod", async () => {
    const state = await reading().state();
    expect(state?.services.map(({ metadata }) => metadata?.name)).toEqual(["a", "b"]);
    expect(state?.releases.map(({ address, service: by }) => [address, by])).toEqual([["192.0.2.1", "default/gone"]]);
    expect(state?.owner).toMatchObject({ kind: "Pod", name: "me", uid: "p-1" });
  });

  it.each(["/services", "/herald-released-addresses", "/pods/me"])(
    "gives nothing when the fence closes at the request for %s",
    async (path) => {
      const of = reading();
      of.onRequest = (asked) => {
        if (asked.endsWith(path)) of.open = false;
      };
      expect(await of.state()).toBeNull();
      if (path === "/services") expect(of.sent).toEqual(["/api/v1/services"]);
    },
  );

  it("asks for nothing more when the fence closes at the last page of Services", async () => {
    const of = reading();
    of.onRequest = () => {
      if (of.sent.length === 2) of.open = false;
    };
    expect(await of.state()).toBeNull();
    expect(of.sent).toEqual(["/api/v1/services", "/api/v1/services"]);
  });
});
