import type { ApiError, ApiRequest, Occurrence } from "@herald-lb/k8s-glue/client";
import { type AllocationResult, defaultAllocationPolicy, Ledger } from "@herald-lb/k8s-glue/ipam";
import type { Service } from "@herald-lb/k8s-glue/objects";
import { instant } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { pool, pools, service } from "./cluster-objects.test.fixture.ts";
import { fakeTransport, recordingLog } from "./fake-api.test.fixture.ts";
import { ServiceStatusWriter } from "./service-status-writer.ts";

interface Bench {
  readonly writer: ServiceStatusWriter;
  readonly sent: ApiRequest[];
  readonly events: Occurrence[];
  readonly shown: string[];
  readonly refusals: string[];
  readonly lines: string[];
  answer: ApiError["code"] | object;
  open: boolean;
}

function bench(): Bench {
  const { log, lines } = recordingLog();
  const writer = new ServiceStatusWriter({
    transport: fakeTransport((request) => {
      self.sent.push(request);
      return self.answer;
    }),
    events: { record: (occurrence) => void self.events.push(occurrence) },
    refusals: { inc: (labels: object) => void self.refusals.push(Object.values(labels).join()) } as never,
    log,
    wallTime: () => "2026-01-01T00:00:00Z",
    fence: () => self.open,
    signal: new AbortController().signal,
    onAddressShown: (key) => void self.shown.push(key),
  });
  const self: Bench = {
    writer,
    lines,
    sent: [],
    events: [],
    shown: [],
    refusals: [],
    answer: {},
    open: true,
  };
  return self;
}

/** The result of a ledger with one address for the first of these Services. */
function resultOf(...services: readonly Service[]): AllocationResult {
  const configuration = pools(pool("one", ["192.0.2.1/32"]));
  const ledger = new Ledger(defaultAllocationPolicy, { configuration, namespaces: new Map(), quotas: new Map() });
  const results = services.map((of) => ledger.reconcile(`default/${of.metadata?.name}`, of, instant(0)));
  return results.at(-1) as AllocationResult;
}

const A = service("a");
const given = resultOf(A);

describe("ServiceStatusWriter", () => {
  it("writes a new address once, with an Event, and tells that it is shown", async () => {
    const at = bench();
    expect(await at.writer.write("default/a", A, given)).toEqual({ type: "Done" });
    expect(at.sent).toHaveLength(1);
    expect(at.sent[0]).toMatchObject({
      method: "PATCH",
      path: "/api/v1/namespaces/default/services/a/status",
      body: { status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } } },
    });
    expect(at.events.map(({ object, reason }) => [object.kind, object.name, object.uid, reason])).toEqual([
      ["Service", "a", "uid-a", "IPAllocated"],
    ]);
    expect([at.shown, at.refusals, at.lines]).toEqual([["default/a"], [], ["info status written"]]);
  });

  it("counts a refusal, with its code, and shows no address", async () => {
    const at = bench();
    const b = service("b");
    await at.writer.write("default/b", b, resultOf(A, b));
    expect([at.refusals, at.shown]).toEqual([["PoolsExhausted"], []]);
    expect(at.events.map(({ reason }) => reason)).toEqual(["AllocationFailed"]);
  });

  it("writes nothing about a Service of another load balancer, or whose status says it already", async () => {
    const at = bench();
    await at.writer.write("default/a", A, { type: "NotOurs" });
    expect([at.sent, at.shown]).toEqual([[], []]);
    await at.writer.write("default/a", A, given);
    const body = at.sent[0]?.body as Service;
    const written = {
      ...A,
      metadata: { ...A.metadata, annotations: body.metadata?.annotations ?? {} },
      status: body.status,
    } as Service;
    await at.writer.write("default/a", written, given);
    expect(at.sent).toHaveLength(1);
    expect(at.shown).toEqual(["default/a", "default/a"]);
  });

  it.each([
    { code: "Conflict", type: "Retry", lines: ["debug status not written, trying again"] },
    { code: "Unavailable", type: "Retry", lines: ["warn status not written, trying again"] },
    { code: "NotFound", type: "Done", lines: [] },
    { code: "Aborted", type: "Done", lines: [] },
  ] as const)("after $code: $type, without an Event", async ({ code, type, lines }) => {
    const at = bench();
    at.answer = code;
    expect(await at.writer.write("default/a", A, given)).toEqual({ type });
    expect([at.events, at.shown, at.refusals]).toEqual([[], [], []]);
    expect(at.lines).toEqual(lines);
  });

  it("sends nothing once the fence is closed", async () => {
    const at = bench();
    at.open = false;
    expect(await at.writer.write("default/a", A, given)).toEqual({ type: "Done" });
    expect([at.sent, at.events, at.shown]).toEqual([[], [], []]);
  });
});
