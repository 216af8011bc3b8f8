export { connect, type Connection } from "./connect.ts";
export { CONFIGURATION_KINDS, type ConfigurationWatch, watchConfiguration } from "./configuration-watch.ts";
export { createMetrics, type Metrics } from "./metrics.ts";
export { describeFlagError, type Flag, type FlagError, type FlagValues, readFlags } from "./flags.ts";
export { type Condition, type HealthOptions, serveHealth, serveMetrics } from "./http.ts";
export { type Lifecycle, runUntilSignal } from "./lifecycle.ts";
export { createLog, LOG_LEVELS, type Logger } from "./log.ts";
export { namespaceOf } from "./namespace.ts";
