import { collectionPath, type Lease, LEASES, objectPath } from "@herald-lb/k8s-glue/objects";
import { type ApiError, localError } from "./api-error.ts";
import type { LeaseEffect, LeaseEvent } from "./lease-state.ts";
import { microTime } from "./micro-time.ts";
import type { Transport } from "./transport.ts";

/** The Lease, the way to it, and the limits of a request. */
export interface LeaseRequestsOptions {
  readonly transport: Transport;
  readonly namespace: string;
  readonly name: string;
  /** Milliseconds for one request; none is sent again. */
  readonly timeout: number;
  /** Milliseconds since 1970, for the times in the Lease. */
  readonly wallClock: () => number;
  readonly onError: ((error: ApiError) => void) | undefined;
  /** Takes the answers. */
  readonly dispatch: (event: LeaseEvent) => void;
}

/** The requests of an elector; each ends with an event. */
export interface LeaseRequests {
  readonly read: (request: number) => void;
  readonly write: (effect: Extract<LeaseEffect, { type: "WriteLease" }>) => void;
  readonly cancel: (request: number) => void;
}

/** Makes the requests of one elector. */
export function createLeaseRequests(options: LeaseRequestsOptions): LeaseRequests {
  const { transport, namespace, name, timeout, wallClock, onError, dispatch } = options;
  const requests = new Map<number, AbortController>();
  const path = objectPath(LEASES, { namespace, name });

  const fail = (request: number, error: ApiError): void => {
    if (error.code !== "Aborted") onError?.(error);
    dispatch({ type: "RequestFailed", request, error });
  };
  const send = async (
    request: number,
    run: (common: { readonly signal: AbortSignal; readonly timeout: number; readonly retries: 0 }) => Promise<void>,
  ): Promise<void> => {
    const controller = new AbortController();
    requests.set(request, controller);
    await run({ signal: controller.signal, timeout, retries: 0 });
    requests.delete(request);
  };

  return {
    read: (request) =>
      void send(request, async (common) => {
        const answer = await transport.request<Lease>({ method: "GET", path, ...common });
        if (answer.ok) dispatch({ type: "LeaseRead", request, lease: answer.value });
        else if (answer.error.code === "NotFound") dispatch({ type: "LeaseRead", request, lease: null });
        else fail(request, answer.error);
      }),
    write: (effect) =>
      void send(effect.request, async (common) => {
        const { request, base, holderIdentity } = effect;
        const target =
          base === null
            ? { method: "POST" as const, path: collectionPath(LEASES, namespace) }
            : { method: "PUT" as const, path };
        const body = wantedLease(options, effect, microTime(wallClock()));
        const answer = await transport.request<Lease>({ ...target, body, ...common });
        if (!answer.ok) fail(request, answer.error);
        else if (answer.value.spec?.holderIdentity !== undefined || holderIdentity === "")
          dispatch({ type: "LeaseWritten", request, lease: answer.value });
        else fail(request, localError("BadResponse", "", `${target.method} ${path}: the answer is no Lease`));
      }),
    cancel: (request) => requests.get(request)?.abort(),
  };
}

function wantedLease(
  { namespace, name }: Pick<LeaseRequestsOptions, "namespace" | "name">,
  effect: Extract<LeaseEffect, { type: "WriteLease" }>,
  present: string,
): Lease {
  const { base, holderIdentity, leaseDurationSeconds, leaseTransitions, acquired } = effect;
  return {
    ...base,
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { ...base?.metadata, namespace, name },
    spec: {
      ...base?.spec,
      holderIdentity,
      leaseDurationSeconds,
      leaseTransitions,
      renewTime: present,
      ...(acquired ? { acquireTime: present } : {}),
    },
  };
}
