export { CONFIGURATION_KINDS, type ConfigurationWatch, watchConfiguration } from "./configuration-watch.ts";
export {
  CONFIGURATION_STATES,
  ConfigurationStateWriter,
  type ConfigurationStateWriterOptions,
  type NodeState,
} from "./configuration-state-writer.ts";
export { createMetrics, type Metrics } from "./metrics.ts";
export { describeFlagError, type Flag, type FlagError, type FlagValues, readFlags } from "./flags.ts";
export { CertificateFolder } from "./certificate-folder.ts";
export type { CertificateRequest, KeyPair } from "./certificate-request.ts";
export { makeCertificate } from "./certificates.ts";
export { answer, type HealthCheck, pathOf, type RequestHandler } from "./http.ts";
export { followCluster, type FollowedCluster } from "./followed-cluster.ts";
export { createLog, type Logger } from "./log.ts";
export type { Exposition, Pages } from "./metrics-server.ts";
export { PacedSignal, type SignalPauses } from "./paced-signal.ts";
export { PacedWriter } from "./paced-writer.ts";
export { pause } from "./pause.ts";
export { type DaemonContext, type DaemonDescription, runDaemon, type RunningDaemon } from "./run-daemon.ts";
export { SHARED_FLAGS } from "./shared-flags.ts";
export { serveTls, type TlsServerOptions } from "./tls-server.ts";
export type { TlsSettings } from "./tls-settings.ts";
export { wallTime } from "./wall-time.ts";
