import { Agent, request } from "undici";

/** One step of the conformance suite: a request that both servers answer. */
export interface Step {
  readonly name: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  /** Content type; JSON when left out. */
  readonly type?: string;
  readonly accept?: string;
  /** The answer's resourceVersion stands for `{version}` in later paths. */
  readonly remember?: true;
}

/** A server under comparison. */
export interface Server {
  readonly url: string;
  readonly ca: string;
  readonly token: string;
}

/** The answer of a server. */
export interface Said {
  readonly code: number;
  readonly body: unknown;
}

/** Asks one server. `close` ends its connections. */
export function createClient(server: Server): { ask: (step: Step) => Promise<Said>; close: () => Promise<void> } {
  let version = "0";
  const agent = new Agent({ connect: { ca: server.ca } });
  return {
    ask: async (step) => {
      const response = await request(`${server.url}${step.path.replace("{version}", version)}`, {
        dispatcher: agent,
        method: step.method,
        headers: {
          authorization: `Bearer ${server.token}`,
          "content-type": step.type ?? "application/json",
          accept: step.accept ?? "application/json",
        },
        ...(step.body === undefined ? {} : { body: JSON.stringify(step.body) }),
      });
      const text = await response.body.text();
      const lines = text.split("\n").filter((line) => line !== "");
      if (step.path.includes("watch=1"))
        return { code: response.statusCode, body: lines.map((line) => JSON.parse(line) as unknown) };
      const body = text.startsWith("{") ? (JSON.parse(text) as unknown) : text;
      if (step.remember === true)
        version = (body as { readonly metadata: { readonly resourceVersion: string } }).metadata.resourceVersion;
      return { code: response.statusCode, body };
    },
    close: () => agent.close(),
  };
}
