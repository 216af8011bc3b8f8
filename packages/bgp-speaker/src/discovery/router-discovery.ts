import { type Instant, instant, type Ipv6Address, type Machine, type Step } from "@herald-lb/sansio";

/** The pause between two messages on an interface while no router is heard, in milliseconds: RTR_SOLICITATION_INTERVAL of RFC 4861 §10. */
const SEARCH_INTERVAL = 4_000;
/** The pause between two of our Router Advertisements once a router is heard, in milliseconds. */
const ADVERTISEMENT_INTERVAL = 10_000;
/** The least time for which a Router Advertisement holds, in milliseconds: three of the intervals at which routers send them to BGP neighbours. */
const SHORTEST_HOLD = 3 * ADVERTISEMENT_INTERVAL;

/** The input of router discovery. */
export type RouterDiscoveryEvent =
  /** The whole set of interfaces on which routers are to be found. */
  | { readonly type: "InterfacesWanted"; readonly interfaces: readonly string[] }
  | {
      readonly type: "RouterAdvertisementReceived";
      readonly interface: string;
      /** Link-local, RFC 4861 §4.2. */
      readonly source: Ipv6Address;
      /** Seconds. */
      readonly routerLifetime: number;
    };

/** An instruction of router discovery for its host. */
export type RouterDiscoveryEffect =
  | { readonly type: "Listen" | "StopListening"; readonly interface: string }
  /** To all routers of the link. */
  | { readonly type: "SendRouterSolicitation"; readonly interface: string }
  /** To all nodes of the link. */
  | { readonly type: "SendRouterAdvertisement"; readonly interface: string }
  /** The router on an interface is another one; null where none is heard any more. */
  | { readonly type: "RouterChanged"; readonly interface: string; readonly address: Ipv6Address | null };

/** One interface that is searched. */
interface Link {
  /** The router that was heard first of those that are still heard. */
  readonly router: Ipv6Address | null;
  /** Until when each router that was heard counts as there. */
  readonly heard: ReadonlyMap<Ipv6Address, Instant>;
  readonly nextMessage: Instant;
}

/** The routers on every interface that is searched. */
export type RouterDiscoveryState = ReadonlyMap<string, Link>;

/** The number of routers that are remembered of one link; more than one is a segment on which an unnumbered session is a mistake. */
const MAX_ROUTERS = 8;

/**
 * Finds the router at the other end of a link by its Router Advertisements, and lets it find this node by our own: as FRR does for a
 * neighbour that is given by its interface. Of several routers the one that was heard first is kept while it is heard.
 */
export function createRouterDiscovery(): Machine<RouterDiscoveryState, RouterDiscoveryEvent, RouterDiscoveryEffect> {
  return {
    step(state, event, now) {
      return event.type === "InterfacesWanted" ? want(state, event.interfaces, now) : hear(state, event, now);
    },
    advance(state, now) {
      let step: DiscoveryStep = { state, effects: [] };
      for (const [name, link] of state) if (deadlineOf(link) <= now) step = after(step, serve(step.state, name, now));
      return step;
    },
    nextDeadline(state) {
      const deadlines = [...state.values()].map(deadlineOf);
      return deadlines.length === 0 ? null : instant(Math.min(...deadlines));
    },
  };
}

/** No interface is searched. */
export function createRouterDiscoveryState(): RouterDiscoveryState {
  return new Map();
}

type DiscoveryStep = Step<RouterDiscoveryState, RouterDiscoveryEffect>;

function want(state: RouterDiscoveryState, interfaces: readonly string[], now: Instant): DiscoveryStep {
  const wanted = new Set(interfaces);
  const next = new Map<string, Link>();
  const effects: RouterDiscoveryEffect[] = [];
  for (const [name, link] of state) {
    if (wanted.has(name)) next.set(name, link);
    else effects.push({ type: "StopListening", interface: name });
  }
  for (const name of wanted) {
    if (state.has(name)) continue;
    next.set(name, { router: null, heard: new Map(), nextMessage: now });
    effects.push({ type: "Listen", interface: name });
  }
  return { state: next, effects };
}

function hear(
  state: RouterDiscoveryState,
  { interface: name, source, routerLifetime }: Extract<RouterDiscoveryEvent, { type: "RouterAdvertisementReceived" }>,
  now: Instant,
): DiscoveryStep {
  const link = state.get(name);
  if (link === undefined || (link.heard.size >= MAX_ROUTERS && !link.heard.has(source))) return { state, effects: [] };
  const until = instant(now + Math.max(SHORTEST_HOLD, routerLifetime * 1_000));
  const heard = new Map(link.heard).set(source, until);
  return settle(state, name, { ...link, heard }, now);
}

function serve(state: RouterDiscoveryState, name: string, now: Instant): DiscoveryStep {
  const link = state.get(name);
  if (link === undefined) return { state, effects: [] };
  const heard = new Map([...link.heard].filter(([, until]) => until > now));
  const settled = settle(state, name, { ...link, heard }, now);
  const current = settled.state.get(name);
  if (current === undefined || current.nextMessage > now) return settled;
  const isSearching = current.router === null;
  const nextMessage = instant(now + (isSearching ? SEARCH_INTERVAL : ADVERTISEMENT_INTERVAL));
  const effects: RouterDiscoveryEffect[] = [{ type: "SendRouterAdvertisement", interface: name }];
  if (isSearching) effects.unshift({ type: "SendRouterSolicitation", interface: name });
  return after(settled, { state: new Map(settled.state).set(name, { ...current, nextMessage }), effects });
}

/** Keeps the router while it is heard, and takes the next one when it is not. */
function settle(state: RouterDiscoveryState, name: string, link: Link, now: Instant): DiscoveryStep {
  const router =
    link.router !== null && link.heard.has(link.router) ? link.router : ([...link.heard.keys()][0] ?? null);
  // A lost router is searched for at once.
  const nextMessage = router === null && link.router !== null ? now : link.nextMessage;
  const effects: RouterDiscoveryEffect[] =
    router === link.router ? [] : [{ type: "RouterChanged", interface: name, address: router }];
  return { state: new Map(state).set(name, { ...link, router, nextMessage }), effects };
}

function after(before: DiscoveryStep, next: DiscoveryStep): DiscoveryStep {
  return { state: next.state, effects: [...before.effects, ...next.effects] };
}

function deadlineOf({ heard, nextMessage }: Link): Instant {
  return instant(Math.min(nextMessage, ...heard.values()));
}
