/**
 * What a controller says of its part: that it leads, whom it stands by for, or that it knows of no leader, as before the first and after
 * a term of its own that was lost while the API server was away.
 */
export function leadershipOf(leading: boolean, leader: string | null): string {
  if (leading) return "leading";
  return leader === null ? "standing by, no leader known" : `standing by for ${leader}`;
}
