import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { createApiServer } from "./server.ts";

const { values } = parseArgs({
  options: {
    bind: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "6443" },
    kubeconfig: { type: "string" },
    http: { type: "boolean", default: false },
  },
});
const server = await createApiServer({ host: values.bind, port: Number(values.port), tls: !values.http });
if (values.kubeconfig !== undefined) await writeFile(values.kubeconfig, server.kubeconfig("admin"), { mode: 0o600 });
process.stdout.write(`${server.url}\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void server.close().then(() => process.exit(0));
  });
}
