import { describe, expect, it } from "vitest";
import { heraldSpeakers, metallbSpeakers, mixedSpeakers } from "./contender.ts";

const membersAfter = (read: (line: string, members: Set<string>) => void, lines: readonly object[]): string[] => {
  const members = new Set<string>();
  for (const line of lines) read(JSON.stringify(line), members);
  return [...members];
};

describe("the members that a speaker's log tells of", () => {
  it("are Herald's last list", () => {
    const { readMembers } = heraldSpeakers({ bundle: undefined, flags: [] });
    const lines = [
      { msg: "members changed", alive: ["a", "b"], joined: ["b"], left: [] },
      { msg: "announcing", service: "default/web" },
      { msg: "members changed", alive: ["a"], joined: [], left: ["b"] },
    ];
    expect(membersAfter(readMembers, lines)).toEqual(["a"]);
  });

  it("are those that joined MetalLB's list and have not left it", () => {
    const { readMembers } = metallbSpeakers("speaker");
    const event = (name: string, what: string): object => ({ "node name": name, "node event": what });
    const lines = [event("a", "NodeJoin"), event("b", "NodeJoin"), event("a", "NodeLeave"), event("b", "NodeUpdate")];
    expect(membersAfter(readMembers, lines)).toEqual(["b"]);
  });
});

it("a speaker gets the DaemonSet's flags, and the ports of its own namespace", () => {
  const { command } = heraldSpeakers({ bundle: undefined, flags: ["--more"] }).programOf(0);
  expect(command.slice(-3)).toEqual(["--port=9120", "--log-level=info", "--more"]);
  expect(command.filter((word) => word.includes("port="))).toEqual(["--port=9120"]);
});

it("speakers of both projects take turns, and either's log is read", () => {
  const mixed = mixedSpeakers(heraldSpeakers({ bundle: undefined, flags: [] }), metallbSpeakers("metallb"));
  const isMetallb = [0, 1, 2, 3].map((place) => mixed.programOf(place).command[0] === "metallb");
  expect(isMetallb).toEqual([false, true, false, true]);
  const lines = [
    { "node name": "a", "node event": "NodeJoin" },
    { msg: "members changed", alive: ["b"] },
  ];
  expect(membersAfter(mixed.readMembers, lines)).toEqual(["b"]);
});
