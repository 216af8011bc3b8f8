import { createMetrics, type Metrics } from "@herald-lb/daemon";
import type { Ledger } from "@herald-lb/k8s-glue/ipam";
import { Counter, Gauge, Histogram } from "prom-client";

/** The controller's metrics: MetalLB's under MetalLB's names, and Herald's own. */
export interface ControllerMetrics extends Metrics {
  readonly leader: Gauge;
  readonly refusals: Counter<"code">;
  readonly pending: Gauge<"code">;
  /** The time from the first sight of a Service without an address to the address in its status, in seconds. */
  readonly allocation: Histogram;
  /** Sets the gauges of pools and Services from the ledger; null empties them, for a standby. */
  readonly show: (ledger: Ledger | null, pools: readonly string[]) => void;
}

/** Registers the controller's metrics on a registry of their own. */
export function createControllerMetrics(): ControllerMetrics {
  const metrics = createMetrics();
  const registers = [metrics.registry];
  const perPool = (name: string, help: string): Gauge<"pool"> =>
    new Gauge({ name, help, labelNames: ["pool"], registers });
  const total = perPool("metallb_allocator_addresses_total", "Usable addresses of a pool.");
  const inUse = perPool("metallb_allocator_addresses_in_use_total", "Addresses of a pool that are assigned.");
  const total4 = perPool("metallb_allocator_ipv4_addresses_total", "Usable IPv4 addresses of a pool.");
  const inUse4 = perPool(
    "metallb_allocator_ipv4_addresses_in_use_total",
    "IPv4 addresses of a pool that are assigned.",
  );
  const total6 = perPool("metallb_allocator_ipv6_addresses_total", "Usable IPv6 addresses of a pool.");
  const inUse6 = perPool(
    "metallb_allocator_ipv6_addresses_in_use_total",
    "IPv6 addresses of a pool that are assigned.",
  );
  const services = perPool("metallb_allocator_services_allocated_total", "Services that hold an address of a pool.");
  const pending = new Gauge({
    name: "herald_services_pending",
    help: "Services that did not get everything they ask for, by reason.",
    labelNames: ["code"],
    registers,
  });
  return {
    ...metrics,
    pending,
    allocation: new Histogram({
      name: "herald_allocation_seconds",
      help: "Time from the first sight of a Service without an address to its address in the status.",
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300],
      registers,
    }),
    leader: new Gauge({ name: "herald_leader", help: "1 while this replica assigns addresses.", registers }),
    refusals: new Counter({
      name: "herald_allocation_refusals_total",
      help: "Refusals written into the status of Services, by reason.",
      labelNames: ["code"],
      registers,
    }),
    show(ledger, pools) {
      for (const gauge of [total, inUse, total4, inUse4, total6, inUse6, services]) gauge.reset();
      pending.reset();
      for (const [code, count] of ledger?.pendingByCode() ?? []) pending.set({ code }, count);
      const holders = ledger?.servicesByPool();
      for (const pool of pools) {
        const usage = ledger?.usageOf(pool);
        if (usage === null || usage === undefined) continue;
        const { IPv4, IPv6 } = usage;
        total4.set({ pool }, Number(IPv4.assigned + IPv4.available));
        inUse4.set({ pool }, Number(IPv4.assigned));
        total6.set({ pool }, Number(IPv6.assigned + IPv6.available));
        inUse6.set({ pool }, Number(IPv6.assigned));
        total.set({ pool }, Number(IPv4.assigned + IPv4.available + IPv6.assigned + IPv6.available));
        inUse.set({ pool }, Number(IPv4.assigned + IPv6.assigned));
        services.set({ pool }, holders?.get(pool) ?? 0);
      }
    },
  };
}
