/**
 * The validating webhook as `deploy/webhook` installs it, called by a real kube-apiserver by its Service, at two replicas in turn: what it
 * refuses and takes, certificates that change under load, and what becomes of changes while no controller runs.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Daemon, HERALD_NAMESPACE, type Manifest, run, Scope, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { ControlPlane } from "./webhook/control-plane.ts";
import { Load } from "./webhook/load.ts";
import { object, peer, pool } from "./webhook/objects.ts";
import { NAME, Registration, SECRET } from "./webhook/registration.ts";

const assets = labAssets();

/** Health and webhook of each replica. */
const REPLICAS = [
  { health: 17472, webhook: 9443 },
  { health: 17473, webhook: 9444 },
] as const;

describe.skipIf(assets === null)("the validating webhook on a real kube-apiserver", () => {
  let scope: Scope;
  let plane: ControlPlane;
  let registration: Registration;
  let replicas: readonly Daemon[] = [];

  beforeAll(async () => {
    scope = new Scope();
    plane = await ControlPlane.start(scope, "webhook", assets ?? "", "webhook");
    registration = new Registration(plane);
    await forward(REPLICAS.map(({ webhook }) => webhook));
  });
  afterAll(() => scope.close());

  /** Has the Service lead to these ports, as kube-proxy would to the pods behind it. */
  async function forward(ports: readonly number[]): Promise<void> {
    const service = ["get", "service", "metallb-webhook-service", "-n", HERALD_NAMESPACE];
    const clusterIP = await plane.kubectl([...service, "-o", "jsonpath={.spec.clusterIP}"]);
    await plane.forward({ clusterIP, port: 443 }, ports);
  }

  const loadOn = (ports: readonly number[]): Load =>
    new Load({
      plane,
      name: NAME,
      manifest: pool("probe", "203.0.113.0/24"),
      ports,
      bundle: () => registration.bundle(),
      folder: scope.folder,
    });

  async function startReplicas(...args: readonly string[]): Promise<void> {
    await stopReplicas("SIGKILL");
    replicas = REPLICAS.map(({ health, webhook }) =>
      plane.daemon("controller", [
        "--webhook-mode=enabled",
        "--port=0",
        `--health-probe-port=${health}`,
        `--webhook-port=${webhook}`,
        ...args,
      ]),
    );
    for (const [at, replica] of replicas.entries()) {
      const said = await plane.untilReady(replica, REPLICAS[at]?.health ?? 0);
      expect(said).toContain("[+] webhook ok\n");
    }
    // The API server hears of the bundle by a watch.
    await until("the webhook to be asked", () => taken(pool("probe", "203.0.113.0/24"), "--dry-run=server"));
  }

  const stopReplicas = async (signal: NodeJS.Signals): Promise<void> => {
    await Promise.all(replicas.map((replica) => replica.stop(signal)));
  };

  const taken = (manifest: Manifest, ...args: readonly string[]): Promise<boolean> =>
    plane.create(manifest, ...args).then(
      () => true,
      () => false,
    );

  it("keeps changes out until somebody can review them", async () => {
    await expect(plane.create(pool("early", "192.0.2.0/24"))).rejects.toThrow(/failed calling webhook/);
  });

  it("is ready, at both replicas with one certificate for the Service's name", async () => {
    await startReplicas();
    const [one, two] = await Promise.all(REPLICAS.map(({ webhook }) => plane.certificateOf(webhook)));
    expect(one).toContain("BEGIN CERTIFICATE");
    expect(two).toBe(one);
    expect(one).toBe((await registration.fileOf("tls.crt")).trim());
    expect(await registration.bundle()).toBe(await registration.fileOf("ca.crt"));
  });

  it.each([
    { as: "get", what: ["secret/metallb-webhook-cert"], may: true },
    { as: "get", what: ["secret/other"], may: false },
    { as: "delete", what: ["secret/metallb-webhook-cert"], may: false },
    { as: "update", what: ["validatingwebhookconfigurations/metallb-webhook-configuration"], may: true },
    { as: "update", what: ["validatingwebhookconfigurations/other"], may: false },
    { as: "create", what: ["validatingwebhookconfigurations"], may: false },
  ])("the controller may $as $what: $may", async ({ as, what, may }) => {
    const args = ["--context", "controller", "auth", "can-i", as, ...what, "-n", HERALD_NAMESPACE];
    expect(await plane.kubectl(args).catch((error: unknown) => String(error))).toMatch(may ? /^yes/ : /^(?!yes)/);
  });

  it("takes what is sound", async () => {
    const sound = [
      pool("one", "192.0.2.0/25", "2001:db8::/64"),
      pool("two", "198.51.100.0/28"),
      object("L2Advertisement", "l2", { ipAddressPools: ["one"] }),
      object("Community", "names", { communities: [{ name: "no-export", value: "65535:65281" }] }),
      object("BGPAdvertisement", "bgp", { aggregationLength: 28, communities: ["no-export", "64500:1"] }),
      object("BFDProfile", "fast", { receiveInterval: 100 }),
      peer("router", { bfdProfile: "fast" }),
    ];
    for (const manifest of sound) await plane.create(manifest);
  });

  it("warns of what it takes and does not act on", async () => {
    const manifest = JSON.stringify(peer("other", { peerAddress: "192.0.2.2", disableMP: true }));
    const text = await plane.kubectlAloud(["create", "-f", "-", "--dry-run=server"], manifest);
    expect(text).toMatch(/^Warning: spec\.disableMP: /m);
  });

  it.each([
    {
      name: "a pool over another",
      manifest: pool("three", "192.0.2.64-192.0.2.70"),
      because: /192\.0\.2\.64-192\.0\.2\.70/,
    },
    { name: "no address", manifest: pool("three", "192.0.2.256/32"), because: /spec\.addresses/ },
    {
      name: "a pool too small for an advertisement",
      manifest: pool("three", "203.0.113.0/30"),
      because: /BGPAdvertisement "bgp": spec\.aggregationLength/,
    },
    {
      name: "an aggregate beyond a pool",
      manifest: object("BGPAdvertisement", "wide", { aggregationLength: 24 }),
      because: /spec\.aggregationLength/,
    },
    {
      name: "a peer at no address",
      manifest: peer("bad", { peerAddress: "router.example" }),
      because: /peerAddress/,
    },
    {
      name: "a namespace twice",
      manifest: object("IPAddressPool", "three", {
        addresses: ["203.0.113.0/24"],
        serviceAllocation: { namespaces: ["a", "a"] },
      }),
      because: /appears twice|[Dd]uplicate/,
    },
    {
      name: "a pool twice",
      manifest: object("L2Advertisement", "twice", { ipAddressPools: ["one", "one"] }),
      because: /appears twice|[Dd]uplicate/,
    },
    {
      name: "a community's name twice",
      manifest: object("Community", "more", { communities: [{ name: "no-export", value: "1:2" }] }),
      because: /"no-export" belongs to Community object "names" already/,
    },
    {
      name: "another namespace",
      manifest: object("IPAddressPool", "far", { addresses: ["203.0.113.0/24"] }, "default"),
      because: /resource must be created in metallb-system namespace/,
    },
  ])("refuses $name", async ({ manifest, because }) => {
    await expect(plane.create(manifest)).rejects.toThrow(because);
  });

  it("refuses a change as it refuses creation, and takes one that puts things right", async () => {
    const patch = (spec: object): Promise<string> =>
      plane.kubectl([
        "patch",
        "ipaddresspool",
        "two",
        "-n",
        HERALD_NAMESPACE,
        "--type=merge",
        "-p",
        JSON.stringify({ spec }),
      ]);
    await expect(patch({ addresses: ["198.51.100.0/28", "192.0.2.0/28"] })).rejects.toThrow(
      /denied the request: spec\.addresses\[1\]/,
    );
    await patch({ addresses: ["198.51.100.0/27"] });
  });

  it("refuses to delete a BFDProfile in use, and not one that is not", async () => {
    const remove = (): Promise<string> => plane.kubectl(["delete", "bfdprofile", "fast", "-n", HERALD_NAMESPACE]);
    await expect(remove()).rejects.toThrow('BFDProfile "fast" is used by BGPPeer router');
    await plane.kubectl(["delete", "bgppeer", "router", "-n", HERALD_NAMESPACE]);
    await remove();
  });

  it("leaves changes to failurePolicy when no controller runs: Fail refuses, Ignore takes", async () => {
    await stopReplicas("SIGKILL");
    await expect(plane.create(pool("late", "203.0.113.0/28"))).rejects.toThrow(/failed calling webhook/);
    await registration.failWith("Ignore");
    await until("the API server to hear of it", () => taken(pool("bad", "192.0.2.0/28")));
    await plane.kubectl(["delete", "ipaddresspool", "bad", "-n", HERALD_NAMESPACE]);
    await registration.failWith("Fail");
  });

  it("reviews alone where that is all that is asked: no Lease, no Service is looked at", async () => {
    const since = Date.now();
    const { health, webhook } = REPLICAS[0];
    const args = ["--webhook-mode=onlywebhook", "--metrics-plain", "--port=9130"];
    const only = plane.daemon("controller", [...args, `--health-probe-port=${health}`, `--webhook-port=${webhook}`]);
    expect(await plane.untilReady(only, health)).toBe("[+] webhook ok\nok\n");
    await until("a refusal", async () => {
      const said = await plane.create(pool("bad", "192.0.2.0/28")).catch(String);
      return said.includes("denied the request");
    });
    const { body } = await plane.curl(["http://127.0.0.1:9130/metrics"]);
    expect(body).toMatch(
      /^herald_admission_reviews_total\{kind="IPAddressPool",operation="CREATE",verdict="Denied"\} \d+$/m,
    );
    await only.stop();
    const asked = plane.api
      .audit()
      .filter(
        ({ user, requestReceivedTimestamp }) =>
          user.username.endsWith(":controller") && Date.parse(requestReceivedTimestamp) >= since,
      )
      .map(({ objectRef }) => objectRef?.resource);
    expect(new Set(asked)).toEqual(
      new Set(["secrets", "validatingwebhookconfigurations", "ipaddresspools", "bgpadvertisements", "communities"]),
    );
  });

  describe("with certificates of twenty seconds", () => {
    it("renews them while running, and changes the authority, without one review or handshake that fails", async () => {
      await plane.kubectl(["delete", ...SECRET]);
      await startReplicas("--webhook-cert-lifetime=20");
      const load = loadOn(REPLICAS.map(({ webhook }) => webhook));
      await until("a third certificate", () => load.certificates.size >= 3, { timeoutMs: 90_000 });
      const authority = await registration.fileOf("ca.crt");
      await plane.kubectl(["patch", ...SECRET, "--type=merge", "-p", JSON.stringify({ data: { "ca.key": "" } })]);
      await until("both authorities to be trusted", async () => {
        const trusted = await registration.bundle();
        return trusted.endsWith(authority) && trusted.length > authority.length;
      });
      await until("the new authority alone", async () => {
        const trusted = await registration.bundle();
        return trusted.match(/BEGIN/g)?.length === 1 && trusted !== authority;
      });
      const before = load.certificates.size;
      await until("another certificate", () => load.certificates.size > before, { timeoutMs: 60_000 });
      await load.stop();
      process.stdout.write(
        `${load.reviews} reviews through ${load.certificates.size} certificates and 2 authorities\n`,
      );
      expect(load.failures).toEqual([]);
    });

    it("goes on when a replica ends, of which API servers hear a moment later", async () => {
      const [stays, goes] = REPLICAS;
      const load = loadOn([stays.webhook]);
      await until("reviews", () => load.reviews > 5);
      const ended = replicas[1]?.stop("SIGTERM");
      await new Promise((resolve) => setTimeout(resolve, 300));
      await forward([stays.webhook]);
      await ended;
      const before = load.reviews;
      await until("more reviews", () => load.reviews > before + 5);
      await load.stop();
      expect(load.failures).toEqual([]);
      expect((await plane.curl([`https://127.0.0.1:${goes.webhook}/`])).status).toBe(0);
      await stopReplicas("SIGTERM");
      await forward(REPLICAS.map(({ webhook }) => webhook));
    });
  });

  it("serves with files where somebody else keeps certificates, and touches neither Secret nor bundle", async () => {
    const folder = scope.folder;
    const file = (name: string): string => join(folder, name);
    const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
    const names = ["-subj", `/CN=${NAME}`, "-addext", `subjectAltName=DNS:${NAME}`];
    await run("openssl", ["req", "-x509", ...ec, ...names, "-keyout", file("tls.key"), "-out", file("tls.crt")]);
    const caBundle = readFileSync(file("tls.crt")).toString("base64");
    await registration.trust(caBundle);
    const secret = await registration.fileOf("tls.crt");
    await startReplicas("--disable-cert-rotation", `--cert-dir=${folder}`);
    await expect(plane.create(pool("bad", "192.0.2.0/28"))).rejects.toThrow(/denied the request/);
    expect(await registration.fileOf("tls.crt")).toBe(secret);
    expect(Buffer.from(await registration.bundle()).toString("base64")).toBe(caBundle);
    await stopReplicas("SIGTERM");
  });
});
