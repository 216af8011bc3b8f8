import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { serveHealth } from "./http.ts";

async function get(server: { address: () => unknown }, path: string): Promise<[number, string]> {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return [response.status, await response.text()];
}

describe("serveHealth", () => {
  it("tells the truth of the moment", async () => {
    let failure: string | null = "services not listed yet";
    const server = await serveHealth({
      host: "127.0.0.1",
      port: 0,
      live: [],
      ready: () => [
        { name: "caches", failure: () => failure },
        { name: "sockets", failure: () => null },
      ],
    });
    expect(await get(server, "/healthz")).toEqual([200, "ok\n"]);
    expect(await get(server, "/readyz")).toEqual([
      503,
      "[-] caches: services not listed yet\n[+] sockets ok\nnot ok\n",
    ]);
    failure = null;
    expect((await get(server, "/readyz"))[0]).toBe(200);
    expect((await get(server, "/else"))[0]).toBe(404);
    server.close();
  });
});
