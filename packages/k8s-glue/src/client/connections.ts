import { type ConnectionPool, createConnectionPool, type PoolOptions } from "./connection-pool.ts";
import type { CredentialMaterial } from "./credential-material.ts";

/** Two pools of connections to one server: one for requests with an end, one for watches, so that neither starves the other. */
export interface Connections {
  readonly unary: ConnectionPool;
  readonly streams: ConnectionPool;
  /** True while these connections may serve the material: same server, same trust, same client certificate. */
  readonly serves: (material: CredentialMaterial) => boolean;
}

/** Requests with an end that are under way at the same time; further ones wait. */
const UNARY_CONNECTIONS = 8;

/** Opens the pools; no connection is made before the first request. `unaryTimeout` is in milliseconds. */
export function createConnections(material: CredentialMaterial, unaryTimeout: number): Connections {
  const { server, ca, cert, key, serverName, insecure } = material;
  const tls: PoolOptions["tls"] = {
    rejectUnauthorized: !insecure,
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
    ...(serverName === null ? {} : { servername: serverName }),
  };
  const common = { server, tls, headersTimeout: unaryTimeout };
  const identity = identityOf(material);
  return {
    unary: createConnectionPool({ ...common, connections: UNARY_CONNECTIONS, bodyTimeout: unaryTimeout }),
    // A quiet watch is silent for a minute between bookmarks: its reader watches for stalls, not the pool.
    streams: createConnectionPool({ ...common, connections: Number.POSITIVE_INFINITY, bodyTimeout: 0 }),
    serves: (other) => identityOf(other) === identity,
  };
}

function identityOf(material: CredentialMaterial): string {
  const { server, ca, cert, key, serverName, insecure } = material;
  return JSON.stringify([server, ca, cert, key, serverName, insecure]);
}
