import { spawn } from "node:child_process";
import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { Scope } from "@herald-lb/lab";
import type { BenchNode } from "./network.ts";

/** A speaker that runs on a node. Its log goes into a file, so that no line of it wakes the bench while it measures. */
export interface Speaker {
  readonly pid: number;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Its exit code, or the signal that ended it. */
  readonly exited: Promise<number | string>;
  readonly isRunning: () => boolean;
  /** The log's lines since the last call; empty once it ended. */
  readonly readLog: () => readonly string[];
  /** Empties the log's file. A line written at this moment is lost. */
  readonly emptyLog: () => void;
}

/** Starts a program on a node, with these variables and no others; it ends with the scope. */
export function startSpeaker(
  scope: Scope,
  { name, namespace }: BenchNode,
  { command, variables }: { readonly command: readonly string[]; readonly variables: Readonly<Record<string, string>> },
): Speaker {
  const path = join(scope.folder, `${name}.log`);
  // What is appended goes to the end, also after the file was emptied.
  const log = openSync(path, "a+");
  // That of the speaker before.
  ftruncateSync(log);
  const [program = "", ...args] = command;
  const child = spawn("ip", ["netns", "exec", namespace.name, program, ...args], {
    stdio: ["ignore", log, log],
    detached: true,
    env: { PATH: process.env["PATH"] ?? "", ...variables },
  });
  let running = true;
  let open = true;
  let offset = 0;
  let rest = "";
  const exited = new Promise<number | string>((resolve) => {
    const end = (how: number | string): void => {
      running = false;
      resolve(how);
    };
    child.once("error", (error) => end(String(error)));
    child.once("exit", (code, signal) => end(code ?? signal ?? -1));
  });
  void exited.then(() => {
    open = false;
    closeSync(log);
  });
  const kill = (signal: NodeJS.Signals): void => {
    if (running) child.kill(signal);
  };
  scope.defer(`the speaker on ${name}`, async () => {
    kill("SIGKILL");
    await exited;
  });
  return {
    pid: child.pid ?? -1,
    kill,
    exited,
    isRunning: () => running,
    readLog: () => {
      if (!open) return [];
      const octets = Buffer.alloc(Math.max(0, fstatSync(log).size - offset));
      offset += readSync(log, octets, 0, octets.length, offset);
      const lines = `${rest}${octets.toString("latin1")}`.split("\n");
      rest = lines.pop() ?? "";
      return lines;
    },
    emptyLog: () => {
      if (!open) return;
      ftruncateSync(log);
      offset = 0;
    },
  };
}
