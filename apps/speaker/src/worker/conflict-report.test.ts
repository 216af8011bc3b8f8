import type { IpAddress, MacAddress } from "@herald-lb/sansio";
import { createVirtualClock } from "@herald-lb/sansio/testing";
import { expect, it } from "vitest";
import { ConflictReport } from "./conflict-report.ts";
import type { FromWorker } from "./protocol.ts";

const address = "192.0.2.1" as IpAddress;
const by = "02:00:5e:00:53:99" as MacAddress;

it("a storm of claims becomes one message a second, and a rival keeps the name of its interface until it is gone", () => {
  const clock = createVirtualClock();
  const posted: FromWorker[] = [];
  let name = "eth0";
  const report = new ConflictReport({ clock, post: (message) => void posted.push(message), nameOf: () => name });
  for (let i = 0; i < 10_000; i++) report.take({ type: "Conflict", on: 2, address, by });
  expect(posted).toEqual([{ type: "Conflict", address, by, interface: "eth0" }]);
  clock.advanceBy(1_000);
  report.take({ type: "Conflict", on: 2, address, by });
  expect(posted.splice(0)).toHaveLength(2);
  report.take({ type: "RivalFound", on: 2, address, by });
  name = "#2";
  report.take({ type: "RivalGone", on: 2, address });
  report.take({ type: "ContestedChanged", address, contested: false });
  expect(posted.pop()).toEqual({ type: "ContestedChanged", address, contested: false });
  expect(posted).toEqual([
    { type: "RivalFound", address, by, interface: "eth0" },
    { type: "RivalGone", address, interface: "eth0" },
  ]);
});
