/** The names of the diagnostics in the order of their numbers, RFC 5880 §4.1. */
const NAMES: readonly string[] = [
  "No Diagnostic",
  "Control Detection Time Expired",
  "Echo Function Failed",
  "Neighbor Signaled Session Down",
  "Forwarding Plane Reset",
  "Path Down",
  "Concatenated Path Down",
  "Administratively Down",
  "Reverse Concatenated Path Down",
];

/** The name of a diagnostic, RFC 5880 §4.1, for people; its number where the RFC reserves it. */
export function diagnosticName(diagnostic: number): string {
  return NAMES[diagnostic] ?? `Diagnostic ${diagnostic}`;
}
