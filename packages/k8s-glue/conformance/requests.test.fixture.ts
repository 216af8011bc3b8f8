import { annotated } from "../src/ipam/service-objects.test.fixture.ts";

/** The annotation that requests addresses. */
export function asks(addresses: string): Readonly<Record<string, string>> {
  return annotated("loadBalancerIPs", addresses);
}

/** The annotation that requests a pool. */
export function names(pool: string): Readonly<Record<string, string>> {
  return annotated("address-pool", pool);
}
