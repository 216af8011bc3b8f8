import type { IpAddress } from "@herald-lb/sansio";
import { announcedService, type Cluster, createCluster, startSpeaker } from "./cluster.test.fixture.ts";
import type { FromWorker } from "../worker/protocol.ts";

/** The key of the route to 198.51.100.`last` at a router. */
export function hex(last: number): string {
  return `4 c63364${last.toString(16).padStart(2, "0")}/32`;
}

/** A cluster whose speaker has announced these Services, name and address, and of which everything has been looked at. */
export async function announcingCluster(services: Readonly<Record<string, string>>): Promise<Cluster> {
  const cluster = createCluster();
  for (const [name, address] of Object.entries(services)) announcedService(cluster, name, address);
  await startSpeaker(cluster);
  cluster.takeTold();
  cluster.takeWrites();
  return cluster;
}

/** The worker's message that it announces an address. */
export function announcing(key: string, address: string): FromWorker {
  return {
    type: "Announcing",
    key,
    addresses: [address as IpAddress],
    interfaces: null,
    cause: { reason: "Started", previous: null },
  };
}

/** The writes since the last look, without the beginning of their paths. */
export function writesOf(cluster: Cluster): readonly string[] {
  return cluster.takeWrites().map(({ method, path }) => `${method} ${path.replace(/^.*\/namespaces\/[^/]+\//, "")}`);
}

/** The requests and withdrawals that the worker was told since the last look. */
export function keysTold(cluster: Cluster): readonly string[] {
  return cluster.takeTold().flatMap((message) => {
    if (message.type === "AnnouncementRequested") return [`wants ${message.request.key}`];
    return message.type === "AnnouncementWithdrawn" ? [`without ${message.key}`] : [];
  });
}

/** The number of log lines with a message. */
export function messages(cluster: Cluster, message: string): number {
  return cluster.lines.filter((line) => line.message === message).length;
}
