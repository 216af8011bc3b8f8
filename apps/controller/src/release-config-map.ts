/**
 * Who gave which address back and when, kept beyond a term: a new leader then knows what cools down and whose place it keeps. It is one
 * ConfigMap, written together with other changes and only where a pool goes by it. Instants of this process mean nothing to the next, so
 * that wall-clock time is written; a clock that was set back makes a parting as recent as now, never later.
 */
import type { Parting } from "@herald-lb/allocator";
import type { Logger } from "@herald-lb/daemon";
import type { ConfigMap } from "@herald-lb/k8s-glue";
import { applyObject, CONFIG_MAPS, objectPath, type Transport } from "@herald-lb/k8s-glue/client";
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

/** The ConfigMap of partings. */
export class ReleaseConfigMap {
  readonly #options: ReleaseConfigMapOptions;
  /** The wall-clock time of each parting, fixed when it is first written, so that a drifting clock changes nothing. */
  #dated = new Map<string, number>();
  #written: string | null = null;

  constructor(options: ReleaseConfigMapOptions) {
    this.#options = options;
  }

  /** What was written before this term; nothing where it cannot be read. */
  async read(): Promise<readonly Parting[]> {
    const { wallClock, clock, log } = this.#options;
    const found = await this.#find();
    if (found === null) return [];
    this.#written = found.data?.[KEY] ?? null;
    const dated = readPartings(this.#written ?? "[]");
    if (dated === null) {
      log.warn({ configMap: RELEASE_CONFIG_MAP }, "released addresses are not legible, and are begun anew");
      return [];
    }
    const wallTime = wallClock();
    const instantOf = (at: number): Instant => instant(clock.now() - Math.max(0, wallTime - at));
    const partings = dated.map(({ at, ...parting }) => ({ ...parting, at: instantOf(at) }));
    for (const [index, parting] of partings.entries()) this.#dated.set(idOf(parting), dated[index]?.at ?? wallTime);
    return partings;
  }

  /** Writes the partings where they differ from what was written last; false when it should be tried again. */
  async write(partings: readonly Parting[]): Promise<boolean> {
    const { transport, namespace, fence, log } = this.#options;
    const text = this.#textOf(partings.slice(-MOST));
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

  #textOf(partings: readonly Parting[]): string {
    const { wallClock, clock } = this.#options;
    const dated = new Map<string, number>();
    for (const parting of partings) {
      const id = idOf(parting);
      dated.set(id, this.#dated.get(id) ?? Math.round(wallClock() - (clock.now() - parting.at)));
    }
    this.#dated = dated;
    const rows = partings.map((parting) =>
      JSON.stringify([parting.address, parting.service, dated.get(idOf(parting))]),
    );
    let from = rows.length;
    for (let length = 2; from > 0; from--) {
      length += (rows[from - 1] as string).length + 1;
      if (length > LARGEST) break;
    }
    return `[${rows.slice(from).join(",")}]`;
  }
}

function idOf({ address, service, at }: Parting): string {
  return `${address} ${service} ${at}`;
}

interface DatedParting extends Omit<Parting, "at"> {
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Reads the ConfigMap's text; null when it is none of ours. */
function readPartings(text: string): readonly DatedParting[] | null {
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(rows)) return null;
  const partings: DatedParting[] = [];
  for (const row of rows as readonly unknown[]) {
    if (!Array.isArray(row)) return null;
    const [address, service, at] = row as readonly unknown[];
    const parsed = typeof address === "string" ? parseIpAddress(address) : null;
    if (parsed?.ok !== true || typeof service !== "string" || typeof at !== "number") return null;
    partings.push({ address: parsed.value, service, at });
  }
  return partings;
}
