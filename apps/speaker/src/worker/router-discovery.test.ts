import type { SystemError } from "@herald-lb/host";
import { err, type Ipv6Address, type MacAddress, ok, type Result } from "@herald-lb/sansio";
import { createVirtualClock, hexOf, octetsFromHex, type VirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import type { FromWorker } from "./protocol.ts";
import { RouterDiscovery, type RouterDiscoveryLink } from "./router-discovery.ts";

const ROUTER = "fe80::1" as Ipv6Address;
const ADVERTISEMENT = octetsFromHex("86000000400000000000000000000000");
const failure = (code: string): { readonly ok: false; readonly error: SystemError } =>
  err({ syscall: "sendto", code, errno: 1 }) as { readonly ok: false; readonly error: SystemError };

/** Router discovery on links of a test. */
class Bench {
  readonly clock: VirtualClock = createVirtualClock();
  readonly posted: FromWorker[] = [];
  /** The messages sent, by the first octet of each and its destination. */
  readonly sent: string[] = [];
  readonly opened: string[] = [];
  readonly closed: string[] = [];
  openFailure: string | null = null;
  sendFailure: string | null = null;
  hear: (octets: Uint8Array, source: Ipv6Address) => void = () => {};
  readonly discovery: RouterDiscovery = new RouterDiscovery({
    clock: this.clock,
    post: (message) => void this.posted.push(message),
    openRouterDiscovery: (device, onAdvertisement): Result<RouterDiscoveryLink, SystemError> => {
      if (this.openFailure !== null) return failure(this.openFailure);
      this.opened.push(device);
      this.hear = onAdvertisement;
      return ok({
        hardwareAddress: "02:00:5e:00:53:01" as MacAddress,
        send: (octets, to) => {
          if (this.sendFailure !== null) return failure(this.sendFailure);
          this.sent.push(`${hexOf(octets.subarray(0, 1))} ${to}`);
          return ok(undefined);
        },
        close: () => void this.closed.push(device),
      });
    },
  });
}

describe("router discovery of the worker", () => {
  it("solicits and advertises on the wanted interface, and posts the router that it hears", () => {
    const bench = new Bench();
    bench.discovery.desire(["eth0"]);
    bench.clock.advanceBy(0);
    expect(bench.sent).toEqual(["85 routers", "86 nodes"]);
    bench.hear(ADVERTISEMENT, ROUTER);
    bench.hear(ADVERTISEMENT.subarray(0, 9), "fe80::2" as Ipv6Address);
    expect(bench.posted).toEqual([{ type: "RouterChanged", interface: "eth0", address: ROUTER, problem: null }]);
  });

  it("posts what keeps it from searching once, tries again, and posts that it is over", () => {
    const bench = new Bench();
    bench.openFailure = "ENODEV";
    bench.discovery.desire(["eth0"]);
    bench.clock.advanceBy(9_000);
    const problem = "sendto: ENODEV";
    expect(bench.posted).toEqual([{ type: "RouterChanged", interface: "eth0", address: null, problem }]);
    bench.openFailure = null;
    bench.clock.advanceBy(4_000);
    expect(bench.opened).toEqual(["eth0"]);
    expect(bench.posted.at(-1)).toEqual({ type: "RouterChanged", interface: "eth0", address: null, problem: null });
  });

  it("opens another socket when the interface was deleted, and keeps it while the link has no address", () => {
    const bench = new Bench();
    bench.discovery.desire(["eth0"]);
    bench.clock.advanceBy(0);
    bench.sendFailure = "EADDRNOTAVAIL";
    bench.clock.advanceBy(4_000);
    expect(bench.closed).toEqual([]);
    bench.sendFailure = "ENODEV";
    bench.clock.advanceBy(4_000);
    expect(bench.closed).toContain("eth0");
    bench.sendFailure = null;
    bench.clock.advanceBy(4_000);
    expect(bench.opened.length).toBeGreaterThan(1);
    expect(bench.sent.slice(-2)).toEqual(["85 routers", "86 nodes"]);
  });

  it("closes the socket of an interface that is not wanted any more, and every one at the end", () => {
    const bench = new Bench();
    bench.discovery.desire(["eth0", "eth1"]);
    bench.clock.advanceBy(0);
    bench.discovery.desire(["eth1"]);
    expect(bench.closed).toEqual(["eth0"]);
    bench.discovery.close();
    expect(bench.closed).toEqual(["eth0", "eth1"]);
  });
});
