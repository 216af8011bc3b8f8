export { type ApiServer, type ApiServerOptions, createApiServer } from "./server.ts";
export type { Faults, RequestFault } from "./serving/faults.ts";
export { type Identity, labTokens, type TokenTable } from "./serving/identity.ts";
export type { RequestLog, RequestRecord } from "./serving/request-log.ts";
