import { homedir } from "node:os";
import { isAbsolute, resolve } from "node:path";

/**
 * A folder of the user, as the XDG specification has it. A relative one counts for none: it would lie in whatever folder one stands
 * in, where a checkout may bring it along.
 */
export function userFolder(variable: "XDG_STATE_HOME" | "XDG_CACHE_HOME", ...inHome: readonly string[]): string {
  const named = process.env[variable] ?? "";
  return isAbsolute(named) ? named : resolve("/", homedir(), ...inHome);
}
