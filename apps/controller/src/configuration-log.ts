import type { Logger } from "@herald-lb/daemon";
import type { Configuration } from "@herald-lb/k8s-glue/metallb";
import type { ControllerMetrics } from "./metrics.ts";

/** Reports each reading of the configuration in the log and in the metrics. An issue that the log has already is not logged again. */
export class ConfigurationLog {
  readonly #log: Logger;
  readonly #metrics: Pick<ControllerMetrics, "configLoaded" | "configStale">;
  #logged: ReadonlySet<string> = new Set();

  constructor(log: Logger, metrics: Pick<ControllerMetrics, "configLoaded" | "configStale">) {
    this.#log = log;
    this.#metrics = metrics;
  }

  /** Reports one reading. */
  report({ issues, pools }: Pick<Configuration, "issues" | "pools">): void {
    this.#metrics.configLoaded.set(1);
    this.#metrics.configStale.set(issues.some(({ effect }) => effect === "Rejected") ? 1 : 0);
    const present = new Set<string>();
    for (const { object, path, code, effect, message } of issues) {
      const facts = { kind: object.kind, name: object.name, path, code };
      const issue = JSON.stringify([facts, message]);
      present.add(issue);
      if (!this.#logged.has(issue)) this.#log[effect === "Noted" ? "info" : "warn"](facts, message);
    }
    this.#logged = present;
    this.#log.info({ pools: pools.map(({ pool }) => pool.name), issues: issues.length }, "configuration read");
  }
}
