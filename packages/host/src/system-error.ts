import { constants } from "node:os";
import { err, type Result } from "@herald-lb/sansio";

/** The error of a failed system call. */
export interface SystemError {
  /** The name of the error number: `"EAGAIN"`, `"ENODEV"`, ... */
  readonly code: string;
  /** The number itself, positive. */
  readonly errno: number;
  /** The system call that failed, with the option where it was `setsockopt`. */
  readonly syscall: string;
}

const names: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno)
    // Two names share the number of EAGAIN, and of EOPNOTSUPP; the one kept is the one that socket manual pages use.
    .filter(([name]) => name !== "EWOULDBLOCK" && name !== "ENOTSUP")
    .map(([name, number]) => [number, name]),
);

/** The symbolic name of an error number, or `"E" + number` where the platform has none. */
export function errnoName(errno: number): string {
  return names.get(errno) ?? `E${errno}`;
}

/** The failure of `syscall` as a value. */
export function systemError(syscall: string, errno: number): SystemError {
  return { code: errnoName(errno), errno, syscall };
}

/** The failure of `syscall` as a failed `Result`. */
export function failed(syscall: string, errno: number): Result<never, SystemError> {
  return err(systemError(syscall, errno));
}
