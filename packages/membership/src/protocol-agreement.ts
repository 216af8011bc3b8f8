import type { Versions } from "./versions.ts";

/** A node's versions, and whether it lives: only the living narrow what all must speak. */
export interface Speaker {
  readonly name: string;
  readonly alive: boolean;
  readonly versions: Versions;
}

/** Whether all nodes could speak with one another; otherwise the name of the first that could not. */
export function disagreeing(speakers: readonly Speaker[]): string | null {
  const living = speakers.filter((speaker) => speaker.alive).map((speaker) => speaker.versions);
  const protocolMin = Math.max(0, ...living.map((versions) => versions[0]));
  const protocolMax = Math.min(255, ...living.map((versions) => versions[1]));
  const delegateMin = Math.max(0, ...living.map((versions) => versions[3]));
  const delegateMax = Math.min(255, ...living.map((versions) => versions[4]));
  const odd = speakers.find(
    ({ versions }) =>
      versions[2] < protocolMin || versions[2] > protocolMax || versions[5] < delegateMin || versions[5] > delegateMax,
  );
  return odd?.name ?? null;
}
