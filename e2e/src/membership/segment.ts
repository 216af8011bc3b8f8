import { execFileSync } from "node:child_process";

/** A bridge in a namespace of its own, and a namespace for every host on it. */
export interface Segment {
  /** The namespace of the host with this number, whose address is 192.0.2.N. */
  readonly namespaceOf: (host: number) => string;
  readonly remove: () => void;
}

/** Builds a segment with hosts 1 to `hosts`; the names of its namespaces begin with `prefix`. */
export function createSegment(prefix: string, hosts: number): Segment {
  const ip = (...words: string[]): void => void execFileSync("ip", words, { stdio: "pipe" });
  const hub = `${prefix}hub`;
  const namespaceOf = (host: number): string => `${prefix}${host}`;
  const names = [hub, ...Array.from({ length: hosts }, (_, at) => namespaceOf(at + 1))];
  const remove = (): void => {
    for (const name of names) {
      try {
        ip("netns", "del", name);
      } catch {
        // It was never made, or is gone already.
      }
    }
  };
  remove();
  try {
    for (const name of names) {
      ip("netns", "add", name);
      ip("-n", name, "link", "set", "lo", "up");
    }
    ip("-n", hub, "link", "add", "br0", "type", "bridge");
    ip("-n", hub, "link", "set", "br0", "up");
    for (let host = 1; host <= hosts; host++) {
      const name = namespaceOf(host);
      ip("-n", hub, "link", "add", `p${host}`, "type", "veth", "peer", "name", "eth0", "netns", name);
      ip("-n", hub, "link", "set", `p${host}`, "master", "br0", "up");
      ip("-n", name, "addr", "add", `192.0.2.${host}/24`, "dev", "eth0");
      ip("-n", name, "link", "set", "eth0", "up");
    }
  } catch (error) {
    remove();
    throw error;
  }
  return { namespaceOf, remove };
}
