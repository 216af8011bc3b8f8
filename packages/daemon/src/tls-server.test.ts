import { once } from "node:events";
import { connect } from "node:http2";
import { request } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { answer } from "./http.ts";
import { selfSigned } from "./self-signed.ts";
import { serveTls } from "./tls-server.ts";
import type { TlsSettings } from "./tls-settings.ts";

const TLS: TlsSettings = { minVersion: "TLSv1.3", ciphers: null, ecdhCurve: null };
let server: Server;
afterEach(() => {
  server.close();
});

/** Echoes what was sent. */
async function serve(http2: boolean): Promise<number> {
  server = await serveTls({
    host: "127.0.0.1",
    port: 0,
    tls: TLS,
    certificate: selfSigned(TLS, () => Date.now()),
    handle: (incoming, response) => {
      const read = async (): Promise<void> => {
        let text = "";
        for await (const chunk of incoming) text += Buffer.from(chunk).toString();
        answer(response, 200, `${incoming.method} ${text}`);
      };
      void read();
    },
    http2,
    log: pino({ level: "silent" }),
  });
  return (server.address() as AddressInfo).port;
}

async function overHttp1(port: number): Promise<string> {
  const sent = request({ host: "127.0.0.1", port, method: "POST", rejectUnauthorized: false, agent: false }).end(
    "hello",
  );
  const [response] = (await once(sent, "response")) as [AsyncIterable<Buffer>];
  let text = "";
  for await (const chunk of response) text += chunk.toString();
  return text;
}

async function overHttp2(port: number): Promise<string> {
  const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  // The request below fails with it.
  session.on("error", () => {});
  try {
    const stream = session.request({ ":method": "POST", ":path": "/" }).end("hello");
    let text = "";
    for await (const chunk of stream) text += String(chunk);
    return text;
  } finally {
    session.close();
  }
}

describe("serveTls", () => {
  it("speaks both versions of HTTP where that is asked for", async () => {
    const port = await serve(true);
    expect(await overHttp1(port)).toBe("POST hello");
    expect(await overHttp2(port)).toBe("POST hello");
  });

  it("speaks HTTP/1.1 alone otherwise", async () => {
    const port = await serve(false);
    expect(await overHttp1(port)).toBe("POST hello");
    await expect(overHttp2(port)).rejects.toThrow();
  });
});
