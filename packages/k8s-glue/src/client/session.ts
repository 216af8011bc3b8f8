import { type Clock, err, type Instant, ok, type Result } from "@herald-lb/sansio";
import { type ApiError, localError } from "./api-error.ts";
import { type Connections, createConnections } from "./connections.ts";
import type { CredentialMaterial, Credentials } from "./credential-material.ts";

/** The credentials and connections for one attempt. */
export interface Session {
  readonly material: CredentialMaterial;
  readonly connections: Connections;
}

/** The session in use, renewed as credentials age. */
export interface Sessions {
  /** The present session; `refused` reads the credentials anew because the server answered 401. */
  readonly current: (refused: boolean) => Promise<Result<Session, ApiError>>;
  /** Breaks every connection, also those of former sessions. */
  readonly close: () => void;
}

/**
 * Keeps one session: credentials are read again after `lifetime` milliseconds and after a refusal; connections are replaced only
 * when server, trust or client certificate changed. Replaced connections finish their requests and close.
 */
export function createSessions(
  credentials: Credentials,
  options: { readonly clock: Clock; readonly unaryTimeout: number; readonly lifetime: number },
): Sessions {
  const { clock, unaryTimeout, lifetime } = options;
  const open = new Set<Connections>();
  let session: Session | null = null;
  let readAt: Instant | null = null;
  let reading: Promise<Result<Session, ApiError>> | null = null;

  const retire = (connections: Connections): void => {
    const { unary, streams } = connections;
    void Promise.all([unary.close(), streams.close()]).then(() => open.delete(connections));
  };

  const read = async (refused: boolean): Promise<Result<Session, ApiError>> => {
    try {
      const material = await credentials.read(refused);
      readAt = clock.now();
      if (session?.connections.serves(material) === true) {
        session = { material, connections: session.connections };
      } else {
        if (session !== null) retire(session.connections);
        session = { material, connections: createConnections(material, unaryTimeout) };
        open.add(session.connections);
      }
      return ok(session);
    } catch (error) {
      // A file may be under replacement, or a plugin may fail for a moment: the credentials read before may still be valid.
      if (session !== null) return ok(session);
      return err(
        localError(
          "Unreachable",
          "Credentials",
          `credentials: ${error instanceof Error ? error.message : String(error)}`,
        ),
      );
    } finally {
      reading = null;
    }
  };

  return {
    current: (refused) => {
      const fresh = session !== null && readAt !== null && clock.now() - readAt < lifetime;
      if (session !== null && fresh && !refused) return Promise.resolve(ok(session));
      reading ??= read(refused);
      return reading;
    },
    close: () => {
      for (const { unary, streams } of open) {
        unary.destroy();
        streams.destroy();
      }
    },
  };
}
