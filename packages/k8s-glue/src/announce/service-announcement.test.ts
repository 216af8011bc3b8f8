import { expect, it } from "vitest";
import { wantedServiceBGPStatus, wantedServiceL2Status } from "./service-announcement.ts";

it("the two statuses of a Service carry MetalLB's labels and fields", () => {
  const announced = { namespace: "metallb-system", node: "n", serviceNamespace: "d", serviceName: "s", owner: null };
  const labels = { "metallb.io/node": "n", "metallb.io/service-name": "s", "metallb.io/service-namespace": "d" };
  const who = { node: "n", serviceName: "s", serviceNamespace: "d" };
  expect(wantedServiceL2Status(announced, ["192.0.2.1", "2001:db8::1"], "all")).toMatchObject({
    metadata: { name: "l2-d.s.n", labels },
    status: { ...who, addresses: ["192.0.2.1", "2001:db8::1"], interfaces: [] },
  });
  expect(wantedServiceL2Status(announced, [], ["b", "a"]).status.interfaces).toEqual([{ name: "a" }, { name: "b" }]);
  expect(wantedServiceBGPStatus(announced, ["r2", "r1"])).toMatchObject({
    metadata: { name: "bgp-d.s.n", labels },
    status: { ...who, peers: ["r1", "r2"] },
  });
});
