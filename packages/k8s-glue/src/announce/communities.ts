import type { CommunityValue } from "@herald-lb/k8s-glue/metallb";

/** The communities of several advertisements as one sorted list without duplicates: standard communities first, then by number. */
export function uniteCommunities(lists: Iterable<readonly CommunityValue[]>): readonly CommunityValue[] {
  const united = new Map<string, CommunityValue>();
  for (const list of lists) for (const community of list) united.set(formatCommunityValue(community), community);
  return [...united.values()].toSorted(compareCommunities);
}

/** A community as users write it: `65000:100` or `large:1:2:3`. */
export function formatCommunityValue(community: CommunityValue): string {
  if (community.type === "Standard") return `${community.value >>> 16}:${community.value & 0xffff}`;
  const { globalAdministrator, localDataPart1, localDataPart2 } = community;
  return `large:${globalAdministrator}:${localDataPart1}:${localDataPart2}`;
}

function compareCommunities(a: CommunityValue, b: CommunityValue): number {
  if (a.type === "Standard") return b.type === "Standard" ? a.value - b.value : -1;
  if (b.type === "Standard") return 1;
  return (
    a.globalAdministrator - b.globalAdministrator ||
    a.localDataPart1 - b.localDataPart1 ||
    a.localDataPart2 - b.localDataPart2
  );
}
