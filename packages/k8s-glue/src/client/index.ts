/** The client of the API server: credentials, requests and watches, caches, work queues, leader election, writes, Events. */
export { type ApiError, type ApiErrorCode, isUndeclaredField } from "./api-error.ts";
export type { ApiRequest, WatchRequest } from "./api-request.ts";
export {
  applyDifferent,
  applyObject,
  type ApplyOptions,
  applyStatus,
  mergeObject,
  type WriteOptions,
} from "./apply.ts";
export type { Credentials } from "./credential-material.ts";
export { type CredentialsOptions, loadCredentials } from "./credentials.ts";
export type { InvolvedObject, Occurrence } from "./event-correlator.ts";
export { createEventRecorder, type EventRecorder, type EventRecorderOptions } from "./events.ts";
export { createInformer, type Informer, type InformerHandler, type InformerOptions } from "./informer.ts";
export { createTransform, identityFields, type KeptFields } from "./kept-fields.ts";
export { createSharedValues, type SharedValues } from "./shared-values.ts";
export { createLeaseElector, type LeaseElector, type LeaseElectorOptions } from "./lease-elector.ts";
export type { ReflectorFailure } from "./reflector-state.ts";
export { isOlderVersion } from "./resource-version.ts";
export { createStore, type Store, type StoreReader } from "./store.ts";
export { createTransport, type Transport, type TransportOptions } from "./transport.ts";
export { splitLines } from "./watch-stream.ts";
export { createWorkQueue, type ReconcileResult, type WorkQueue, type WorkQueueOptions } from "./worker.ts";
