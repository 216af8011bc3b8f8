import { X509Certificate } from "node:crypto";
import { createLog } from "@herald-lb/daemon";
import type { ApiError, ApiErrorCode, ApiRequest, Transport } from "@herald-lb/k8s-glue/client";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { err, ok, type Result } from "@herald-lb/sansio";
import { beforeEach, describe, expect, it } from "vitest";
import { lifetimesOf } from "./certificate-plan.ts";
import { CertificateRotator } from "./certificate-rotator.ts";

const DAY = 86_400_000;
const NAME = "metallb-webhook-service.metallb-system.svc";
const SECRET = "/api/v1/namespaces/metallb-system/secrets/metallb-webhook-cert";
const CONFIGURATION =
  "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/metallb-webhook-configuration";

interface Stored extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly webhooks?: readonly { readonly name: string; readonly clientConfig: { readonly caBundle?: string } }[];
}

/** Two objects and their versions, as an API server holds them. */
class Store {
  readonly objects = new Map<string, Stored>();
  readonly writes: string[] = [];
  /** Called before each request, for others to come in between. */
  before: (request: ApiRequest) => void = () => {};
  fails: ApiErrorCode | null = null;
  #version = 0;

  put(path: string, object: Stored): Stored {
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } };
    this.objects.set(path, stored);
    return stored;
  }

  readonly request: Transport["request"] = async <T>(request: ApiRequest): Promise<Result<T, ApiError>> => {
    this.before(request);
    if (this.fails !== null) return refused(this.fails);
    const { method, body } = request;
    const path = method === "POST" ? `${request.path}/metallb-webhook-cert` : request.path;
    const live = this.objects.get(path);
    if (method === "GET") return live === undefined ? refused("NotFound") : ok(live as T);
    const wanted = body as Stored;
    if (method === "POST" && live !== undefined) return refused("AlreadyExists");
    if (method === "PUT" && live?.metadata?.resourceVersion !== wanted.metadata?.resourceVersion)
      return refused("Conflict");
    this.writes.push(`${method} ${path.split("/").at(-1)}`);
    return ok(this.put(path, wanted) as T);
  };

  /** Text of a file in the Secret. */
  file(name: string): string {
    return Buffer.from(this.objects.get(SECRET)?.data?.[name] ?? "", "base64").toString();
  }

  change(files: Readonly<Record<string, string>>): void {
    const live = this.objects.get(SECRET);
    const data = Object.entries(files).map(([name, text]) => [name, Buffer.from(text).toString("base64")]);
    this.put(SECRET, { ...live, data: { ...live?.data, ...Object.fromEntries(data) } });
  }

  get bundles(): readonly string[] {
    const { webhooks = [] } = this.objects.get(CONFIGURATION) ?? {};
    return webhooks.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle ?? "", "base64").toString());
  }
}

function refused(code: ApiErrorCode): { readonly ok: false; readonly error: ApiError } {
  return err({ code, status: 0, reason: "", message: code, retryAfter: null });
}

