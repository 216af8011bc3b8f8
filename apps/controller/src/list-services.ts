import { type Logger, pause } from "@herald-lb/daemon";
import type { Transport } from "@herald-lb/k8s-glue/client";
import { collectionPath, type Service, SERVICES } from "@herald-lb/k8s-glue/objects";
import type { Clock } from "@herald-lb/sansio";
import { allocatedServiceTransform } from "./kept-fields.ts";

/** The number of Services in a page, as the reflector lists them. */
const PAGE = 500;
/** The pause after a failure, in milliseconds. */
const PAUSE = 1_000;

interface Page {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly Service[] | null;
}

/**
 * Lists every Service as the API server has it at this moment: the cache of a new leader may lag behind the last writes of the leader
 * before. Asks until it has an answer; null once `isWanted` answers false.
 */
export async function listServices(
  transport: Transport,
  clock: Clock,
  isWanted: () => boolean,
  log: Logger,
): Promise<readonly Service[] | null> {
  let services: Service[] = [];
  for (let token = ""; isWanted(); ) {
    const query = { limit: PAGE, continue: token === "" ? undefined : token };
    const page = await transport.request<Page>({ method: "GET", path: collectionPath(SERVICES), query });
    if (!page.ok) {
      log.warn(
        { code: page.error.code, error: page.error.message },
        "Services not listed, trying again: no address is given out before",
      );
      // A token may have expired: after any failure the list begins again.
      services = [];
      token = "";
      await pause(clock, PAUSE);
      continue;
    }
    services.push(...(page.value.items ?? []).map((service) => allocatedServiceTransform(service)));
    token = page.value.metadata?.continue ?? "";
    if (token === "") return services;
  }
  return null;
}
