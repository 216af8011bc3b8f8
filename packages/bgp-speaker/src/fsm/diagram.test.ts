import { describe, expect, it } from "vitest";
import { type Column, events, outcome, states } from "./fsm.test.support.ts";

const PAGE = "../../../../docs/conformance/rfc4271-fsm-diagram.md";

const HEAD = `# RFC 4271 §8 as a picture

The test \`packages/bgp-speaker/src/fsm/diagram.test.ts\` gives every event to the machine in every state and compares this page with what it did; \`vitest run -u\` writes it
anew. Events after which the state is the same are left out. A star: only while the DelayOpenTimer runs.

`;

/** The state that a column belongs to. */
const stateOf = (column: string): string => column.replace("Delayed", "");

/** The arrows between states, each with the events that take it, as the machine itself moves. */
function arrows(): readonly string[] {
  const taken = new Map<string, string[]>();
  for (const column of Object.keys(states) as Column[]) {
    const from = stateOf(column);
    for (const [type, event] of Object.entries(events)) {
      const [to = ""] = outcome(states[column](), event).split(" ");
      if (to === from) continue;
      const arrow = `${from} --> ${to}`;
      const names = taken.get(arrow) ?? [];
      const known = names.includes(type);
      if (!known) names.push(column === from ? type : `${type}*`);
      taken.set(arrow, names);
    }
  }
  return [...taken].map(([arrow, names]) => `    ${arrow}: ${names.join("<br>")}`);
}

describe("the diagram of the state machine", () => {
  it("is that of the machine", async () => {
    const diagram = ["```mermaid", "stateDiagram-v2", "    [*] --> Idle", ...arrows(), "```", ""].join("\n");
    await expect(HEAD + diagram).toMatchFileSnapshot(PAGE);
  });
});
