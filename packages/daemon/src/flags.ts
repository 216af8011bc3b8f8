import { parseArgs } from "node:util";
import { err, ok, type Result } from "@herald-lb/sansio";

/** One flag. Its value is on the command line, else in the environment, else it is the default, as with MetalLB's binaries. */
export interface Flag {
  /** Without dashes. */
  readonly name: string;
  readonly type: "string" | "number" | "boolean";
  readonly default: string | number | boolean;
  /** The environment variable that sets the flag where the command line does not. */
  readonly environment?: string;
  /** The values of a string flag; any value when left out. */
  readonly choices?: readonly string[];
  /** The least and the greatest value of a number; any number when left out. */
  readonly range?: readonly [least: number, greatest: number];
  /** The effect of the flag, for `--help`; left out where the name tells it. */
  readonly help?: string;
  /** The reason why the flag has no effect in Herald; logged when it is set. */
  readonly noEffect?: string;
}

/** An argument that is not a valid flag. */
export interface FlagError {
  readonly code: "UnknownFlag" | "NotANumber" | "NotABoolean" | "NotAChoice" | "BadValue" | "StrayArgument";
  readonly flag: string;
  readonly value: string;
  /** A description of valid values. */
  readonly because?: string;
}

/** The value of every flag, and a note for each flag that was set and has no effect. */
export interface FlagValues {
  readonly text: (name: string) => string;
  readonly number: (name: string) => number;
  readonly isSet: (name: string) => boolean;
  readonly notes: readonly { readonly flag: string; readonly note: string }[];
}

/**
 * Reads a command line as Go's `flag` package does: `-name` and `--name`, `=value` or the next argument, a bare boolean means true.
 * All errors are returned, not only the first.
 */
export function readFlags(
  flags: readonly Flag[],
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Result<FlagValues, readonly FlagError[]> {
  const byName = new Map(flags.map((flag) => [flag.name, flag]));
  const errors: FlagError[] = [];
  const given = new Map<string, string>();
  for (const { environment: variable, name } of flags) {
    const value = variable === undefined ? undefined : environment[variable];
    if (value !== undefined && value !== "") given.set(name, value);
  }
  const { tokens } = parseArgs({
    args: args.map((arg) => normalised(arg, byName)),
    options: Object.fromEntries(flags.map(({ name }) => [name, { type: "string" as const }])),
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === "positional") errors.push({ code: "StrayArgument", flag: "", value: token.value });
    else if (token.kind === "option") {
      if (byName.has(token.name)) given.set(token.name, token.value ?? "");
      else errors.push({ code: "UnknownFlag", flag: token.name, value: token.value ?? "" });
    }
  }
  const values = new Map<string, string | number | boolean>();
  const notes: { flag: string; note: string }[] = [];
  for (const flag of flags) {
    const value = given.get(flag.name);
    if (value === undefined) {
      values.set(flag.name, flag.default);
      continue;
    }
    const read = readValue(flag, value);
    if (read.ok) values.set(flag.name, read.value);
    else errors.push(read.error);
    if (flag.noEffect !== undefined) notes.push({ flag: flag.name, note: flag.noEffect });
  }
  if (errors.length > 0) return err(errors);
  const valueOf = (name: string): string | number | boolean => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`no flag is called ${name}`);
    return value;
  };
  return ok({
    text: (name) => String(valueOf(name)),
    number: (name) => Number(valueOf(name)),
    isSet: (name) => valueOf(name) === true,
    notes,
  });
}

/** Describes an error in one line for the person who wrote the command line. */
export function describeFlagError(error: FlagError): string {
  switch (error.code) {
    case "UnknownFlag":
      return `flag --${error.flag}: unknown flag; --help lists all flags`;
    case "NotANumber":
      return `flag --${error.flag}: ${JSON.stringify(error.value)} is not a whole number`;
    case "NotABoolean":
      return `flag --${error.flag}: ${JSON.stringify(error.value)} is neither true nor false`;
    case "NotAChoice":
      return `flag --${error.flag}: ${JSON.stringify(error.value)} is not ${error.because ?? "one of its values"}`;
    case "BadValue":
      return `flag --${error.flag}: ${JSON.stringify(error.value)}: ${error.because ?? "not a value it takes"}`;
    case "StrayArgument":
      return `argument ${JSON.stringify(error.value)}: not a flag; flags begin with a dash`;
  }
}

/** The text of `--help`: a line for each flag, with its environment variable, values, default and effect. */
export function usage(program: string, flags: readonly Flag[]): string {
  const lines = flags.map((flag) => {
    const sources = flag.environment === undefined ? "" : ` (${flag.environment})`;
    const choices = flag.choices === undefined ? "" : ` one of ${flag.choices.join(", ")};`;
    const range = flag.range === undefined ? "" : ` from ${flag.range.join(" to ")},`;
    const help = flag.help === undefined ? "" : `; ${flag.help}`;
    const note = flag.noEffect === undefined ? "" : `; no effect: ${flag.noEffect}`;
    return `  --${flag.name}${sources}: ${flag.type},${choices}${range} default ${JSON.stringify(flag.default)}${help}${note}`;
  });
  return `${program}: flags; the environment variable in parentheses sets a flag that the command line does not\n${lines.join("\n")}\n`;
}

/** Normalises one argument: Go accepts one dash for two, and reads a boolean without a value as true. */
function normalised(arg: string, byName: ReadonlyMap<string, Flag>): string {
  const match = /^--?([a-z][a-z0-9-]*)(=.*)?$/s.exec(arg);
  if (match === null) return arg;
  const [, name = "", value] = match;
  return `--${name}${value ?? (byName.get(name)?.type === "boolean" ? "=true" : "")}`;
}

function readValue(flag: Flag, value: string): Result<string | number | boolean, FlagError> {
  if (flag.type === "number") {
    if (!/^-?\d+$/.test(value)) return err({ code: "NotANumber", flag: flag.name, value });
    const [least, greatest] = flag.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    if (Number(value) >= least && Number(value) <= greatest) return ok(Number(value));
    return err({ code: "BadValue", flag: flag.name, value, because: `not from ${least} to ${greatest}` });
  }
  if (flag.type === "boolean") {
    if (/^(?:1|t|true)$/i.test(value)) return ok(true);
    return /^(?:0|f|false)$/i.test(value) ? ok(false) : err({ code: "NotABoolean", flag: flag.name, value });
  }
  if (flag.choices !== undefined && !flag.choices.includes(value))
    return err({ code: "NotAChoice", flag: flag.name, value, because: `one of ${(flag.choices ?? []).join(", ")}` });
  return ok(value);
}
