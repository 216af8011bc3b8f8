export { MemoryApiServer, type StoredObject, type Written } from "./memory-api-server.ts";
export { type RequestInFlight, VirtualProcess } from "./virtual-process.ts";
