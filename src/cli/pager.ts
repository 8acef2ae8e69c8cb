import { spawnSync } from "node:child_process";
import { delimiter, isAbsolute } from "node:path";

/**
 * Shows text in the pager of the person at the terminal: `PAGER`, else `less -FRX`, which ends by itself where the text fits
 * the screen. Like git, a shell runs `PAGER`; nothing of a repository comes to that line.
 * @returns false where there is no pager to show it, or none is wanted (`PAGER=cat`)
 */
export function showInPager(text: string, env: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean {
  const own = env.PAGER?.trim();
  if (own === "" || own === "cat" || env.TERM === "dumb") return false;
  // On Windows a program of that name in the folder would come first.
  if (own === undefined && platform === "win32") return false;
  // Ctrl-C is the pager's, as with git: it must not outlive what started it.
  const leave = () => {};
  process.on("SIGINT", leave);
  const done = spawnSync(own ?? "less", own === undefined ? ["-FRX"] : [], {
    input: text,
    stdio: ["pipe", "inherit", "inherit"],
    env: { ...env, PATH: absoluteOnly(env.PATH), LESS: env.LESS ?? "FRX" },
    shell: own !== undefined,
  });
  process.off("SIGINT", leave);
  // Who leaves the pager early closes its pipe; that is no failure. 126 and 127 are what a shell says of no program.
  const code = (done.error as NodeJS.ErrnoException | undefined)?.code;
  return (code === undefined || code === "EPIPE") && done.status !== 126 && done.status !== 127;
}

/** A checkout may hold a program called `less`: folders of `PATH` that depend on where one stands do not count. */
export function absoluteOnly(path = ""): string {
  return path.split(delimiter).filter(isAbsolute).join(delimiter);
}
