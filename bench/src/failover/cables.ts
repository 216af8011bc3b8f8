import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Scope } from "@herald-lb/lab";

/** The cables of the nodes, which can be pulled at their far end: the node's own interface then has no carrier. */
export interface Cables {
  /** Resolves once the kernel has done it. */
  readonly set: (ports: readonly string[], state: "up" | "down") => Promise<void>;
}

/** Starts an `ip` that waits for commands: a program started when the fault is due would delay it by milliseconds, and unevenly. */
export function openCables(scope: Scope): Cables {
  const ip = spawn("ip", ["-oneline", "-force", "-batch", "-"], { stdio: ["pipe", "pipe", "inherit"], detached: true });
  scope.defer("the cables", async () => {
    const ended = new Promise((resolve) => void ip.once("exit", resolve));
    ip.stdin.end();
    await ended;
  });
  const lines = createInterface({ input: ip.stdout });
  let waiting: { readonly done: () => void; readonly fail: (error: Error) => void } | null = null;
  lines.on("line", () => waiting?.done());
  lines.on("close", () => waiting?.fail(new Error("the ip that moves cables ended")));
  return {
    set: async (ports, state) => {
      const answered = new Promise<void>((done, fail) => {
        waiting = { done, fail };
      });
      // The answer to a question after them says that they are done.
      ip.stdin.write(`${ports.map((port) => `link set ${port} ${state}\n`).join("")}link show dev lo\n`);
      await answered;
    },
  };
}
