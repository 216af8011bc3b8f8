import { sys } from "./sys.ts";

const CLONE_NEWNET = 0x4000_0000;
const O_CLOEXEC = 0o2000000;

/** Runs `body` with this thread in the named network namespace (as `ip netns` names it): sockets opened there stay there. Needs root. */
export function inNetworkNamespace<T>(name: string, body: () => T): T {
  const home = openPath("/proc/thread-self/ns/net");
  try {
    enter(`/run/netns/${name}`);
    try {
      return body();
    } finally {
      leaveTo(home);
    }
  } finally {
    sys.close(home);
  }
}

/** Moves this thread into the named network namespace for good. */
export function enterNetworkNamespace(name: string): void {
  enter(`/run/netns/${name}`);
}

function leaveTo(fd: number): void {
  if (sys.setns(fd, CLONE_NEWNET) < 0) throw new Error("cannot return to the network namespace left");
}

function enter(path: string): void {
  const fd = openPath(path);
  const entered = sys.setns(fd, CLONE_NEWNET);
  const errno = sys.errno();
  sys.close(fd);
  if (entered < 0) throw new Error(`setns to ${path} failed with error number ${errno}`);
}

function openPath(path: string): number {
  const fd = sys.open(path, O_CLOEXEC);
  if (fd < 0) throw new Error(`open of ${path} failed with error number ${sys.errno()}`);
  return fd;
}
