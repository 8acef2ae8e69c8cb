import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Builder } from "./kustomize.ts";
import type { Finding } from "./plan-json.ts";

const RULES = new Set(["kustomization-broken", "kustomization-incomplete"]);
const NAMES = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/** What only a network would have answered. */
const REMOTE = /https?:|git@|dial tcp|proxyconnect|git fetch|git clone|unsupported protocol/;

/**
 * Whether the real kustomize sees why a blocker says that Flux cannot apply a folder today: it refuses to build it, or what it
 * builds holds a Flux object without a namespace, which the API server refuses. Undefined where it does not.
 */
export async function sayBrokenToday(builder: Builder, root: string, blockers: Finding[]): Promise<string | undefined> {
  for (const { rule, at } of blockers) {
    if (!at || !RULES.has(rule)) continue;
    const dir = findFolder(root, dirname(at.file));
    if (dir === undefined) continue;
    const build = await builder.build(join(root, dir));
    if (!build.ok) {
      if (!REMOTE.test(build.error)) return `kustomize refuses ${dir}: ${build.error}`;
      continue;
    }
    const bare = build.objects.find(
      ({ apiVersion, metadata }) => /\.toolkit\.fluxcd\.io\//.test(String(apiVersion)) && !metadata?.namespace,
    );
    if (bare) return `${bare.kind} ${bare.metadata.name} in ${dir} has no namespace`;
  }
  return undefined;
}

/** The nearest folder with a kustomization, upwards. */
function findFolder(root: string, dir: string): string | undefined {
  if (NAMES.some((name) => existsSync(join(root, dir, name)))) return dir;
  return dir === "." || dir === "" ? undefined : findFolder(root, dirname(dir));
}
