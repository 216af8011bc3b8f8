import { describe, expect, it } from "vitest";
import { type Request, silenceIn } from "./request.ts";

/** Requests every 10 ms, with the milliseconds that each answer took. */
function requests(...took: readonly (number | null)[]): readonly Request[] {
  return took.map((one, index) => {
    const sent = index * 10;
    return { sent, answered: one === null ? null : sent + one, by: one === null ? null : "a", twice: false };
  });
}

describe("a silence", () => {
  const table = [
    { name: "none", of: requests(1, 2, 1), is: { gap: 0, lost: 0 } },
    { name: "until the next request that was answered", of: requests(1, null, null, 1), is: { gap: 20, lost: 2 } },
    { name: "the longest of two", of: requests(null, 1, null, null, 1), is: { gap: 20, lost: 3 } },
    { name: "an answer that came too late", of: requests(1, 201, 200), is: { gap: 10, lost: 1 } },
    { name: "not over yet", of: requests(1, null, null, null), is: { gap: 20, lost: 3 } },
    { name: "nothing asked", of: [], is: { gap: 0, lost: 0 } },
  ];
  it.each(table)("$name", ({ of, is }) => {
    expect(silenceIn(of)).toEqual(is);
  });
});
