/** Makes of a Pod's template and an image what a kubelet makes of them: the configuration of a container for runc, as containerd writes it. */
import { existsSync, readFileSync } from "node:fs";
import type { ImageConfig } from "./image-store.ts";

/** Of a pod's template, what decides how its container runs. */
export interface PodSpec {
  readonly hostNetwork?: boolean;
  readonly securityContext?: SecurityContext;
  readonly containers: readonly Container[];
}

/** A container of a pod's template. */
export interface Container {
  readonly name: string;
  readonly args?: readonly string[];
  readonly env?: readonly EnvironmentVariable[];
  readonly securityContext?: SecurityContext;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly readinessProbe?: {
    readonly httpGet: { readonly host?: string; readonly path: string; readonly port: string };
  };
}

interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
}

interface SecurityContext {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
  readonly seccompProfile?: { readonly type: string };
}

/** The facts of a container that only the node knows. */
export interface Placement {
  /** The folder of the image's files. */
  readonly rootfs: string;
  /** The network namespace to run in. */
  readonly network: string;
  /** The values of `fieldRef`, by path. */
  readonly fields: Readonly<Record<string, string>>;
  /** The folder of each volume, by name. */
  readonly volumes: Readonly<Record<string, string>>;
  /** The folder of the service account's token. */
  readonly serviceAccount: string;
  /** The variables that the kubelet adds: the address of the API server. */
  readonly env: Readonly<Record<string, string>>;
}

/** Docker's profile, which containerd's `RuntimeDefault` follows; Debian's buildah brings it. */
const SECCOMP = "/usr/share/containers/seccomp.json";

/** The configuration of the only container of a pod. Throws where the template wants what is not understood here. */
export function podContainer(pod: PodSpec, image: ImageConfig, placement: Placement): object {
  const [container] = pod.containers;
  if (container === undefined || pod.containers.length > 1) throw new Error("not one container");
  const security = { ...pod.securityContext, ...container.securityContext };
  if (security.capabilities?.drop?.join() !== "ALL") throw new Error("not every capability is dropped");
  const capabilities = (security.capabilities.add ?? []).map((name) => `CAP_${name}`);
  const { fields } = placement;
  const env = (container.env ?? []).map(({ name, value, valueFrom }) => {
    const path = valueFrom?.fieldRef?.fieldPath;
    const found = path === undefined ? value : fields[path];
    if (found === undefined) throw new Error(`the environment has no ${name}`);
    return `${name}=${found}`;
  });
  const mounts = (container.volumeMounts ?? []).map(({ name, mountPath }) => {
    const folder = placement.volumes[name];
    if (folder === undefined) throw new Error(`no volume ${name}`);
    return bind(folder, mountPath);
  });
  return {
    ociVersion: "1.0.2",
    root: { path: placement.rootfs, readonly: security.readOnlyRootFilesystem === true },
    process: {
      user: { uid: security.runAsUser ?? Number(image.config.User.split(":")[0]), gid: security.runAsGroup ?? 0 },
      args: [...image.config.Entrypoint, ...(container.args ?? [])],
      env: [...image.config.Env, ...Object.entries(placement.env).map(([name, value]) => `${name}=${value}`), ...env],
      cwd: "/",
      // No ambient ones: a runtime of Kubernetes raises none.
      capabilities: { bounding: capabilities, permitted: capabilities, effective: capabilities },
      noNewPrivileges: security.allowPrivilegeEscalation === false,
      rlimits: [{ type: "RLIMIT_NOFILE", soft: 1024, hard: 4096 }],
    },
    mounts: [
      ...SYSTEM_MOUNTS,
      bind(placement.serviceAccount, "/var/run/secrets/kubernetes.io/serviceaccount"),
      ...mounts,
    ],
    linux: {
      namespaces: [
        { type: "pid" },
        { type: "ipc" },
        { type: "uts" },
        { type: "mount" },
        { type: "network", path: `/run/netns/${placement.network}` },
      ],
      maskedPaths: ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"],
      readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
      ...(security.seccompProfile?.type === "RuntimeDefault" ? { seccomp: defaultSeccomp(capabilities) } : {}),
    },
  };
}

const SYSTEM_MOUNTS: readonly object[] = [
  { destination: "/proc", type: "proc", source: "proc" },
  {
    destination: "/dev",
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
  },
  { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
];

function bind(source: string, destination: string): object {
  return { destination, type: "bind", source, options: ["rbind", "ro", "nosuid", "nodev", "noexec"] };
}

interface SeccompRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly args?: readonly object[] | null;
  readonly errnoRet?: number;
  readonly includes?: { readonly caps?: readonly string[]; readonly arches?: readonly string[] };
  readonly excludes?: { readonly caps?: readonly string[]; readonly arches?: readonly string[] };
}

/** The rules of the default profile that hold for these capabilities here. */
function defaultSeccomp(capabilities: readonly string[]): object {
  if (!existsSync(SECCOMP)) throw new Error(`${SECCOMP} is missing: Debian's golang-github-containers-common has it`);
  const profile = JSON.parse(readFileSync(SECCOMP, "utf8")) as {
    readonly defaultAction: string;
    readonly defaultErrnoRet?: number;
    readonly syscalls: readonly SeccompRule[];
  };
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const has = (caps: readonly string[] | undefined): boolean =>
    caps?.some((cap) => capabilities.includes(cap)) === true;
  const syscalls = profile.syscalls.filter(({ includes, excludes }) => {
    if (includes?.caps !== undefined && !has(includes.caps)) return false;
    if (includes?.arches !== undefined && !includes.arches.includes(architecture)) return false;
    return !has(excludes?.caps) && excludes?.arches?.includes(architecture) !== true;
  });
  return {
    defaultAction: profile.defaultAction,
    defaultErrnoRet: profile.defaultErrnoRet ?? 1,
    architectures: [process.arch === "x64" ? "SCMP_ARCH_X86_64" : "SCMP_ARCH_AARCH64"],
    syscalls: syscalls.map(({ names, action, args, errnoRet }) => ({
      names,
      action,
      ...(args === undefined || args === null ? {} : { args }),
      ...(errnoRet === undefined ? {} : { errnoRet }),
    })),
  };
}
