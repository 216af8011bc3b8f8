export { type ApiError, type ApiErrorCode, type Status } from "./api-error.ts";
export { type CredentialMaterial, type Credentials, type CredentialsOptions, loadCredentials } from "./credentials.ts";
export {
  createInformer,
  type Informer,
  type InformerHandler,
  type InformerOptions,
  withoutManagedFields,
} from "./informer.ts";
export { createJitter } from "./jitter.ts";
export { createReflector, stoppedReflector } from "./reflector.ts";
export {
  defaultReflectorConfig,
  type ReflectorConfig,
  type ReflectorEffect,
  type ReflectorEvent,
  type ReflectorState,
  type ReflectorTrouble,
} from "./reflector-state.ts";
export {
  createStore,
  type Indexer,
  type Store,
  type StoreChange,
  type StoreReader,
} from "./store.ts";
export {
  type ApiRequest,
  createTransport,
  type Method,
  type Query,
  type RequestOutcome,
  type Transport,
  type TransportOptions,
  type WatchRequest,
} from "./transport.ts";
export { isOlderVersion } from "./resource-version.ts";
export { readWatchEvent, splitLines, type WatchEvent, type WatchLineError } from "./watch-stream.ts";
export {
  applyDifferent,
  applyObject,
  applyStatus,
  type Applied,
  type ApplyOptions,
  mergeObject,
  type WantedFields,
  type WriteOptions,
} from "./apply.ts";
export { containsFields, type FieldComparison } from "./contains-fields.ts";
export { defaultEventLimits, type EventLimits, type InvolvedObject, type Occurrence } from "./event-correlator.ts";
export { createEventRecorder, type EventRecorder, type EventRecorderOptions } from "./events.ts";
export { createLeaseElector, type LeaseElector, type LeaseElectorOptions } from "./lease-elector.ts";
export { createLeaseMachine, stoppedElector } from "./lease.ts";
export {
  defaultLeaseTimes,
  type LeaseConfig,
  type LeaseEffect,
  type LeaseEvent,
  type LeaseState,
} from "./lease-state.ts";
export { defaultRateLimits, type RateLimits } from "./rate-limiter.ts";
export {
  createWorkQueueMachine,
  emptyWorkQueue,
  type WorkQueueConfig,
  type WorkQueueEffect,
  type WorkQueueEvent,
  type WorkQueueState,
} from "./work-queue.ts";
export { createWorkQueue, type ReconcileResult, type WorkQueue, type WorkQueueOptions } from "./worker.ts";
