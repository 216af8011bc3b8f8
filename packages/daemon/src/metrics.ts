import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";

/** The metrics that both daemons have, MetalLB's under MetalLB's names. */
export interface Metrics {
  readonly registry: Registry;
  readonly apiRequests: Counter<"method" | "status">;
  readonly updates: Counter;
  readonly updateErrors: Counter;
  readonly configLoaded: Gauge;
  readonly configStale: Gauge;
  /** Produces the text of `/metrics`. */
  readonly exposition: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/**
 * The interval of prom-client's monitor of the event loop, in milliseconds. Each interval wakes the process: a hundred times a second with
 * prom-client's own default of 10.
 */
const EVENT_LOOP_INTERVAL = 1_000;
/** The monitor's figures hold its interval, so that they tell nothing of a lag; `nodejs_eventloop_lag_seconds` is measured by each scrape. */
const EVENT_LOOP_FIGURES = ["min", "max", "mean", "stddev", "p50", "p90", "p99"];

/** Registers the common metrics on a registry of their own. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_INTERVAL });
  for (const figure of EVENT_LOOP_FIGURES) registry.removeSingleMetric(`nodejs_eventloop_lag_${figure}_seconds`);
  const registers = [registry];
  return {
    registry,
    apiRequests: new Counter({
      name: "herald_api_requests_total",
      help: "Requests to the API server, by method and HTTP status; status 0 without an answer.",
      labelNames: ["method", "status"],
      registers,
    }),
    updates: new Counter({
      name: "metallb_k8s_client_updates_total",
      help: "Writes sent to the API server.",
      registers,
    }),
    updateErrors: new Counter({
      name: "metallb_k8s_client_update_errors_total",
      help: "Writes that the API server did not accept.",
      registers,
    }),
    configLoaded: new Gauge({
      name: "metallb_k8s_client_config_loaded_bool",
      help: "1 once the configuration has been read.",
      registers,
    }),
    configStale: new Gauge({
      name: "metallb_k8s_client_config_stale_bool",
      help: "1 while a configuration object is rejected; the other objects take effect all the same.",
      registers,
    }),
    exposition: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
