/**
 * The releases of addresses, stored in a ConfigMap: a new leader then knows which addresses still cool down, and which Service gets an
 * address back. The ConfigMap is written together with other changes, and only where a pool keeps releases. An instant has no meaning in
 * another process, so that wall-clock time is written; where a clock was set back, a release counts as made now, never later.
 */
import type { Release } from "@herald-lb/allocator";
import { type Logger, pause } from "@herald-lb/daemon";
import { applyObject, type Transport } from "@herald-lb/k8s-glue/client";
import { CONFIG_MAPS, type ConfigMap, objectPath } from "@herald-lb/k8s-glue/objects";
import { type Clock, type Instant, instant, parseIpAddress } from "@herald-lb/sansio";

/** The name of the ConfigMap. */
export const RELEASE_CONFIG_MAP = "herald-released-addresses";
const KEY = "releases.json";
/** The number of releases that are stored, the newest. */
const MAX_RELEASES = 8_000;
/** The longest text that is stored, in octets: the API server limits an object to 1 MiB. */
const MAX_LENGTH = 900_000;
/** The number of attempts to read the ConfigMap from an API server that does not answer. */
const ATTEMPTS = 5;
/** The pause after a failure, in milliseconds. */
const PAUSE = 1_000;

/** The parts that reading and writing work with. */
export interface ReleaseConfigMapOptions {
  readonly transport: Transport;
  readonly namespace: string;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly clock: Clock;
  readonly fence: () => boolean;
  readonly log: Logger;
}

/** Reads and writes the ConfigMap of releases. */
export class ReleaseConfigMap {
  readonly #options: ReleaseConfigMapOptions;
  /** The wall-clock time of each release, fixed when it is first written, so that a drifting clock changes nothing. */
  #dated = new Map<string, number>();
  #written: string | null = null;

  constructor(options: ReleaseConfigMapOptions) {
    this.#options = options;
  }

  /** Reads the releases that earlier terms wrote; empty where they cannot be read. */
  async read(): Promise<readonly Release[]> {
    const { namespace, wallClock, clock, log } = this.#options;
    const found = await this.#find();
    if (found === null) return [];
    this.#written = found.data?.[KEY] ?? null;
    const dated = parseReleases(this.#written ?? "[]");
    if (dated === null) {
      log.warn(
        { configMap: `${namespace}/${RELEASE_CONFIG_MAP}`, key: KEY },
        "the ConfigMap of released addresses cannot be parsed: earlier releases are forgotten, and the next write replaces them",
      );
      return [];
    }
    const wallTime = wallClock();
    const instantOf = (at: number): Instant => instant(clock.now() - Math.max(0, wallTime - at));
    const releases = dated.map(({ at, ...release }) => ({ ...release, at: instantOf(at) }));
    for (const [index, release] of releases.entries()) this.#dated.set(idOf(release), dated[index]?.at ?? wallTime);
    return releases;
  }

  /** Writes the releases where they differ from what was written last; false when the write has to be tried again. */
  async write(releases: readonly Release[]): Promise<boolean> {
    const { transport, namespace, fence, log } = this.#options;
    const text = this.#textOf(releases.slice(-MAX_RELEASES));
    if (text === (this.#written ?? "[]")) return true;
    const wanted = { metadata: { namespace, name: RELEASE_CONFIG_MAP }, data: { [KEY]: text } };
    const answer = await applyObject(transport, CONFIG_MAPS, wanted, {
      fieldManager: "herald-controller",
      guard: fence,
    });
    const code = answer.ok ? null : answer.error.code;
    // Without the right to write, another attempt would only delay the other writes.
    if (code === null || code === "Forbidden") this.#written = text;
    if (code !== null && code !== "Fenced")
      log.warn(
        { configMap: `${namespace}/${RELEASE_CONFIG_MAP}`, code },
        "released addresses not written: the next leader will not know which addresses cool down",
      );
    return code === null || code === "Fenced" || code === "Forbidden";
  }

  /** Reads the ConfigMap; null where there is none, or it cannot be read. A term often begins after an outage: failures are retried. */
  async #find(): Promise<ConfigMap | null> {
    const { transport, namespace, clock, fence, log } = this.#options;
    const path = objectPath(CONFIG_MAPS, { namespace, name: RELEASE_CONFIG_MAP });
    for (let attempt = 1; ; attempt++) {
      const found = await transport.request<ConfigMap>({ method: "GET", path });
      if (found.ok) return found.value;
      const { code } = found.error;
      if (code === "NotFound") return null;
      log.warn({ configMap: `${namespace}/${RELEASE_CONFIG_MAP}`, code, attempt }, "released addresses not read");
      if (code === "Forbidden" || attempt === ATTEMPTS || !fence()) return null;
      await pause(clock, PAUSE);
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
      if (length > MAX_LENGTH) break;
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

/** Parses the text of the ConfigMap; null when a controller did not write it. */
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
