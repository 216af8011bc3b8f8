/** The ARP packets of an announcement: an ARP Announcement, which is a Request (RFC 5227 §2.3), the same as a Reply, or both. */
export type ArpAnnouncementForm = "Request" | "Reply" | "Both";

/** The way in which an address is announced. */
export interface Cadence {
  /** The milliseconds within which an announced address is announced again after the first announcements; null for never. */
  readonly refreshInterval: number | null;
  readonly form: ArpAnnouncementForm;
}

/** MetalLB's way: some announcements after a takeover, in both forms, and none later. */
export const defaultCadence: Cadence = { refreshInterval: null, form: "Both" };

/** The cadence of an address that several services want, or a service by several advertisements: the shortest interval, every form. */
export function mergeCadences(cadences: Iterable<Cadence>): Cadence {
  let refreshInterval: number | null = null;
  const forms = new Set<ArpAnnouncementForm>();
  for (const cadence of cadences) {
    forms.add(cadence.form);
    if (cadence.refreshInterval !== null)
      refreshInterval = Math.min(refreshInterval ?? Number.POSITIVE_INFINITY, cadence.refreshInterval);
  }
  const [form = "Both"] = forms;
  return { refreshInterval, form: forms.size > 1 ? "Both" : form };
}
