import type { Versions } from "./versions.ts";

/** A node's versions. Only live nodes narrow the range that all must support. */
export interface NodeVersions {
  readonly name: string;
  readonly alive: boolean;
  readonly versions: Versions;
}

/** Returns the name of the first node whose versions not all live nodes support; null where all nodes are compatible. */
export function incompatibleNode(nodes: readonly NodeVersions[]): string | null {
  const living = nodes.filter((node) => node.alive).map((node) => node.versions);
  const protocolMin = Math.max(0, ...living.map((versions) => versions[0]));
  const protocolMax = Math.min(255, ...living.map((versions) => versions[1]));
  const delegateMin = Math.max(0, ...living.map((versions) => versions[3]));
  const delegateMax = Math.min(255, ...living.map((versions) => versions[4]));
  const odd = nodes.find(
    ({ versions }) =>
      versions[2] < protocolMin || versions[2] > protocolMax || versions[5] < delegateMin || versions[5] > delegateMax,
  );
  return odd?.name ?? null;
}
