import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { startWorker } from "@herald-lb/host";

// Runs the speaker's own worker module in this network namespace with one Service to announce and no other candidate: the messages of its
// main thread, without an API server. It ends when its standard input does.

const [module = "", ...addresses] = process.argv.slice(2);
const node = "bench";

const worker = startWorker<unknown, { readonly type: string; readonly problem?: string | null }>({
  module: pathToFileURL(resolve(module)),
  data: { node, excludedInterfaces: "", membership: null },
  onMessage: (message) => {
    if (message.type === "Announcing") process.stdout.write("announcing\n");
    if (message.type === "ProblemChanged" && message.problem !== null) process.stderr.write(`${message.problem}\n`);
  },
  onExit: (code, error) => {
    if (error !== null) process.stderr.write(`${error.stack}\n`);
    process.exit(code);
  },
});

worker.post({
  type: "AnnouncementRequested",
  request: {
    key: "default/web",
    addresses,
    electionAddress: addresses[0],
    candidates: [{ node, score: 0, interfaces: "all" }],
  },
});
worker.post({ type: "NodesListed", nodes: [node] });
process.stdin.once("end", () => void worker.stop()).resume();
