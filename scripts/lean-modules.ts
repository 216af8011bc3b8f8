import { isBuiltin } from "node:module";
import { dirname } from "node:path";
import type { OnResolveResult, Plugin } from "esbuild";

/**
 * The parts of large libraries that the daemons use: CommonJS whose exports stand for the whole library's. The rest of prom-client
 * (push gateway, clusters of processes) would load Node's HTTP client, cluster and inspector.
 */
const LEAN: Readonly<Record<string, string>> = {
  "prom-client": `
    exports.Registry = require("./lib/registry");
    exports.Counter = require("./lib/counter");
    exports.Gauge = require("./lib/gauge");
    exports.Histogram = require("./lib/histogram");
    exports.collectDefaultMetrics = require("./lib/defaultMetrics");
  `,
  // prom-client asks it for the time of an exemplar, which no metric of the daemons has.
  "@opentelemetry/api": "exports.trace = { getSpan: () => undefined }; exports.context = { active: () => undefined };",
};

/** Takes the lean parts where our own code names a library; a library that names another gets the whole of it. */
export const leanLibraries: Plugin = {
  name: "lean libraries",
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(${Object.keys(LEAN).join("|")})$`) }, async (found) => {
      const { path, importer, resolveDir, kind, pluginData } = found;
      const ofLibrary = importer.includes("node_modules");
      if (pluginData === "whole" || (ofLibrary && path !== "@opentelemetry/api")) return undefined;
      const whole: OnResolveResult = await build.resolve(path, { kind, importer, resolveDir, pluginData: "whole" });
      return { path, namespace: "lean", pluginData: dirname(whole.path ?? resolveDir) };
    });
    build.onLoad({ filter: /.*/, namespace: "lean" }, ({ path, pluginData }) => {
      const contents = LEAN[path];
      return contents === undefined ? undefined : { contents, loader: "js", resolveDir: String(pluginData) };
    });
  },
};

/**
 * Takes Node's own modules as CommonJS does. An `import` reads every export once, and some of them load what is behind them only then:
 * `node:http` a second undici, `node:crypto` Web Crypto.
 */
export const lazyBuiltins: Plugin = {
  name: "lazy builtins",
  setup(build) {
    build.onResolve({ filter: /^[a-z_:/0-9]+$/ }, ({ path }) =>
      isBuiltin(path) ? { path: path.startsWith("node:") ? path : `node:${path}`, namespace: "builtin" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
      loader: "js",
    }));
  },
};
