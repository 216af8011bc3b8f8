import { migrate } from "./migrate.ts";
import type { Terminal } from "./terminal.ts";

const usage = `herald: what users of Herald do from a command line

usage: herald COMMAND [OPTIONS]

  migrate   turns MetalLB's old ConfigMap into the objects that say the same

"herald COMMAND --help" says more.
`;

/** Runs the command line `args`, without the program's own name; resolves with the exit code. */
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
