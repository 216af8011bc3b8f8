import type { Lab } from "@herald-lb/lab";

/** The address at which the lab's etcd serves its clients, inside the API server's namespace. */
const ETCD = "http://127.0.0.1:6444";

/** Has etcd forget every revision but the newest. */
export async function compact(lab: Lab): Promise<void> {
  const { revision } = (await ask(lab, "/v3/maintenance/status", {})).header;
  await ask(lab, "/v3/kv/compaction", { revision, physical: true });
}

async function ask(lab: Lab, path: string, body: object): Promise<{ readonly header: { readonly revision: string } }> {
  const { namespace } = lab.topology.apiServer;
  const text = await namespace.run("curl", ["--silent", "--fail", "--data", JSON.stringify(body), `${ETCD}${path}`]);
  return JSON.parse(text) as { readonly header: { readonly revision: string } };
}
