import { readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

/** The files and streams of a command. Every promise rejects with the system's error, whose `code` names the cause. */
export interface Terminal {
  readonly readFile: (path: string) => Promise<string>;
  readonly readStdin: () => Promise<string>;
  /** Writes a file; rejects with `EEXIST` when it exists and may not be overwritten. */
  readonly writeFile: (path: string, text: string, mayOverwrite: boolean) => Promise<void>;
  readonly out: (text: string) => void;
  readonly error: (line: string) => void;
}

/** The files and streams of this process. */
export const processTerminal: Terminal = {
  readFile: (path) => readFile(path, "utf8"),
  readStdin: () => text(process.stdin),
  writeFile: (path, content, mayOverwrite) => writeFile(path, content, { flag: mayOverwrite ? "w" : "wx" }),
  out: (content) => void process.stdout.write(content),
  error: (line) => void process.stderr.write(`${line}\n`),
};
