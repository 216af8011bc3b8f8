import type { Instant, IpAddress } from "@herald-lb/sansio";
import type { InterfaceIndex } from "../interface.ts";

/** The number of clients that are remembered, over all addresses. */
export const CLIENTS_MAX = 16_384;

/** A client of a shared address: a station, since that has one neighbour entry for it, from any of its own addresses. */
export interface Client {
  readonly address: IpAddress;
  /** Its hardware address as a number of 48 bits. */
  readonly hardwareAddress: number;
  /** The address from which it asked last: an IPv4 address as 32 bits, or an IPv6 address as `ipv6AddressKey` has it. */
  client: number | string;
  /** The bucket of that address. */
  bucket: number;
  /** The interface on which it asked last. */
  on: InterfaceIndex;
  /** When it asked last. */
  askedAt: Instant;
  /** The name of the node that serves it, or that node's hardware address, as a number, where its name is not known yet. */
  server: string | number;
  /** True once it has asked its server alone, so that it is known to have that node's hardware address. */
  isConfirmed: boolean;
}

/** The facts of a client by which it is remembered. */
export type ClientFacts = Omit<Client, "server" | "isConfirmed" | "askedAt">;

/**
 * The clients that have asked for shared addresses. Requests are sent to all, so the tables of all nodes are alike. A client that is confirmed was heard more
 * than once, and is forgotten after all that never were: senders that only ask, however many, drive none of these out.
 */
export interface ClientTable {
  /** By address and hardware address. */
  readonly byAddress: Map<IpAddress, Map<number, Client>>;
  /** Those that have never been confirmed, and the others; the one that asked longest ago first. */
  readonly asked: Set<Client>;
  readonly proven: Set<Client>;
}

/** A table without clients. */
export function createClientTable(): ClientTable {
  return { byAddress: new Map(), asked: new Set(), proven: new Set() };
}

/** The client of an address with a hardware address; undefined where it is not remembered. */
export function findClient(
  { byAddress }: ClientTable,
  { address, hardwareAddress }: Pick<Client, "address" | "hardwareAddress">,
): Client | undefined {
  return byAddress.get(address)?.get(hardwareAddress);
}

/** Remembers a client that is new, with the node that serves it. Returns one to be forgotten, where there are too many now. */
export function addClient({ byAddress, asked, proven }: ClientTable, client: Client): Client | null {
  const others = byAddress.get(client.address) ?? new Map<number, Client>();
  byAddress.set(client.address, others.set(client.hardwareAddress, client));
  asked.add(client);
  if (asked.size + proven.size <= CLIENTS_MAX) return null;
  const [oldest] = proven.size >= CLIENTS_MAX ? proven : asked;
  return oldest ?? null;
}

/** Forgets a client. */
export function removeClient({ byAddress, asked, proven }: ClientTable, client: Client): void {
  asked.delete(client);
  proven.delete(client);
  const others = byAddress.get(client.address);
  others?.delete(client.hardwareAddress);
  if (others?.size === 0) byAddress.delete(client.address);
}

/** Takes note that a client has asked just now: the order of insertion is the order of the last requests. */
export function touchClient({ asked, proven }: ClientTable, client: Client, now: Instant): void {
  client.askedAt = now;
  const home = proven.delete(client) ? proven : asked;
  home.delete(client);
  home.add(client);
}

/** Takes note that a client has asked its server alone. */
export function confirmClient({ asked, proven }: ClientTable, client: Client): void {
  client.isConfirmed = true;
  asked.delete(client);
  proven.add(client);
}

/** The clients of an address, the one that asked last first. */
export function clientsOf({ byAddress }: ClientTable, address: IpAddress): readonly Client[] {
  return [...(byAddress.get(address)?.values() ?? [])].sort((a, b) => b.askedAt - a.askedAt);
}

/** The number of clients that are remembered. */
export function clientCountOf({ asked, proven }: ClientTable): number {
  return asked.size + proven.size;
}
