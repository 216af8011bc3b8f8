import {
  createRouterDiscovery,
  createRouterDiscoveryState,
  decodeRouterAdvertisement,
  encodeRouterAdvertisement,
  encodeRouterSolicitation,
  type RouterDiscoveryEffect,
  type RouterDiscoveryEvent,
  type RouterDiscoveryState,
} from "@herald-lb/bgp-speaker";
import type { RouterDiscoverySocket, SystemError } from "@herald-lb/host";
import {
  type Clock,
  createDriver,
  type Driver,
  type Ipv6Address,
  type MacAddress,
  type Result,
} from "@herald-lb/sansio";
import type { FromWorker } from "./protocol.ts";

/** A socket for router discovery, and the hardware address of its interface; null where it has none. */
export interface RouterDiscoveryLink extends RouterDiscoverySocket {
  readonly hardwareAddress: MacAddress | null;
}

/** The dependencies of router discovery. */
export interface RouterDiscoveryOptions {
  readonly clock: Clock;
  readonly post: (message: Extract<FromWorker, { type: "RouterChanged" }>) => void;
  /** The octets of an advertisement are valid during the call alone. */
  readonly openRouterDiscovery: (
    device: string,
    onAdvertisement: (octets: Uint8Array, source: Ipv6Address) => void,
  ) => Result<RouterDiscoveryLink, SystemError>;
}

/** The routers on the interfaces of unnumbered BGP peers: the machine and its sockets. */
export class RouterDiscovery {
  readonly #options: RouterDiscoveryOptions;
  readonly #driver: Driver<RouterDiscoveryState, RouterDiscoveryEvent>;
  /** Null for an interface whose socket is not open. */
  readonly #links = new Map<string, RouterDiscoveryLink | null>();
  readonly #problems = new Map<string, string>();

  constructor(options: RouterDiscoveryOptions) {
    this.#options = options;
    this.#driver = createDriver({
      machine: createRouterDiscovery(),
      initial: createRouterDiscoveryState(),
      perform: (effect) => this.#perform(effect),
      clock: options.clock,
    });
  }

  /** Sets the interfaces on which routers are to be found. */
  desire(interfaces: readonly string[]): void {
    this.#driver.dispatch({ type: "InterfacesWanted", interfaces });
  }

  /** Closes every socket. */
  close(): void {
    this.#driver.stop();
    for (const link of this.#links.values()) link?.close();
    this.#links.clear();
  }

  #perform(effect: RouterDiscoveryEffect): void {
    const { interface: name } = effect;
    switch (effect.type) {
      case "Listen":
        this.#links.set(name, null);
        return;
      case "StopListening":
        this.#links.get(name)?.close();
        this.#links.delete(name);
        this.#problems.delete(name);
        return;
      case "SendRouterSolicitation":
        this.#send(name, "routers");
        return;
      case "SendRouterAdvertisement":
        this.#send(name, "nodes");
        return;
      case "RouterChanged":
        this.#options.post({ type: "RouterChanged", interface: name, address: effect.address, problem: null });
    }
  }

  /** The machine sends again and again, so what fails now, as before the interface exists or has its address, is made up for. */
  #send(name: string, to: "nodes" | "routers"): void {
    const opened = this.#open(name);
    if (!opened.ok) {
      this.#report(name, opened.error);
      return;
    }
    const { hardwareAddress } = opened.value;
    const octets =
      to === "nodes" ? encodeRouterAdvertisement(hardwareAddress) : encodeRouterSolicitation(hardwareAddress);
    const sent = opened.value.send(octets, to);
    this.#report(name, sent.ok ? null : sent.error);
    if (sent.ok || (sent.error.code !== "ENODEV" && sent.error.code !== "ENXIO")) return;
    // The interface is gone: one of the same name would not be heard by this socket.
    opened.value.close();
    this.#links.set(name, null);
  }

  #open(name: string): Result<RouterDiscoveryLink, SystemError> {
    const link = this.#links.get(name) ?? null;
    if (link !== null) return { ok: true, value: link };
    const opened = this.#options.openRouterDiscovery(name, (octets, source) => this.#receive(name, octets, source));
    if (opened.ok) this.#links.set(name, opened.value);
    return opened;
  }

  #receive(name: string, octets: Uint8Array, source: Ipv6Address): void {
    const advertisement = decodeRouterAdvertisement(octets);
    if (!advertisement.ok) return;
    const { routerLifetime } = advertisement.value;
    this.#driver.dispatch({ type: "RouterAdvertisementReceived", interface: name, source, routerLifetime });
  }

  /** Tells of a problem when it changes: a session that stands does not care, one that waits for its router says why. */
  #report(name: string, error: SystemError | null): void {
    const problem = error === null ? null : `${error.syscall}: ${error.code}`;
    if ((this.#problems.get(name) ?? null) === problem) return;
    if (problem === null) this.#problems.delete(name);
    else this.#problems.set(name, problem);
    const address = this.#driver.state.get(name)?.router ?? null;
    this.#options.post({ type: "RouterChanged", interface: name, address, problem });
  }
}
