import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { run, type Scope } from "@herald-lb/lab";

const root = resolve(import.meta.dirname, "../../..");

/** The two programs that have an image. */
export type App = "controller" | "speaker";
/** A processor that images are built for. */
export type Processor = "amd64" | "arm64";

/** The start configuration of an image. */
export interface ImageConfig {
  readonly architecture: string;
  readonly config: { readonly User: string; readonly Env: readonly string[]; readonly Entrypoint: readonly string[] };
}

/** Builds images with buildah in a store of its own, which goes with the scope. */
export class ImageStore {
  readonly #scope: Scope;
  readonly #folder: string;
  readonly #context: string;

  constructor(scope: Scope) {
    this.#scope = scope;
    this.#folder = join(scope.folder, "images");
    this.#context = join(scope.folder, "context");
    mkdirSync(this.#folder);
    scope.defer("the images", async () => {
      await this.#buildah(["unmount", "--all"]);
      await this.#buildah(["rm", "--all"]);
      await this.#buildah(["rmi", "--all", "--force"]);
    });
  }

  /** Lays out the context from the bundles as they are, and makes the local base for `processor`. */
  async prepare(processor: Processor): Promise<void> {
    await script("image-context.ts", this.#context);
    const rootfs = (await script("image-base.ts", processor)).trim();
    const dockerfile = join(this.#scope.folder, "base.Dockerfile");
    writeFileSync(dockerfile, "FROM scratch\nCOPY . /\n");
    await this.#build(processor, ["--file", dockerfile, "--tag", baseOf(processor), rootfs]);
  }

  /** Builds an app's image on the local base; returns its identity. */
  async build(app: App, processor: Processor): Promise<string> {
    const dockerfile = join(this.#context, `${app}.Dockerfile`);
    const base = `BASE=${baseOf(processor)}`;
    const named = ["--build-arg", base, "--file", dockerfile, "--tag", tagOf(app, processor)];
    const printed = await this.#build(processor, [...named, this.#context]);
    return printed.trim().split("\n").at(-1) ?? "";
  }

  /** The configuration of the image. */
  async config(app: App, processor: Processor): Promise<ImageConfig> {
    const { OCIv1 } = JSON.parse(await this.#buildah(["inspect", "--type", "image", tagOf(app, processor)]));
    return OCIv1;
  }

  /** The image's files, in a layer of its own above them. */
  async mount(app: App, processor: Processor): Promise<string> {
    const container = (await this.#buildah(["from", "--pull-never", tagOf(app, processor)])).trim();
    return (await this.#buildah(["mount", container])).trim();
  }

  #build(processor: Processor, args: readonly string[]): Promise<string> {
    const always = ["--isolation", "chroot", "--pull-never", "--timestamp", "0", "--platform", `linux/${processor}`];
    return this.#buildah(["bud", "--quiet", ...always, ...args]);
  }

  #buildah(args: readonly string[]): Promise<string> {
    const store = ["--root", join(this.#folder, "root"), "--runroot", join(this.#folder, "run")];
    return run("buildah", [...store, ...args]);
  }
}

function baseOf(processor: Processor): string {
  return `localhost/herald-base:${processor}`;
}

function tagOf(app: App, processor: Processor): string {
  return `localhost/herald-lb/${app}:${processor}`;
}

function script(name: string, argument: string): Promise<string> {
  return run(join(root, "node_modules/.bin/node"), [join(root, "scripts", name), argument]);
}
