import type { Logger } from "@herald-lb/daemon";
import { type Transport, withoutManagedFields } from "@herald-lb/k8s-glue/client";
import { collectionPath, type Service, SERVICES } from "@herald-lb/k8s-glue/objects";
import { type Clock, instant } from "@herald-lb/sansio";

/** Services a page, as the reflector lists them. */
const PAGE = 500;
/** How long to wait after a failure, in milliseconds. */
const PAUSE = 1_000;

interface Page {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly Service[] | null;
}

/**
 * Every Service as the API server has it at this moment: a new leader's cache may lag behind what the last one wrote. Asks until it has
 * an answer; null when `wanted` says that nobody needs one any more.
 */
export async function listServices(
  transport: Transport,
  clock: Clock,
  wanted: () => boolean,
  log: Logger,
): Promise<readonly Service[] | null> {
  let services: Service[] = [];
  for (let token = ""; wanted(); ) {
    const query = { limit: PAGE, continue: token === "" ? undefined : token };
    const page = await transport.request<Page>({ method: "GET", path: collectionPath(SERVICES), query });
    if (!page.ok) {
      log.warn({ code: page.error.code, error: page.error.message }, "services not listed, trying again");
      // A token that expired, like any other failure, begins the list anew.
      services = [];
      token = "";
      await new Promise<void>((resolve) => clock.wakeAt(instant(clock.now() + PAUSE), resolve));
      continue;
    }
    services.push(...(page.value.items ?? []).map((service) => withoutManagedFields(service)));
    token = page.value.metadata?.continue ?? "";
    if (token === "") return services;
  }
  return null;
}
