import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";

export const FLATE = "github.com/home-operations/flate/cmd/flate@v0.6.5";
/** flate asks for a newer Go than most machines have; the module proxy hands it out. */
const TOOLCHAIN = "go1.27.2";

/** A Go program from the cache, built on the first run. @throws Error where there is no go */
export function installProgram(program: string): string {
  const [path, version] = program.split("@") as [string, string];
  const bin = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "fluxlift-beside", version);
  const file = join(bin, basename(path));
  if (existsSync(file)) return file;
  if (spawnSync("go", ["version"]).error) throw new Error("go is not in PATH; the bench builds flate with it");
  mkdirSync(bin, { recursive: true });
  process.stderr.write(`building ${program}, which takes some minutes\n`);
  const env = { ...process.env, GOBIN: bin, GOTOOLCHAIN: TOOLCHAIN };
  execFileSync("go", ["install", program], { cwd: bin, env, stdio: ["ignore", "inherit", "inherit"] });
  return file;
}
