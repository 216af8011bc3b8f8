import type { IpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { PendingStatus } from "./pending-status.ts";

const [one, two, three] = ["192.0.2.1", "192.0.2.2", "192.0.2.3"] as [IpAddress, IpAddress, IpAddress];

describe("PendingStatus", () => {
  const table: readonly {
    readonly name: string;
    readonly decisions: readonly (readonly [
      before: readonly IpAddress[],
      now: readonly IpAddress[],
      recorded: readonly IpAddress[],
    ])[];
    readonly recorded: readonly IpAddress[];
    readonly overtaken: boolean;
  }[] = [
    { name: "nothing decided", decisions: [], recorded: [one], overtaken: false },
    { name: "given, and the status says nothing yet", decisions: [[[], [one], []]], recorded: [], overtaken: false },
    { name: "given, and the status names another", decisions: [[[], [one], []]], recorded: [two], overtaken: true },
    {
      name: "moved, and the status is as it was",
      decisions: [[[two], [one], [two]]],
      recorded: [two],
      overtaken: false,
    },
    {
      name: "moved, and the status names a third",
      decisions: [[[two], [one], [two]]],
      recorded: [three],
      overtaken: true,
    },
    { name: "adopted, then edited", decisions: [[[one], [one], [one]]], recorded: [two], overtaken: false },
    {
      name: "given and seen, then edited",
      decisions: [
        [[], [one], []],
        [[one], [one], [one]],
      ],
      recorded: [two],
      overtaken: false,
    },
    {
      name: "edited twice",
      decisions: [
        [[one], [one], [one]],
        [[one], [one], [two]],
      ],
      recorded: [three],
      overtaken: false,
    },
    { name: "seen in another order", decisions: [[[], [one, two], [two, one]]], recorded: [three], overtaken: false },
  ];
  it.each(table)("$name", ({ decisions, recorded, overtaken }) => {
    const pendingStatus = new PendingStatus();
    for (const [before, now, status] of decisions) pendingStatus.record("default/a", before, now, status);
    expect(pendingStatus.isOutdated("default/a", recorded)).toBe(overtaken);
    pendingStatus.forget("default/a");
    expect(pendingStatus.isOutdated("default/a", recorded)).toBe(false);
  });
});
