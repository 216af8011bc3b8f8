import { readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

/** What a command reads and writes. Every promise rejects with the system's error, whose `code` says why. */
export interface Terminal {
  readonly readFile: (path: string) => Promise<string>;
  readonly readStdin: () => Promise<string>;
  /** Rejects with `EEXIST` when the file is there, unless it may be overwritten. */
  readonly writeFile: (path: string, text: string, mayOverwrite: boolean) => Promise<void>;
  readonly out: (text: string) => void;
  readonly error: (line: string) => void;
}

/** The process's own. */
export const processTerminal: Terminal = {
  readFile: (path) => readFile(path, "utf8"),
  readStdin: () => text(process.stdin),
  writeFile: (path, content, mayOverwrite) => writeFile(path, content, { flag: mayOverwrite ? "w" : "wx" }),
  out: (content) => void process.stdout.write(content),
  error: (line) => void process.stderr.write(`${line}\n`),
};
