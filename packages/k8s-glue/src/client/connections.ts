import { Agent, type Dispatcher } from "undici";
import type { CredentialMaterial } from "./credential-material.ts";

/** Two pools of connections to one server: one for requests with an end, one for watches, so that neither starves the other. */
export interface Connections {
  readonly unary: Dispatcher;
  readonly streams: Dispatcher;
  /** True while these connections may serve the material: same server, same trust, same client certificate. */
  readonly serves: (material: CredentialMaterial) => boolean;
}

const connectTimeout = 10_000;
const keepAliveInitialDelay = 15_000;

/** Opens the pools; no connection is made before the first request. Timeouts in milliseconds. */
export function createConnections(material: CredentialMaterial, unaryTimeout: number): Connections {
  const connect = {
    timeout: connectTimeout,
    keepAlive: true,
    keepAliveInitialDelay,
    rejectUnauthorized: !material.insecure,
    ...(material.ca === null ? {} : { ca: material.ca }),
    ...(material.cert === null ? {} : { cert: material.cert }),
    ...(material.key === null ? {} : { key: material.key }),
    ...(material.serverName === null ? {} : { servername: material.serverName }),
  };
  const identity = identityOf(material);
  return {
    unary: new Agent({
      connect,
      allowH2: false,
      connections: 8,
      headersTimeout: unaryTimeout,
      bodyTimeout: unaryTimeout,
    }),
    // A quiet watch is silent for a minute between bookmarks: its reader watches for stalls, not the pool.
    streams: new Agent({ connect, allowH2: false, headersTimeout: unaryTimeout, bodyTimeout: 0 }),
    serves: (other) => identityOf(other) === identity,
  };
}

function identityOf(material: CredentialMaterial): string {
  const { server, ca, cert, key, serverName, insecure } = material;
  return JSON.stringify([server, ca, cert, key, serverName, insecure]);
}
