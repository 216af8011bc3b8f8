import { migrate } from "./migrate.ts";
import type { Terminal } from "./terminal.ts";

const usage = `herald: commands for the users of Herald

usage: herald COMMAND [OPTIONS]

  migrate   converts MetalLB's old ConfigMap into objects of metallb.io

"herald COMMAND --help" shows the options of a command.
`;

/** Runs a command line, without the program's own name; resolves with the exit code. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const [command, ...rest] = args;
  if (command === "migrate") return migrate(rest, terminal);
  if (command === "--help" || command === "-h" || command === "help") {
    terminal.out(usage);
    return 0;
  }
  terminal.error(command === undefined ? usage : `herald: no command "${command}"; "herald --help" lists them`);
  return 2;
}