describe("CertificateRotator", () => {
  let store: Store;
  let now: number;

  beforeEach(() => {
    store = new Store();
    store.put(CONFIGURATION, {
      webhooks: [
        { name: "a", clientConfig: {} },
        { name: "b", clientConfig: { caBundle: "Cg==" } },
      ],
    });
    now = Date.UTC(2026, 10, 21);
  });

  const rotator = (): CertificateRotator =>
    new CertificateRotator({
      transport: store,
      namespace: "metallb-system",
      secret: "metallb-webhook-cert",
      dnsName: NAME,
      lifetimes: lifetimesOf(90 * DAY),
      wallClock: () => now,
      log: createLog("test", "none"),
    });

  /** True while API servers would accept the certificate that this replica serves, by the trust bundle that they have. */
  const works = ({ serving }: CertificateRotator): boolean => {
    const leaf = new X509Certificate(serving?.cert ?? "");
    const holds = leaf.validFromDate.getTime() <= now && now < leaf.validToDate.getTime();
    return (
      holds &&
      leaf.checkHost(NAME) === NAME &&
      store.bundles.length > 0 &&
      store.bundles.every((bundle) =>
        bundle.split(/(?<=-----END CERTIFICATE-----\n)/).some((pem) => leaf.verify(new X509Certificate(pem).publicKey)),
      )
    );
  };

  it("makes everything where there is nothing, and then writes nothing more", async () => {
    const one = rotator();
    expect(one.serving).toBeNull();
    expect(await one.pass()).toEqual(ok(undefined));
    expect(store.writes).toEqual(["POST metallb-webhook-cert", "PUT metallb-webhook-configuration"]);
    expect(works(one)).toBe(true);
    const { serving } = one;
    for (let passes = 0; passes < 10; passes++) {
      now += 30_000;
      await one.pass();
    }
    expect(store.writes).toHaveLength(2);
    expect(one.serving).toBe(serving);
  });

  it("any number of replicas that start together serve the same", async () => {
    const all = Array.from({ length: 5 }, rotator);
    const results = await Promise.all(all.map((one) => one.pass()));
    expect(results).toEqual(Array(5).fill(ok(undefined)));
    expect(new Set(all.map(({ serving }) => serving?.cert)).size).toBe(1);
    expect(all.every(works)).toBe(true);
    expect(store.writes.filter((write) => write.includes("cert"))).toHaveLength(1);
  });

  it("reads again when another was quicker between reading and writing", async () => {
    const [one, two] = [rotator(), rotator()];
    const rivals: Promise<unknown>[] = [];
    store.before = ({ method }) => {
      if (method === "POST" && rivals.length === 0) rivals.push(two.pass());
    };
    await one.pass();
    await Promise.all(rivals);
    await one.pass();
    expect(works(one)).toBe(true);
    expect(one.serving?.cert).toBe(two.serving?.cert);
  });

  it("through ten years, two replicas a step apart serve what is trusted", async () => {
    const [one, two] = [rotator(), rotator()];
    await one.pass();
    await two.pass();
    const served = new Set<string>();
    for (let days = 0; days < 3660; days += 20) {
      now += 20 * DAY;
      expect([works(one), works(two)]).toEqual([true, true]);
      await one.pass();
      expect([works(one), works(two)]).toEqual([true, true]);
      await two.pass();
      served.add(two.serving?.cert ?? "");
    }
    expect(served.size).toBeGreaterThan(50);
  });

  it.each([
    { name: "without its authority's key", files: { "ca.key": "" } },
    { name: "with a key of nobody", files: { "ca.key": "garbage" } },
  ])("a Secret $name gets another authority, and is served without a gap", async ({ files }) => {
    const [one, two] = [rotator(), rotator()];
    await one.pass();
    await two.pass();
    const old = store.file("ca.crt");
    store.change(files);
    for (let passes = 0; passes < 10; passes++) {
      for (const each of [one, two]) {
        await each.pass();
        expect([works(one), works(two)]).toEqual([true, true]);
      }
      now += 60_000;
    }
    expect(store.file("ca.crt")).not.toContain(old);
    expect(store.file("ca.crt").match(/BEGIN/g)).toHaveLength(1);
  });

  it.each([
    { name: "emptied", files: { "ca.crt": "", "ca.key": "", "tls.crt": "", "tls.key": "" } },
    { name: "filled with garbage", files: { "ca.crt": "a", "ca.key": "b", "tls.crt": "c", "tls.key": "d" } },
    { name: "left without a certificate", files: { "tls.crt": "" } },
  ])("a Secret that is $name is made good in one pass", async ({ files }) => {
    const one = rotator();
    await one.pass();
    store.change(files);
    await one.pass();
    expect(works(one)).toBe(true);
  });

  it("a Secret that is deleted is made anew", async () => {
    const one = rotator();
    await one.pass();
    store.objects.delete(SECRET);
    await one.pass();
    expect(works(one)).toBe(true);
  });

  it("tells API servers again when somebody takes the bundle away", async () => {
    const one = rotator();
    await one.pass();
    store.put(CONFIGURATION, { webhooks: [{ name: "a", clientConfig: {} }] });
    await one.pass();
    expect(works(one)).toBe(true);
  });

  it("rotates certificates without a webhook configuration, and fills in caBundle when one appears", async () => {
    store.objects.delete(CONFIGURATION);
    const one = rotator();
    expect(await one.pass()).toEqual(ok(undefined));
    expect(one.serving).not.toBeNull();
    store.put(CONFIGURATION, { webhooks: [{ name: "a", clientConfig: {} }] });
    await one.pass();
    expect(works(one)).toBe(true);
  });

  it("says what failed, keeps what it serves, and goes on afterwards", async () => {
    const one = rotator();
    store.fails = "Forbidden";
    expect(await one.pass()).toMatchObject({ ok: false, error: { code: "Forbidden" } });
    store.fails = null;
    await one.pass();
    const { serving } = one;
    store.fails = "Unreachable";
    now += 70 * DAY;
    expect((await one.pass()).ok).toBe(false);
    expect(one.serving).toBe(serving);
    store.fails = null;
    await one.pass();
    expect(one.serving).not.toBe(serving);
    expect(works(one)).toBe(true);
  });

  it("leaves alone what else the Secret holds", async () => {
    store.put(SECRET, { metadata: { labels: { mine: "yes" } }, data: { note: "aGVsbG8=" } });
    await rotator().pass();
    expect(store.objects.get(SECRET)).toMatchObject({
      metadata: { labels: { mine: "yes" } },
      data: { note: "aGVsbG8=" },
    });
  });
});
