import { stringify } from "yaml";
import type { TokenTable } from "./identity.ts";

/** A kubeconfig with one context per token, named for it; `user` is the current one. */
export function kubeconfigFor(url: string, caPem: string, tokens: TokenTable, user: string): string {
  const names = Object.keys(tokens);
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": user,
    clusters: [
      {
        name: "lab",
        cluster: {
          server: url,
          ...(caPem === "" ? {} : { "certificate-authority-data": Buffer.from(caPem).toString("base64") }),
        },
      },
    ],
    users: names.map((name) => ({ name, user: { token: name } })),
    contexts: names.map((name) => ({ name, context: { cluster: "lab", user: name, namespace: "default" } })),
  });
}
