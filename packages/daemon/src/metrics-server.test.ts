import { request as requestHttps, type RequestOptions } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { err, ok } from "@herald-lb/sansio";
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import type { KeyPair } from "./certificate-request.ts";
import { type MetricsServerOptions, serveMetrics } from "./metrics-server.ts";
import type { Access } from "./reviewed-access.ts";
import { selfSigned } from "./self-signed.ts";
import type { TlsSettings } from "./tls-settings.ts";

const MODERN: TlsSettings = { minVersion: "TLSv1.3", ciphers: null, ecdhCurve: null };
const OLDER: TlsSettings = { minVersion: "TLSv1.2", ciphers: "ECDHE-RSA-AES128-GCM-SHA256", ecdhCurve: "P-256" };
const ACCESS: Readonly<Record<string, Access>> = { reader: "Allowed", outsider: "Denied" };

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(options: Partial<MetricsServerOptions> = {}, tls: TlsSettings = MODERN): Promise<Server> {
  const server = await serveMetrics({
    host: "127.0.0.1",
    port: 0,
    exposition: async () => ({ contentType: "text/plain; version=0.0.4", text: "up 1\n" }),
    pages: new Map([["/journal", (query) => JSON.stringify({ peer: query.get("peer") })]]),
    log: pino({ level: "silent" }),
    secured: {
      tls,
      certificate: selfSigned(tls, () => Date.now()),
      access: {
        of: async (token) =>
          token === "overload" ? err({ code: "TooManyReviews", message: "" }) : ok(ACCESS[token] ?? "Unauthenticated"),
      },
    },
    ...options,
  });
  servers.push(server);
  return server;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly protocol: string;
  readonly fingerprint: string;
}

function get(server: Server, path: string, options: RequestOptions = {}): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const request = requestHttps(
      { host: "127.0.0.1", port, path, rejectUnauthorized: false, agent: false, ...options },
      (response) => {
        const { socket } = request as {
          readonly socket: { getProtocol?: () => string; getPeerCertificate?: () => { fingerprint256: string } } | null;
        };
        const protocol = socket?.getProtocol?.() ?? "";
        const fingerprint = socket?.getPeerCertificate?.().fingerprint256 ?? "";
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text, protocol, fingerprint }));
      },
    );
    request.on("error", reject).end();
  });
}

const bearer = (token: string): RequestOptions => ({ headers: { authorization: `Bearer ${token}` } });

describe("metrics with TLS", () => {
  it.each([
    { name: "no token", options: {}, status: 401, text: "Unauthorized\n" },
    { name: "a password", options: { headers: { authorization: "Basic cmVhZGVy" } }, status: 401 },
    { name: "an empty token", options: { headers: { authorization: "Bearer " } }, status: 401 },
    { name: "an unknown token", options: bearer("nobody"), status: 401 },
    { name: "a token that may not", options: bearer("outsider"), status: 403, text: "Authorization denied\n" },
    { name: "a token that may", options: bearer("reader"), status: 200, text: "up 1\n" },
    { name: "a scheme in other letters", options: { headers: { authorization: "bearer reader" } }, status: 200 },
    { name: "too many who ask", options: bearer("overload"), status: 503 },
  ])("$name: $status", async ({ options, status, text }) => {
    const answered = await get(await serve(), "/metrics", options);
    expect(answered.status).toBe(status);
    if (text !== undefined) expect(answered.text).toBe(text);
  });

  it("has nothing else, and says 500 when there are no figures", async () => {
    const exposition = (): Promise<never> => Promise.reject(new Error("no figures"));
    const server = await serve({ exposition });
    expect((await get(server, "/else", bearer("reader"))).status).toBe(404);
    expect(await get(server, "/metrics", bearer("reader"))).toMatchObject({ status: 500, text: "Error: no figures\n" });
  });

  it("has other pages for those who may read them by their path, with the query", async () => {
    const asked: string[] = [];
    const access = {
      of: async (_token: string, verb: string, path: string) => {
        asked.push(`${verb} ${path}`);
        return ok("Allowed" as const);
      },
    };
    const certificate = selfSigned(MODERN, () => Date.now());
    const server = await serve({ secured: { tls: MODERN, certificate, access } });
    const answered = await get(server, "/journal?peer=router", bearer("reader"));
    expect([answered.status, answered.text]).toEqual([200, '{"peer":"router"}']);
    expect(asked).toEqual(["get /journal"]);
    expect((await get(server, "/journal")).status).toBe(401);
    expect((await get(await serve(), "/journal", bearer("outsider"))).status).toBe(403);
    expect((await get(await serve({ pages: undefined }), "/journal", bearer("reader"))).status).toBe(404);
  });

  it("speaks TLS 1.3 and nothing older", async () => {
    const server = await serve();
    expect((await get(server, "/metrics", bearer("reader"))).protocol).toBe("TLSv1.3");
    await expect(get(server, "/metrics", { ...bearer("reader"), maxVersion: "TLSv1.2" })).rejects.toThrow(
      /alert|version/i,
    );
  });

  it("speaks TLS 1.2 with the ciphers named, where that is asked for", async () => {
    const server = await serve({}, OLDER);
    const older = { ...bearer("reader"), maxVersion: "TLSv1.2" } as const;
    expect((await get(server, "/metrics", older)).protocol).toBe("TLSv1.2");
    await expect(get(server, "/metrics", { ...older, ciphers: "ECDHE-RSA-AES256-GCM-SHA384" })).rejects.toThrow();
  });

  it("takes the curves named and no others", async () => {
    const server = await serve({}, { ...MODERN, ecdhCurve: "P-384" });
    expect((await get(server, "/metrics", { ...bearer("reader"), ecdhCurve: "P-384" })).status).toBe(200);
    await expect(get(server, "/metrics", { ...bearer("reader"), ecdhCurve: "X25519" })).rejects.toThrow();
  });

  it("serves the certificate of the moment, and closes while there is none", async () => {
    let pair: KeyPair | null = null;
    const access = { of: async () => ok("Allowed" as const) };
    const server = await serve({ secured: { tls: MODERN, certificate: async () => pair, access } });
    await expect(get(server, "/metrics", bearer("x"))).rejects.toThrow();
    const seen: string[] = [];
    for (let version = 0; version < 2; version++) {
      pair = await selfSigned(MODERN, () => Date.now())();
      for (let times = 0; times < 2; times++) seen.push((await get(server, "/metrics", bearer("x"))).fingerprint);
    }
    expect(seen[0]).toBe(seen[1]);
    expect(seen[2]).toBe(seen[3]);
    expect(seen[0]).not.toBe(seen[2]);
  });

  it("is not harmed by who speaks no TLS", async () => {
    const server = await serve();
    const { port } = server.address() as AddressInfo;
    await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
    expect((await get(server, "/metrics", bearer("reader"))).status).toBe(200);
  });
});

describe("plain metrics", () => {
  it("are for everybody", async () => {
    const server = await serve({ secured: null });
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect([response.status, await response.text(), response.headers.get("content-type")]).toEqual([
      200,
      "up 1\n",
      "text/plain; version=0.0.4",
    ]);
  });
});

describe("selfSigned", () => {
  it("is made once, and anew before it ends", async () => {
    let now = Date.UTC(2026, 0, 1);
    const certificate = selfSigned(MODERN, () => now);
    const first = await certificate();
    now += 334 * 86_400_000;
    expect(await certificate()).toBe(first);
    now += 2 * 86_400_000;
    expect(await certificate()).not.toBe(first);
  });
});
