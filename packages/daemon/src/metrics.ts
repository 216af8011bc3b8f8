import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";

/** The figures that both daemons have, MetalLB's under MetalLB's names. */
export interface Metrics {
  readonly registry: Registry;
  readonly apiRequests: Counter<"method" | "status">;
  readonly updates: Counter;
  readonly updateErrors: Counter;
  readonly configLoaded: Gauge;
  readonly configStale: Gauge;
  /** What `/metrics` answers. */
  readonly exposition: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Makes the common figures on a registry of their own. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    apiRequests: new Counter({
      name: "herald_api_requests_total",
      help: "Requests to the API server, by method and answer; status 0 where none came.",
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
      help: "1 once the configuration was read.",
      registers,
    }),
    configStale: new Gauge({
      name: "metallb_k8s_client_config_stale_bool",
      help: "1 while some configuration object is not accepted; the others are in force all the same.",
      registers,
    }),
    exposition: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
