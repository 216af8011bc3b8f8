import type { IpAddress } from "@herald-lb/sansio";

/** The name of the session with a dynamic neighbor: the configured name of its range, a space, its address. */
export function sessionName(range: string, address: IpAddress): string {
  return `${range} ${address}`;
}

/** The name in the configuration that a session belongs to: its own, or the name of its range. Routes name their peers by it. */
export function configuredNameOf(session: string): string {
  const at = session.indexOf(" ");
  return at < 0 ? session : session.slice(0, at);
}
