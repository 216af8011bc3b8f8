import { spawn } from "node:child_process";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

/** A program that runs until it is stopped. */
export interface Daemon {
  readonly name: string;
  readonly pid: number;
  /** Everything it printed, both streams. */
  readonly output: () => string;
  /** Its exit code, or the name of the signal that ended it. */
  readonly exited: Promise<number | string>;
  /** Writes a line to its standard input; throws where it was started without one. */
  readonly tell: (line: string) => void;
  /** Sends a signal (SIGTERM unless told) and waits for the end; SIGKILL follows after `graceMs`. */
  readonly stop: (signal?: NodeJS.Signals, graceMs?: number) => Promise<void>;
}

/** One daemon to start. */
export interface DaemonOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The network namespace to run in; the present one when left out. */
  readonly namespace?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** True for a program that is told things on its standard input, which is empty otherwise. */
  readonly input?: boolean;
}

/**
 * Everything a lab made, so that all of it goes again: namespaces, processes, folders, in the reverse order of their making; processes
 * started one after the other are stopped together. What fails to go is told and does not keep the rest.
 */
export class Scope {
  /** A folder for sockets, logs and configuration, removed at the end. */
  readonly folder: string;
  readonly #undo: Undo[] = [];
  #closing: Promise<void> | null = null;

  constructor() {
    // The process id tells a later lab whose folder it is.
    this.folder = mkdtempSync(join(tmpdir(), `herald-lab-${process.pid}-`));
    this.defer("the lab's folder", () => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** Has `undo` run when the scope closes. Throws once the scope closes: nothing more is to be made then. */
  defer(what: string, undo: () => Promise<void> | void): void {
    this.#assertOpen();
    this.#undo.push({ what, undo, program: false });
  }

  /** Starts a program that is stopped when the scope closes. */
  spawn(options: DaemonOptions): Daemon {
    this.#assertOpen();
    const prefix = options.namespace === undefined ? [] : ["ip", "netns", "exec", options.namespace];
    const [command = "", ...args] = [...prefix, options.command, ...options.args];
    const child = spawn(command, args, {
      env: { ...process.env, ...options.env },
      stdio: [options.input === true ? "pipe" : "ignore", "pipe", "pipe"],
      // A terminal's Ctrl-C is for the lab alone, which ends its programs in its own order.
      detached: options.namespace !== undefined,
    });
    const log = createWriteStream(join(this.folder, `${options.name}.log`), { flags: "a" });
    // The folder may be gone by the time a program that was just started is stopped.
    log.on("error", () => {});
    const chunks: string[] = [];
    const keep = (chunk: Buffer): void => {
      chunks.push(chunk.toString("utf8"));
      log.write(chunk);
    };
    // A program that has ended reads nothing: what is awaited of it tells.
    child.stdin?.on("error", () => {});
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    let ended = false;
    const exited = new Promise<number | string>((resolve) => {
      child.once("error", (error) => {
        chunks.push(String(error));
        ended = true;
        resolve(-1);
      });
      child.once("exit", (code, signal) => {
        ended = true;
        log.end();
        resolve(code ?? signal ?? -1);
      });
    });
    const stop = async (signal: NodeJS.Signals = "SIGTERM", graceMs = 5_000): Promise<void> => {
      if (ended) return;
      child.kill(signal);
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await exited;
      clearTimeout(timer);
    };
    this.#undo.push({ what: options.name, undo: stop, program: true });
    const tell = (line: string): void => {
      if (child.stdin === null) throw new Error(`${options.name} was started without an input`);
      child.stdin.write(`${line}\n`);
    };
    return { name: options.name, pid: child.pid ?? -1, output: () => chunks.join(""), exited, tell, stop };
  }

  /** Takes everything down. Safe to call again: it waits for the first call. */
  close(): Promise<void> {
    this.#closing ??= this.#takeDown();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #assertOpen(): void {
    if (this.#closing !== null) throw new Error("the lab is being taken down");
  }

  async #takeDown(): Promise<void> {
    for (let entry = this.#undo.pop(); entry !== undefined; entry = this.#undo.pop()) {
      const together = [entry];
      while (entry.program && this.#undo.at(-1)?.program === true) together.push(...this.#undo.splice(-1));
      await Promise.all(together.map(takeDown));
    }
  }
}

/** The removal of one thing. */
interface Undo {
  readonly what: string;
  readonly undo: () => Promise<void> | void;
  /** True for what waits for a process to end. */
  readonly program: boolean;
}

async function takeDown({ what, undo }: Undo): Promise<void> {
  try {
    await undo();
  } catch (error) {
    process.stderr.write(`lab: could not take down ${what}: ${String(error)}\n`);
  }
}

/** Runs a program to its end and returns what it printed on standard output; a failure throws with what it said. */
export async function run(command: string, args: readonly string[], input?: string): Promise<string> {
  const result = await execa(command, args, {
    ...(input === undefined ? {} : { input }),
    reject: false,
    // As the scope's programs: a terminal's Ctrl-C does not cut short what takes the lab down.
    detached: true,
    stripFinalNewline: false,
  });
  if (result.failed) {
    throw new Error(
      `${command} ${args.join(" ")}: ${result.stderr === "" ? (result.shortMessage ?? "failed") : result.stderr}`,
    );
  }
  return result.stdout;
}
