import type { Logger } from "@herald-lb/daemon";
import type { RouteReport } from "@herald-lb/k8s-glue/announce";
import { deepEqual } from "@herald-lb/sansio";

const NOTHING: RouteReport = {};

/** The reports on the routes of Services, of those Services of which there is something to tell; what has no effect is logged. */
export class RouteReports {
  readonly #log: Logger;
  readonly #byService = new Map<string, RouteReport>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** The report on a Service. */
  get(key: string): RouteReport {
    return this.#byService.get(key) ?? NOTHING;
  }

  /** Keeps the report on a Service; true where it is another than before. */
  set(key: string, report: RouteReport): boolean {
    if (deepEqual(this.get(key), report)) return false;
    if (Object.keys(report).length === 0) this.#byService.delete(key);
    else this.#byService.set(key, report);
    const { refused = [], conflictingAdvertisements = [] } = report;
    if (refused.length > 0) {
      const text =
        "values in annotations have no effect: no BGPAdvertisement of the Service allows them in serviceOverrides";
      this.#log.warn({ service: key, refused }, text);
    }
    if (conflictingAdvertisements.length > 0)
      this.#log.warn({ service: key, conflictingAdvertisements }, "BGPAdvertisements are not used for the Service");
    return true;
  }
}
