import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { startWorker } from "@herald-lb/host";

// Runs the speaker's own worker module in this network namespace, with one Service to announce and no other node that could: what its
// main thread would tell it, without an API server. It ends when its standard input does.

const [module = "", ...addresses] = process.argv.slice(2);
const node = "bench";

const worker = startWorker<unknown, { readonly type: string; readonly trouble?: string | null }>({
  module: pathToFileURL(resolve(module)),
  data: { node, excludedInterfaces: "", membership: null },
  onMessage: (message) => {
    if (message.type === "Announcing") process.stdout.write("announcing\n");
    if (message.type === "Trouble" && message.trouble !== null) process.stderr.write(`${message.trouble}\n`);
  },
  onExit: (code, error) => {
    if (error !== null) process.stderr.write(`${error.stack}\n`);
    process.exit(code);
  },
});

worker.post({
  type: "WishDesired",
  wish: {
    key: "default/web",
    addresses,
    electionAddress: addresses[0],
    candidates: [{ node, score: 0, interfaces: "all" }],
  },
});
worker.post({ type: "NodesKnown", nodes: [node] });
process.stdin.once("end", () => void worker.stop()).resume();
