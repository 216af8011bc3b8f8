import {
  createClientShares,
  createResponderState,
  encodeArp,
  encodeEthernet,
  EtherType,
  Operation,
  responder,
  type ResponderState,
} from "@herald-lb/arp-responder";
import {
  BROADCAST_MAC,
  instant,
  type Ipv4Address,
  ipv4FromNumber,
  type MacAddress,
  macFromOctets,
} from "@herald-lb/sansio";

const NODES = ["node-a", "node-b", "node-c", "node-d"];
const ADDRESS = "192.0.2.200" as Ipv4Address;
const OWN = "02:00:5e:00:53:01" as MacAddress;

/** The time of one request in nanoseconds, and the memory of one client in octets. */
export interface TableResult {
  readonly rows: readonly { readonly what: string; readonly nanoseconds: number }[];
  readonly octetsPerClient: number;
  /** The milliseconds of work from the news of a loss until every client was told that this node takes over, and the number of these clients. */
  readonly loss: { readonly milliseconds: number; readonly told: number };
}

/** Measures the responder of one of four nodes with so many clients. Needs `--expose-gc`. */
export function measureTable(clients: number): TableResult {
  const frames = Array.from({ length: clients }, (_, at) => request(at));
  const alone = responderOf(false);
  const shared = responderOf(true);
  const before = heap();
  const first = time(shared, frames);
  const octetsPerClient = (heap() - before) / clients;
  const rows = [
    { what: "one node, each request answered", nanoseconds: repeat(alone, frames) },
    { what: `PerClient, the first request of each of ${clients} clients`, nanoseconds: first },
    { what: "PerClient, a later request, of which one in four is answered", nanoseconds: repeat(shared, frames) },
  ];
  return { rows, octetsPerClient, loss: lose(shared) };
}

function responderOf(isShared: boolean): ResponderState {
  const { state } = responder.step(
    createResponderState(),
    {
      type: "InterfacesChanged",
      interfaces: [{ index: 1, name: "eth0", hardwareAddress: OWN, up: true, carrier: true, linkLocalAddress: null }],
    },
    instant(0),
  );
  return desired(state, isShared ? NODES : null, 0).state;
}

function desired(
  state: ResponderState,
  nodes: readonly string[] | null,
  now: number,
): ReturnType<typeof responder.step> {
  const sharing =
    nodes === null
      ? {}
      : {
          sharing: {
            node: "node-a",
            shares: createClientShares(NODES, nodes),
            rebalance: false,
            joins: new Map<string, number>(),
          },
        };
  const event = {
    type: "AnnouncementDesired",
    key: "web",
    addresses: [ADDRESS],
    interfaces: "all",
    ...sharing,
  } as const;
  return responder.step(state, event, instant(now));
}

/** A request to all of one of many clients, each with addresses of its own. */
function request(at: number): Uint8Array {
  const source = macFromOctets(Uint8Array.of(2, 0, 0x5e, at >> 16, at >> 8, at));
  const payload = encodeArp({
    operation: Operation.Request,
    senderHardwareAddress: source,
    senderProtocolAddress: ipv4FromNumber(0x0a00_0000 + at),
    targetHardwareAddress: "00:00:00:00:00:00" as MacAddress,
    targetProtocolAddress: ADDRESS,
  });
  return encodeEthernet({ destination: BROADCAST_MAC, source, etherType: EtherType.Arp, payload });
}

function repeat(state: ResponderState, frames: readonly Uint8Array[]): number {
  const runs = Array.from({ length: 21 }, () => time(state, frames));
  return runs.toSorted((a, b) => a - b)[10] ?? 0;
}

/** Nanoseconds for each of the frames. */
function time(state: ResponderState, frames: readonly Uint8Array[]): number {
  const now = instant(10_000);
  const began = process.hrtime.bigint();
  for (const octets of frames) responder.step(state, { type: "FrameReceived", on: 1, octets }, now);
  return Number(process.hrtime.bigint() - began) / frames.length;
}

function lose(state: ResponderState): TableResult["loss"] {
  const began = process.hrtime.bigint();
  let told = 0;
  const note = (effects: ReturnType<typeof responder.step>["effects"]): void => {
    for (const effect of effects) if (effect.type === "SendFrame") told++;
  };
  note(desired(state, NODES.slice(0, 3), 20_000).effects);
  for (let now = 20_000; state.clients.untold.size > 0; now += 8) note(responder.advance(state, instant(now)).effects);
  return { milliseconds: Number(process.hrtime.bigint() - began) / 1e6, told: Math.ceil(told / 2) };
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
