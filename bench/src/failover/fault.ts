import { monotonicNow } from "@herald-lb/host";
import type { BenchNode } from "./network.ts";
import type { Cables } from "./cables.ts";
import type { Speaker } from "./speaker.ts";

/** A mishap of the announcing node; with `none` nothing happens, and the others should think so. */
export type Fault = "sigkill" | "sigstop" | "power" | "link" | "sigterm" | "none";

/** The node that something happens to. */
export interface Victim {
  readonly node: BenchNode;
  readonly speaker: Speaker;
  readonly cables: Cables;
}

/** Every fault, in the order of the table. */
export const FAULTS: readonly Fault[] = ["sigkill", "sigstop", "power", "link", "sigterm", "none"];

const INFLICT: Readonly<Record<Fault, (victim: Victim) => Promise<void> | void>> = {
  sigkill: ({ speaker }) => speaker.kill("SIGKILL"),
  sigstop: ({ speaker }) => speaker.kill("SIGSTOP"),
  /** The cables first: a speaker that dies while it can still be heard is another fault. */
  power: async ({ node, speaker, cables }) => {
    await cables.set([node.ports.segment, node.ports.management], "down");
    speaker.kill("SIGKILL");
  },
  link: ({ node, cables }) => cables.set([node.ports.segment], "down"),
  sigterm: ({ speaker }) => speaker.kill("SIGTERM"),
  none: () => {},
};

/** Has the fault happen; returns the last instant at which it had not. */
export async function inflict(fault: Fault, victim: Victim): Promise<number> {
  const at = monotonicNow();
  await INFLICT[fault](victim);
  return at;
}

/** Takes the fault away: the node is on its networks, and no speaker runs there. */
export async function mend({ node, speaker, cables }: Victim): Promise<void> {
  speaker.kill("SIGKILL");
  await speaker.exited;
  await cables.set([node.ports.segment, node.ports.management], "up");
}
