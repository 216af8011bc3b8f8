import { writeSync } from "node:fs";

/** Says a line while no task list owns the terminal. */
export function sayPlainly(line: string): void {
  process.stderr.write(`lab: ${line}\n`);
}

/** Shows the cursor of a terminal, which a task list hides; past that list, which holds back what others write. */
export function showCursor(): void {
  if (!process.stdout.isTTY) return;
  try {
    writeSync(process.stdout.fd, "\u001b[?25h");
  } catch {
    // The terminal is gone.
  }
}
