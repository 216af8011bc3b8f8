import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A self-made authority and a server certificate from it, PEM. */
export interface Certificates {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/** Makes both with the `openssl` binary; `hosts` are addresses. */
export async function createCertificates(hosts: readonly string[]): Promise<Certificates> {
  const dir = await mkdtemp(join(tmpdir(), "herald-api-server-"));
  const file = (name: string): string => join(dir, name);
  try {
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    await run("openssl", [
      "req",
      "-x509",
      ...key,
      "-keyout",
      file("ca.key"),
      "-out",
      file("ca.crt"),
      "-days",
      "365",
      "-subj",
      "/CN=herald-lab-ca",
    ]);
    await run("openssl", [
      "req",
      ...key,
      "-keyout",
      file("s.key"),
      "-out",
      file("s.csr"),
      "-subj",
      "/CN=herald-lab-api-server",
    ]);
    const names = [...new Set(["127.0.0.1", "::1", ...hosts])].map((host) => `IP:${host}`).join(",");
    await writeFile(
      file("ext"),
      `subjectAltName=${names},DNS:localhost,DNS:kubernetes.default.svc\nextendedKeyUsage=serverAuth\n`,
    );
    await run("openssl", [
      "x509",
      "-req",
      "-in",
      file("s.csr"),
      "-CA",
      file("ca.crt"),
      "-CAkey",
      file("ca.key"),
      "-CAcreateserial",
      "-out",
      file("s.crt"),
      "-days",
      "365",
      "-extfile",
      file("ext"),
    ]);
    const [caPem, certPem, keyPem] = await Promise.all(
      ["ca.crt", "s.crt", "s.key"].map((name) => readFile(file(name), "utf8")),
    );
    return { caPem: caPem ?? "", certPem: certPem ?? "", keyPem: keyPem ?? "" };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
