import { expect, it } from "vitest";
import { clientLog } from "./client-log.ts";

it("a client's log has every request and false takeover with its time after the fault", () => {
  const record = {
    asked: [
      { sent: 1_000, answered: 1_000.3, by: "a", twice: false },
      { sent: 1_020, answered: null, by: null, twice: false },
    ],
    sent: [{ sent: 1_020, answered: 1_020.5, by: "node-02", twice: false }],
    late: 0,
    falseTakeovers: [{ at: 1_025, address: "198.18.64.7", before: "a", mac: "b" }],
    faultAt: 1_010,
    mendedAt: 1_030,
  };
  expect(clientLog(record, (mac) => `node of ${mac}`)).toBe(
    [
      "     -10.0 who-has node of a in 0.3 ms",
      "       0.0 --- the fault",
      "      10.0 who-has no answer",
      "      10.0 datagram node-02 in 0.5 ms",
      "      15.0 --- node of b claims 198.18.64.7, which node of a has",
      "      20.0 --- the node comes back",
      "",
    ].join("\n"),
  );
});
