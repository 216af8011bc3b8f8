import { parseArgs } from "node:util";
import { type ConversionError, convertConfigMap, type Renaming, renderManifests } from "@herald-lb/k8s-glue/metallb";
import { err, ok, type Result } from "@herald-lb/sansio";
import type { Terminal } from "./terminal.ts";

/** The text of `herald migrate --help`. */
export const migrateUsage = `herald migrate: converts MetalLB's old ConfigMap (0.9 to 0.12) into objects of metallb.io

usage: herald migrate [--source FILE] [--output FILE | --stdout] [--only-data] [--namespace NAME] [--force]

  --source FILE      manifest with the ConfigMap, in YAML or JSON, alone, among others or in a List;
                     - reads standard input; default config.yaml
  --output FILE      file for the objects; default resources.yaml
  --stdout           prints the objects on standard output
  --only-data        the source is the text under the ConfigMap's key "config", not a manifest
  --namespace NAME   namespace of the objects; default the ConfigMap's own, else metallb-system
  --force            overwrites the output file

It writes all objects or none. Exit code: 0 written, 1 not written, 2 wrong command line.
`;

interface MigrateOptions {
  readonly source: string;
  /** Null for standard output. */
  readonly output: string | null;
  readonly onlyData: boolean;
  readonly namespace: string | null;
  readonly force: boolean;
}

/** Runs `herald migrate` with its arguments; resolves with the exit code. */
export async function migrate(args: readonly string[], terminal: Terminal): Promise<number> {
  const read = readOptions(args);
  if (!read.ok) {
    terminal.error(`herald migrate: ${read.error}`);
    terminal.error('herald migrate: see "herald migrate --help"');
    return 2;
  }
  if (read.value === "help") {
    terminal.out(migrateUsage);
    return 0;
  }
  const { source, output, onlyData, namespace, force } = read.value;
  const text = await (source === "-" ? terminal.readStdin() : terminal.readFile(source)).then(ok<string>, failure);
  if (!text.ok) {
    terminal.error(`herald migrate: ${source} cannot be read: ${text.error.message}`);
    return 1;
  }
  const conversion = convertConfigMap(text.value, { onlyData, ...(namespace === null ? {} : { namespace }) });
  if (!conversion.ok) {
    const name = source === "-" ? "standard input" : source;
    for (const error of conversion.error) terminal.error(lineOf(name, error));
    const { length } = conversion.error;
    terminal.error(`herald migrate: ${length === 1 ? "1 error" : `${length} errors`}, nothing written`);
    return 1;
  }
  const { objects, renamed } = conversion.value;
  const manifests = renderManifests(objects);
  if (output === null) terminal.out(manifests);
  else {
    const written = await terminal.writeFile(output, manifests, force).then(() => ok(null), failure);
    if (!written.ok) {
      const exists = written.error.code === "EEXIST";
      const why = exists ? "the file exists; --force overwrites it, --output names another one" : written.error.message;
      terminal.error(`herald migrate: ${output} not written: ${why}`);
      return 1;
    }
    terminal.error(`herald migrate: ${objects.length} objects written to ${output}`);
  }
  for (const renaming of renamed) terminal.error(`herald migrate: note: ${noteOf(renaming)}`);
  return 0;
}

function readOptions(args: readonly string[]): Result<MigrateOptions | "help", string> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        source: { type: "string", default: "config.yaml" },
        output: { type: "string" },
        stdout: { type: "boolean", default: false },
        "only-data": { type: "boolean", default: false },
        namespace: { type: "string" },
        force: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return ok("help");
    if (values.stdout && values.output !== undefined) return err("--stdout and --output exclude each other");
    if (values.namespace === "") return err("--namespace is empty");
    return ok({
      source: values.source,
      output: values.stdout ? null : (values.output ?? "resources.yaml"),
      onlyData: values["only-data"],
      namespace: values.namespace ?? null,
      force: values.force,
    });
  } catch (error) {
    // parseArgs throws a TypeError for what it does not know.
    if (error instanceof TypeError) return err(error.message.split("\n", 1)[0] ?? "");
    throw error;
  }
}

/** `config.yaml:12:5: address-pools[0].protocol: what is wrong`. */
function lineOf(source: string, { path, message, line, column }: ConversionError): string {
  const place = line === null ? source : `${source}:${line}:${column ?? 1}`;
  return path === "" ? `${place}: ${message}` : `${place}: ${path}: ${message}`;
}

function noteOf({ kind, from, to }: Renaming): string {
  if (kind === "BFDProfile") return `BFD profile "${from}" is renamed to "${to}", in the peers as well`;
  return `pool "${from}" is renamed to "${to}": change the annotation of Services that name it`;
}

function failure(error: unknown): { readonly ok: false; readonly error: NodeJS.ErrnoException } {
  if (error instanceof Error) return { ok: false, error };
  throw error;
}
