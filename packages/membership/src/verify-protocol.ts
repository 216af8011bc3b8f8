import type { Versions } from "./versions.ts";

/** A node's versions, and whether it lives: only the living narrow what all must speak. */
export interface NodeVersions {
  readonly name: string;
  readonly alive: boolean;
  readonly versions: Versions;
}

/** Whether all nodes could speak with one another; otherwise the name of the first that could not. */
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
