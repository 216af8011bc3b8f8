/**
 * Who gave which address back and when, kept beyond a term: a new leader then knows what cools down and whose place it keeps. It is one
 * ConfigMap, written together with other changes and only where a pool goes by it. Instants of this process mean nothing to the next, so
 * that wall-clock time is written; a clock that was set back makes a release as recent as now, never later.
 */
import type { Release } from "@herald-lb/allocator";
import type { Logger } from "@herald-lb/daemon";
import { applyObject, type Transport } from "@herald-lb/k8s-glue/client";
import { CONFIG_MAPS, type ConfigMap, objectPath } from "@herald-lb/k8s-glue/objects";
import { type Clock, type Instant, instant, parseIpAddress } from "@herald-lb/sansio";

/** The ConfigMap's name. */
export const RELEASE_CONFIG_MAP = "herald-released-addresses";
const KEY = "partings.json";
/** The newest that are kept. */
const MOST = 8_000;
/** How long the text may become, in octets: an object of the API server holds 1 MiB. */
const LARGEST = 900_000;
/** How often it is asked for what an API server in trouble does not tell at once. */
const ATTEMPTS = 5;
/** How long to wait after a failure, in milliseconds. */
const PAUSE = 1_000;

/** What the memory works with. */
export interface ReleaseConfigMapOptions {
  readonly transport: Transport;
  readonly namespace: string;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly clock: Clock;
  readonly fence: () => boolean;
  readonly log: Logger;
}

/** The ConfigMap of releases. */
export class ReleaseConfigMap {
  readonly #options: ReleaseConfigMapOptions;
  /** The wall-clock time of each release, fixed when it is first written, so that a drifting clock changes nothing. */
  #dated = new Map<string, number>();
  #written: string | null = null;

  constructor(options: ReleaseConfigMapOptions) {
    this.#options = options;
  }

  /** What was written before this term; nothing where it cannot be read. */
  async read(): Promise<readonly Release[]> {
    const { wallClock, clock, log } = this.#options;
    const found = await this.#find();
    if (found === null) return [];
    this.#written = found.data?.[KEY] ?? null;
    const dated = parseReleases(this.#written ?? "[]");
    if (dated === null) {
      log.warn({ configMap: RELEASE_CONFIG_MAP }, "released addresses are not legible, and are begun anew");
      return [];
    }
    const wallTime = wallClock();
    const instantOf = (at: number): Instant => instant(clock.now() - Math.max(0, wallTime - at));
    const releases = dated.map(({ at, ...release }) => ({ ...release, at: instantOf(at) }));
    for (const [index, release] of releases.entries()) this.#dated.set(idOf(release), dated[index]?.at ?? wallTime);
    return releases;
  }

  /** Writes the releases where they differ from what was written last; false when it should be tried again. */
  async write(releases: readonly Release[]): Promise<boolean> {
    const { transport, namespace, fence, log } = this.#options;
    const text = this.#textOf(releases.slice(-MOST));
    if (text === (this.#written ?? "[]")) return true;
    const wanted = { metadata: { namespace, name: RELEASE_CONFIG_MAP }, data: { [KEY]: text } };
    const answer = await applyObject(transport, CONFIG_MAPS, wanted, {
      fieldManager: "herald-controller",
      guard: fence,
    });
    const code = answer.ok ? null : answer.error.code;
    // Without the right to, trying again would only hold up what is written beside it.
    if (code === null || code === "Forbidden") this.#written = text;
    if (code !== null && code !== "Fenced") log.warn({ code }, "released addresses not written");
    return code === null || code === "Fenced" || code === "Forbidden";
  }

  /** The ConfigMap; null where there is none, or none to be had. A term begins when another ended, often for want of an API server. */
  async #find(): Promise<ConfigMap | null> {
    const { transport, namespace, clock, fence, log } = this.#options;
    const path = objectPath(CONFIG_MAPS, { namespace, name: RELEASE_CONFIG_MAP });
    for (let attempt = 1; ; attempt++) {
      const found = await transport.request<ConfigMap>({ method: "GET", path });
      if (found.ok) return found.value;
      const { code } = found.error;
      if (code === "NotFound") return null;
      log.warn({ code, attempt }, "released addresses not read");
      if (code === "Forbidden" || attempt === ATTEMPTS || !fence()) return null;
      await new Promise<void>((resolve) => clock.wakeAt(instant(clock.now() + PAUSE), resolve));
    }
  }

  #textOf(releases: readonly Release[]): string {
    const { wallClock, clock } = this.#options;
    const dated = new Map<string, number>();
    for (const release of releases) {
      const id = idOf(release);
      dated.set(id, this.#dated.get(id) ?? Math.round(wallClock() - (clock.now() - release.at)));
    }
    this.#dated = dated;
    const rows = releases.map((release) =>
      JSON.stringify([release.address, release.service, dated.get(idOf(release))]),
    );
    let from = rows.length;
    for (let length = 2; from > 0; from--) {
      length += (rows[from - 1] as string).length + 1;
      if (length > LARGEST) break;
    }
    return `[${rows.slice(from).join(",")}]`;
  }
}

function idOf({ address, service, at }: Release): string {
  return `${address} ${service} ${at}`;
}

interface DatedRelease extends Omit<Release, "at"> {
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Reads the ConfigMap's text; null when it is none of ours. */
function parseReleases(text: string): readonly DatedRelease[] | null {
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(rows)) return null;
  const releases: DatedRelease[] = [];
  for (const row of rows as readonly unknown[]) {
    if (!Array.isArray(row)) return null;
    const [address, service, at] = row as readonly unknown[];
    const parsed = typeof address === "string" ? parseIpAddress(address) : null;
    if (parsed?.ok !== true || typeof service !== "string" || typeof at !== "number") return null;
    releases.push({ address: parsed.value, service, at });
  }
  return releases;
}
