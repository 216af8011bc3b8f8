import type { Pool } from "undici";

/** The number of connections that objects are created over. */
export const CONNECTIONS = 8;

/** Sends a request with a JSON body as the holder of a token; throws where it is refused. */
async function send(
  admin: Pool,
  token: string,
  { method, path, type, body }: { method: "POST" | "PATCH"; path: string; type: string; body: object },
): Promise<void> {
  const response = await admin.request({
    method,
    path,
    headers: { authorization: `Bearer ${token}`, "content-type": type },
    body: JSON.stringify(body),
  });
  const text = await response.body.text();
  if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${response.statusCode} ${text}`);
}

/**
 * Creates one object for each index from `from` until before `to` in the collection at `path`, over all connections. A status that the
 * manifest has is written after it, as a create leaves it out.
 */
export async function createObjects(
  admin: Pool,
  token: string,
  { path, from, to }: { readonly path: string; readonly from: number; readonly to: number },
  manifest: (index: number) => object,
): Promise<void> {
  let next = from;
  const one = async (): Promise<void> => {
    for (let index = next++; index < to; index = next++) {
      const body = manifest(index) as { readonly metadata?: { readonly name?: string }; readonly status?: object };
      await send(admin, token, { method: "POST", path, type: "application/json", body });
      if (body.status === undefined) continue;
      const statusPath = `${path}/${body.metadata?.name ?? ""}/status`;
      const type = "application/merge-patch+json";
      await send(admin, token, { method: "PATCH", path: statusPath, type, body: { status: body.status } });
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
}
