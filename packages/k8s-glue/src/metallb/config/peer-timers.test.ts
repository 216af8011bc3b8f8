import { parseGoDuration } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { peerTimers } from "./peer-timers.ts";

describe("hold and keepalive time of a peer", () => {
  it.each([
    { name: "neither leaves both to the speaker", given: [undefined, undefined], expected: null },
    { name: "hold alone gives a third", given: ["90s", undefined], expected: { holdTime: 90, keepaliveTime: 30 } },
    {
      name: "keepalive alone gives three times",
      given: [undefined, "20s"],
      expected: { holdTime: 60, keepaliveTime: 20 },
    },
    { name: "both stay as they are", given: ["1m30s", "10s"], expected: { holdTime: 90, keepaliveTime: 10 } },
    { name: "zero turns both off", given: ["0s", undefined], expected: { holdTime: 0, keepaliveTime: 0 } },
    { name: "zero and zero are allowed", given: ["0s", "0s"], expected: { holdTime: 0, keepaliveTime: 0 } },
    { name: "fractions of hold are cut", given: ["3.9s", undefined], expected: { holdTime: 3, keepaliveTime: 1 } },
  ])("$name", ({ given: [hold, keepalive], expected }) => {
    expect(peerTimers(hold, keepalive)).toEqual({ ok: true, value: expected });
  });

  it.each([
    { hold: "2s", keepalive: undefined, field: "holdTime" },
    { hold: "1s", keepalive: undefined, field: "holdTime" },
    { hold: "90", keepalive: undefined, field: "holdTime" },
    { hold: "-9s", keepalive: undefined, field: "holdTime" },
    { hold: "20h", keepalive: undefined, field: "holdTime" },
    { hold: "9s", keepalive: "10s", field: "keepaliveTime" },
    { hold: undefined, keepalive: "500ms", field: "keepaliveTime" },
    { hold: "0s", keepalive: "1s", field: "keepaliveTime" },
  ])("refuses $hold with $keepalive", ({ hold, keepalive, field }) => {
    expect(peerTimers(hold, keepalive)).toMatchObject({ ok: false, error: { field } });
  });
});

describe("durations as Go writes them", () => {
  it.each([
    ["90s", 90_000],
    ["1m30s", 90_000],
    ["1.5h", 5_400_000],
    [".5s", 500],
    ["250ms", 250],
    ["0", 0],
    ["-1s", -1000],
    ["", null],
    ["90", null],
    ["s", null],
    ["1d", null],
    ["1s ", null],
  ])("reads %j as %j", (text, milliseconds) => {
    expect(parseGoDuration(text)).toBe(milliseconds);
  });
});
