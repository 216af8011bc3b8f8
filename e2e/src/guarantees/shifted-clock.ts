/**
 * Preloaded into a speaker, in each of its threads: its wall clock is the machine's, moved by the milliseconds that a file holds. The file is
 * read each time, because the thread in `poll(2)` takes no events that could tell it of a change.
 */
import { readFileSync } from "node:fs";

const file = process.env["TEST_CLOCK_FILE"] ?? "";
const MachineDate = Date;

class ShiftedDate extends MachineDate {
  constructor(...args: readonly []) {
    if (args.length === 0) super(ShiftedDate.now());
    else super(...args);
  }

  static override now(): number {
    return MachineDate.now() + Number(readFileSync(file, "utf8"));
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
