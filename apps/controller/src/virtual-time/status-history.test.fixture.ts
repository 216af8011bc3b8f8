import type { Written } from "@herald-lb/k8s-glue/testing";
import type { Instant } from "@herald-lb/sansio";

/** A Service that lost an address it had, for another or for none. */
export interface Move {
  readonly at: Instant;
  readonly service: string;
  readonly from: string;
}

/** A Service that was given an address. */
export interface Gain {
  readonly at: Instant;
  readonly service: string;
  readonly address: string;
}

/** An address that two Services held. */
export interface Double {
  readonly address: string;
  readonly services: readonly string[];
  readonly since: Instant;
  /** Milliseconds. */
  readonly lasted: number;
}

/** The addresses in the statuses of Services, write by write. */
export class StatusHistory {
  readonly moves: Move[] = [];
  readonly gains: Gain[] = [];
  readonly doubles: Double[] = [];
  /** The address that each Service holds, the last one written at the end. */
  readonly held: Map<string, string> = new Map();
  /** The number of writes that changed the status of each Service. */
  readonly writes: Map<string, number> = new Map();
  readonly #holders = new Map<string, Set<string>>();
  readonly #since = new Map<string, Instant>();
  readonly #now: () => Instant;

  constructor(now: () => Instant) {
    this.#now = now;
  }

  /** Takes one write of a Service. */
  note({ type, object }: Written): void {
    const service = object.metadata?.name ?? "";
    const at = this.#now();
    const { status } = object as ServiceStatus;
    const before = this.held.get(service) ?? "";
    const now = type === "DELETED" ? "" : (status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip).join(" ");
    if (now === before) return;
    if (type !== "DELETED") this.writes.set(service, (this.writes.get(service) ?? 0) + 1);
    if (before !== "") this.#lose(service, before);
    if (before !== "" && type !== "DELETED") this.moves.push({ at, service, from: before });
    if (now === "") return;
    this.gains.push({ at, service, address: now });
    this.held.set(service, now);
    const holders = this.#holders.get(now) ?? new Set();
    this.#holders.set(now, holders.add(service));
    if (holders.size === 2) this.#since.set(now, at);
  }

  /** The addresses that are held twice now. */
  get doubled(): readonly string[] {
    return [...this.#since.keys()];
  }

  /** The Services that hold an address now. */
  holdersOf(address: string): readonly string[] {
    return [...(this.#holders.get(address) ?? [])];
  }

  #lose(service: string, address: string): void {
    const services = this.holdersOf(address);
    this.held.delete(service);
    this.#holders.get(address)?.delete(service);
    if (services.length !== 2) return;
    const since = this.#since.get(address) as Instant;
    this.#since.delete(address);
    this.doubles.push({ address, services, since, lasted: this.#now() - since });
  }
}

interface ServiceStatus {
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip: string }[] } };
}
