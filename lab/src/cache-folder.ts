import { homedir } from "node:os";
import { join } from "node:path";

/** The folder in which Herald keeps what is made once for every clone: `HERALD_CACHE`, else the user's cache folder. */
export function cacheFolder(): string {
  const { HERALD_CACHE, XDG_CACHE_HOME } = process.env;
  return HERALD_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "herald");
}
