import { createApiServer } from "@herald-lb/api-server";
import { allocationEvents, defaultAllocationPolicy, Ledger, servicePatch } from "@herald-lb/k8s-glue/ipam";
import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { Service } from "@herald-lb/k8s-glue/objects";
import { Scope, startRealApiServer, until } from "@herald-lb/lab";
import { instant } from "@herald-lb/sansio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "./api-conformance/client.ts";
import { labAssets } from "./assets.ts";

const assets = labAssets();
const NOW = "2026-01-02T03:04:05Z";
const NAME = "written";
const path = `/api/v1/namespaces/default/services/${NAME}`;
type Client = ReturnType<typeof createClient>;

const pools = [
  {
    apiVersion: "metallb.io/v1beta1",
    kind: "IPAddressPool",
    metadata: { name: "gold", namespace: "metallb-system" },
    spec: { addresses: ["192.0.2.0/28"] },
  },
];

describe.skipIf(assets === null).each(["embedded", "real"] as const)(
  "a Service's status on the %s API server",
  (which) => {
    const scope = new Scope();
    let client: Client;
    const ledger = new Ledger(defaultAllocationPolicy, {
      configuration: readConfiguration(pools),
      namespaces: new Map(),
      quotas: new Map(),
    });

    const read = async (): Promise<Service> => {
      const { code, body } = await client.ask({ name: "read", method: "GET", path });
      expect(code).toBe(200);
      return body as Service;
    };
    const change = async (body: object, where = path): Promise<Service> => {
      const type = "application/merge-patch+json";
      const said = await client.ask({ name: "change", method: "PATCH", path: where, type, body });
      expect(said.code, JSON.stringify(said.body)).toBe(200);
      return said.body as Service;
    };
    /** Settles the Service as it is, writes what is to be written, and shows that this is all; the reasons of its Events. */
    const reconcile = async (): Promise<readonly string[]> => {
      const before = await read();
      const key = `default/${NAME}`;
      const result = ledger.reconcile(key, before, instant(0));
      const patch = servicePatch(before, result, NOW);
      const events = allocationEvents(key, before, result).map(({ reason }) => reason);
      if (patch !== null) await change(patch, `${path}/status`);
      const after = await read();
      const again = ledger.reconcile(key, after, instant(0));
      expect(servicePatch(after, again, NOW)).toBeNull();
      expect(allocationEvents(key, after, again)).toEqual([]);
      return events;
    };

    beforeAll(async () => {
      if (which === "embedded") {
        const server = await createApiServer();
        scope.defer("the embedded API server", () => server.close());
        client = createClient({ url: server.url, ca: server.caPem, token: "admin" });
      } else {
        const flags = ["--advertise-address=192.0.2.2"];
        const server = await startRealApiServer(scope, {
          assets: assets ?? "",
          bind: "127.0.0.1",
          port: 27_843,
          flags,
        });
        client = createClient({ url: server.url, ca: server.ca, token: server.tokens.admin });
      }
      scope.defer("a client", () => client.close());
      const namespace = { name: "namespace", method: "GET", path: "/api/v1/namespaces/default" } as const;
      await until("the default namespace", async () => (await client.ask(namespace)).code === 200, {
        timeoutMs: 20_000,
        everyMs: 100,
      });
      const body = {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: NAME, annotations: { "metallb.io/loadBalancerIPs": "203.0.113.1" } },
        spec: { type: "LoadBalancer", ports: [{ port: 80 }], selector: { app: "web" } },
      };
      const made = await client.ask({ name: "create", method: "POST", path: path.replace(`/${NAME}`, ""), body });
      expect(made.code, JSON.stringify(made.body)).toBe(201);
    }, 60_000);
    afterAll(() => scope.close());

    it("is written once for whatever happens to the Service", async () => {
      expect(await reconcile()).toEqual(["AllocationFailed"]);
      expect((await read()).status?.conditions).toMatchObject([{ status: "False", reason: "AddressOutsidePools" }]);

      const foreign = {
        type: "example.com/Other",
        status: "True",
        reason: "Other",
        message: "",
        lastTransitionTime: NOW,
      };
      const conditions = [...((await read()).status?.conditions ?? []), foreign];
      await change({ status: { conditions } }, `${path}/status`);
      await change({ metadata: { annotations: { "metallb.io/loadBalancerIPs": "192.0.2.3" } } });
      expect(await reconcile()).toEqual(["IPAllocated"]);
      const served = await read();
      expect(served.status?.loadBalancer?.ingress).toEqual([{ ip: "192.0.2.3", ipMode: "VIP" }]);
      expect(served.metadata?.annotations?.["metallb.io/ip-allocated-from-pool"]).toBe("gold");
      expect(served.status?.conditions).toMatchObject([foreign, { status: "True", reason: "AddressAssigned" }]);

      await change({ metadata: { annotations: { "herald-lb.io/ip-mode": "Proxy" } } });
      expect(await reconcile()).toEqual([]);
      expect((await read()).status?.loadBalancer?.ingress).toEqual([{ ip: "192.0.2.3", ipMode: "Proxy" }]);

      await change({ status: { loadBalancer: { ingress: [{ ip: "203.0.113.9" }] } } }, `${path}/status`);
      expect(await reconcile()).toEqual(["StatusRestored"]);

      await change({ spec: { type: "ClusterIP" } });
      expect(await reconcile()).toEqual([]);
      const released = await read();
      expect(released.status?.loadBalancer?.ingress ?? []).toEqual([]);
      expect(released.status?.conditions).toEqual([foreign]);
      expect(released.metadata?.annotations).not.toHaveProperty("metallb.io/ip-allocated-from-pool");
    });
  },
);
