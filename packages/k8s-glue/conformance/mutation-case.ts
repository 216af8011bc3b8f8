import { annotated, loadBalancerService, type ServiceFields } from "../src/ipam/service-objects.test.fixture.ts";
import type { Shown, TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";

/** Something done to one Service or to the pools, and what that leaves the Service with, whatever was done before. */
export interface MutationCase {
  readonly name: string;
  readonly key: string;
  readonly run: (cluster: TestCluster) => void;
  readonly shown: Shown;
  /** The same where requests that cannot be met release what is held; absent where that makes no difference. */
  readonly shownReleased?: Shown;
  /** Whether the outcome is the same over whatever the Service held before, so that it need not be new. */
  readonly inPlace: boolean;
  /** Whether it leaves other pools or labels of namespaces than it found. */
  readonly reconfigures: boolean;
}

/** The addresses of a Service that has none. */
export const nothing: readonly [] = [];

/** The fields of a Service that requests addresses. */
export function asks(ips: string): ServiceFields {
  return { annotations: annotated("loadBalancerIPs", ips) };
}

/** The fields of a Service that requests a pool. */
export function names(name: string): ServiceFields {
  return { annotations: annotated("address-pool", name) };
}

/** The fields of two requests at once. */
export function both(one: ServiceFields, other: ServiceFields): ServiceFields {
  return { ...one, ...other, annotations: { ...one.annotations, ...other.annotations } };
}

interface More {
  readonly key?: string;
  readonly inPlace?: boolean;
}

/** A Service that is made or, in place, written over. */
export function made(
  name: string,
  fields: ServiceFields,
  ips: readonly string[],
  from: string | null,
  more: More = {},
): MutationCase {
  const { key = "default/s", inPlace = false } = more;
  const run = (cluster: TestCluster): void => void cluster.apply(loadBalancerService(key, fields)).reconcile();
  return { name, key, run, shown: { ips, pool: from }, inPlace, reconfigures: false };
}

/** Several things that are done one after another, each brought to rest. */
export function story(
  name: string,
  steps: readonly ((cluster: TestCluster) => unknown)[],
  ips: readonly string[],
  from: string | null,
  key = "default/s",
): MutationCase {
  const run = (cluster: TestCluster): void => {
    for (const step of steps) {
      step(cluster);
      cluster.reconcile();
    }
  };
  return { name, key, run, shown: { ips, pool: from }, inPlace: false, reconfigures: true };
}

/** The step that a Service is made or written over. */
export function s(fields: ServiceFields = {}, key = "default/s"): (cluster: TestCluster) => TestCluster {
  return (cluster) => cluster.apply(loadBalancerService(key, fields));
}

/** The addresses of a Service of both families. */
export const dual: readonly string[] = ["203.0.113.0", "2001:db8:d::"];
