import { parseArgs } from "node:util";
import { err, ok, type Result } from "@herald-lb/sansio";

/** One flag as MetalLB's binaries take it: on the command line, else from the environment, else its default. */
export interface Flag {
  /** Without dashes. */
  readonly name: string;
  readonly type: "string" | "number" | "boolean";
  readonly default: string | number | boolean;
  /** The environment variable that stands in for the flag. */
  readonly environment?: string;
  /** The texts that a string may be; anything when left out. */
  readonly choices?: readonly string[];
  /** What it does, where its name does not say so; for `--help`. */
  readonly help?: string;
  /** Why the flag changes nothing here; logged when somebody sets it. */
  readonly withoutMeaning?: string;
}

/** A flag that could not be read. */
export interface FlagError {
  readonly code: "UnknownFlag" | "NotANumber" | "NotABoolean" | "NotAChoice" | "BadValue" | "StrayArgument";
  readonly flag: string;
  readonly value: string;
  /** What a bad value should have been. */
  readonly because?: string;
}

/** The value of every flag, and what was set although it means nothing here. */
export interface FlagValues {
  readonly text: (name: string) => string;
  readonly number: (name: string) => number;
  readonly isSet: (name: string) => boolean;
  readonly notes: readonly { readonly flag: string; readonly note: string }[];
}

/**
 * Reads a command line as Go's `flag` package does: `-name` and `--name`, `=value` or the next argument, a bare boolean means true.
 * Errors are all of them, not the first.
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
    if (flag.withoutMeaning !== undefined) notes.push({ flag: flag.name, note: flag.withoutMeaning });
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

/** One line a person can act on. */
export function describeFlagError(error: FlagError): string {
  switch (error.code) {
    case "UnknownFlag":
      return `flag --${error.flag}: not known`;
    case "NotANumber":
      return `flag --${error.flag}: ${JSON.stringify(error.value)} is not a whole number`;
    case "NotABoolean":
      return `flag --${error.flag}: ${JSON.stringify(error.value)} is neither true nor false`;
    case "NotAChoice":
      return `flag --${error.flag}: ${JSON.stringify(error.value)} is not ${error.because ?? "one of its values"}`;
    case "BadValue":
      return `flag --${error.flag}: ${JSON.stringify(error.value)}: ${error.because ?? "not a value it takes"}`;
    case "StrayArgument":
      return `argument ${JSON.stringify(error.value)}: not a flag`;
  }
}

/** What `--help` prints: a line a flag, with its environment variable, its default, and what it does not do. */
export function usage(program: string, flags: readonly Flag[]): string {
  const lines = flags.map((flag) => {
    const sources = flag.environment === undefined ? "" : ` (${flag.environment})`;
    const choices = flag.choices === undefined ? "" : ` one of ${flag.choices.join(", ")};`;
    const help = flag.help === undefined ? "" : `; ${flag.help}`;
    const note = flag.withoutMeaning === undefined ? "" : ` without effect: ${flag.withoutMeaning}`;
    return `  --${flag.name}${sources}: ${flag.type},${choices} default ${JSON.stringify(flag.default)}${help}${note}`;
  });
  return `${program}: flags, each with the environment variable that stands in for it\n${lines.join("\n")}\n`;
}

/** Go takes one dash for two, and a boolean without a value for true. */
function normalised(arg: string, byName: ReadonlyMap<string, Flag>): string {
  const match = /^--?([a-z][a-z0-9-]*)(=.*)?$/s.exec(arg);
  if (match === null) return arg;
  const [, name = "", value] = match;
  return `--${name}${value ?? (byName.get(name)?.type === "boolean" ? "=true" : "")}`;
}

function readValue(flag: Flag, value: string): Result<string | number | boolean, FlagError> {
  if (flag.type === "number") {
    return /^-?\d+$/.test(value) ? ok(Number(value)) : err({ code: "NotANumber", flag: flag.name, value });
  }
  if (flag.type === "boolean") {
    if (/^(?:1|t|true)$/i.test(value)) return ok(true);
    return /^(?:0|f|false)$/i.test(value) ? ok(false) : err({ code: "NotABoolean", flag: flag.name, value });
  }
  if (flag.choices !== undefined && !flag.choices.includes(value))
    return err({ code: "NotAChoice", flag: flag.name, value, because: `one of ${(flag.choices ?? []).join(", ")}` });
  return ok(value);
}
