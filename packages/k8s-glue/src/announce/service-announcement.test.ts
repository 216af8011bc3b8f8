import { expect, it } from "vitest";
import { wantedServiceBGPStatus, wantedServiceL2Status } from "./service-announcement.ts";

it("the two statuses of a Service carry MetalLB's labels and fields", () => {
  const announced = { namespace: "metallb-system", node: "n", serviceNamespace: "d", serviceName: "s", owner: null };
  const labels = { "metallb.io/node": "n", "metallb.io/service-name": "s", "metallb.io/service-namespace": "d" };
  const who = { node: "n", serviceName: "s", serviceNamespace: "d" };
  const cause = { reason: "Started", previous: null, detectedBy: [] };
  expect(
    wantedServiceL2Status(announced, { addresses: ["192.0.2.1", "2001:db8::1"], interfaces: "all", cause }),
  ).toMatchObject({
    metadata: { name: "l2-d.s.n", labels },
    status: { ...who, addresses: ["192.0.2.1", "2001:db8::1"], interfaces: [], reason: "Started" },
  });
  const died = { reason: "NodeDied", previous: "m", detectedBy: ["p", "o"] };
  expect(wantedServiceL2Status(announced, { addresses: [], interfaces: ["b", "a"], cause: died }).status).toEqual({
    ...who,
    addresses: [],
    interfaces: [{ name: "a" }, { name: "b" }],
    reason: "NodeDied",
    previousNode: "m",
    detectedBy: ["o", "p"],
  });
  const conflicts = [{ address: "192.0.2.1", hardwareAddress: "02:00:5e:00:53:99", interface: "eth0" }];
  const facts = { addresses: [], interfaces: "all", cause, conflicts } as const;
  expect(wantedServiceL2Status(announced, facts).status.conflicts).toEqual(conflicts);
  const started = wantedServiceL2Status(announced, { addresses: [], interfaces: ["b", "a"], cause });
  expect(started.status.interfaces).toEqual([{ name: "a" }, { name: "b" }]);
  expect(wantedServiceBGPStatus(announced, ["r2", "r1"])).toMatchObject({
    metadata: { name: "bgp-d.s.n", labels },
    status: { ...who, peers: ["r1", "r2"] },
  });
});
