import { assertMachineLaws } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, it } from "vitest";
import { localError } from "./api-error.ts";
import { type Event, object, reflector, states } from "./reflector.test.fixture.ts";
import { refusal } from "./refusal.test.fixture.ts";

const request = fc.integer({ min: 1, max: 6 });
const version = fc.constantFrom("", "9", "10", "11", "x");
const error = fc.constantFrom(
  refusal(410, "Gone"),
  refusal(429, "TooManyRequests", 3_000),
  refusal(504, "Timeout"),
  refusal(500, "InternalError"),
  localError("Unreachable", "", ""),
);
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.constant<Event>({ type: "Started" }),
  fc.constant<Event>({ type: "Stopped" }),
  fc.record(
    {
      type: fc.constant("PageListed" as const),
      request,
      items: fc.constant([object("a", "1")]),
      resourceVersion: version,
      continueToken: fc.constantFrom(null, "t"),
    },
    { noNullPrototype: true },
  ),
  fc.record({ type: fc.constant("ListFailed" as const), request, error }, { noNullPrototype: true }),
  request.map((made): Event => ({ type: "WatchAccepted", request: made })),
  fc.record({ type: fc.constant("WatchEnded" as const), request, error: fc.option(error) }, { noNullPrototype: true }),
  fc.record({ request, version }).map(
    (made): Event => ({
      type: "WatchEventReceived",
      request: made.request,
      event: { type: "MODIFIED", object: object("a", made.version) },
    }),
  ),
  fc.record({ request, version }).map(
    (made): Event => ({
      type: "WatchEventReceived",
      request: made.request,
      event: { type: "BOOKMARK", resourceVersion: made.version },
    }),
  ),
  request.map(
    (made): Event => ({ type: "WatchEventReceived", request: made, event: { type: "ERROR", status: { code: 410 } } }),
  ),
);

describe("the reflector", () => {
  it("keeps the laws of a machine from every state", () => {
    assertMachineLaws(reflector, { starts: states, events: event });
  });
});
