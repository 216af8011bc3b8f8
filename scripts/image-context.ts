/**
 * Lays out what the Dockerfiles of deploy/ build from: the bundles that `pnpm build` made, and for the speaker koffi with its library
 * for each processor. `node scripts/image-context.ts FOLDER`
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { npmPackage } from "./npm-package.ts";

const root = resolve(import.meta.dirname, "..");
const [destination] = process.argv.slice(2);
if (destination === undefined) throw new Error("usage: image-context.ts FOLDER");
const context = resolve(destination);

/** The files that each app's image begins with; what they load comes with them, source maps stay outside. */
const BUNDLES: Readonly<Record<string, readonly string[]>> = {
  controller: ["main.js"],
  speaker: ["main.js", "worker.js"],
};
/** The files that koffi's ES module loads; the rest is its C++ source and documentation. */
const KOFFI = ["package.json", "LICENSE.txt", "index.js", "src/koffi/index.js", "src/koffi/src/static.js"];
/** The processors of the images, by their names in images and in npm. */
const PROCESSORS = { amd64: "x64", arm64: "arm64" };

function place(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, dereference: true });
}

/** The files and every part of the bundle that they name, and that those name. */
function withParts(bundle: string, files: readonly string[]): ReadonlySet<string> {
  const found = new Set(files);
  for (const file of found) {
    const path = join(bundle, file);
    if (!existsSync(path)) throw new Error(`${path} is missing: run pnpm build first`);
    for (const [, part = ""] of readFileSync(path, "utf8").matchAll(/"\.\/(part-[\w.-]+\.js)"/g)) found.add(part);
  }
  return found;
}

// The images' users are others than who builds them.
process.umask(0o022);
rmSync(context, { recursive: true, force: true });
for (const [app, files] of Object.entries(BUNDLES)) {
  const bundle = join(root, "apps", app, "bundle");
  for (const file of withParts(bundle, files)) place(join(bundle, file), join(context, app, file));
  writeFileSync(join(context, app, "package.json"), '{ "type": "module" }\n');
  place(join(root, "deploy", `${app}.Dockerfile`), join(context, `${app}.Dockerfile`));
}
for (const [processor, npmName] of Object.entries(PROCESSORS)) {
  const modules = join(context, "koffi", processor, "node_modules");
  for (const file of KOFFI) place(join(npmPackage("koffi"), file), join(modules, "koffi", file));
  const native = `@koromix/koffi-linux-${npmName}`;
  place(npmPackage(native), join(modules, native));
}
process.stdout.write(`${context}\n`);
