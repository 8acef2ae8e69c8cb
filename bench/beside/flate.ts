import { spawnSync } from "node:child_process";
import yaml from "js-yaml";

/** What `flate diff all` shows between two trees, and what `flate test all` says of both. */
export interface FlateSays {
  /** Failed and blocked objects of each tree, `Kind namespace/name` and why; empty where all passed. */
  testBase: string[];
  testHead: string[];
  /** Exit code of `flate diff all`. */
  exit: number;
  removed: string[];
  added: string[];
  changed: string[];
  /** What it says on stderr besides. */
  words: string[];
  /** Those of some objects that `flate build all` of the first tree has, and that of the second lacks. */
  unbuilt: string[];
}

/** Asks flate about a tree and the tree before it. It gets what its pages advise for a pull request, and every kind. */
export function askFlate(flate: string, cache: string, base: string, head: string, harm: readonly string[]): FlateSays {
  const run = (args: readonly string[]) => {
    const flags = ["--no-progress", "--log-level", "error", "--cache-dir", cache, "--allow-missing-secrets"];
    const done = spawnSync(flate, [...args, ...flags, "--skip-crds=false", "--skip-secrets=false"], {
      cwd: head,
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
    if (done.error) throw done.error;
    const clean = (text: string) => text.replaceAll(`${head}/`, "").replaceAll(`${base}/`, "");
    return { code: done.status ?? -1, out: clean(done.stdout), err: clean(done.stderr) };
  };
  const test = (path: string) => {
    const { code, out, err } = run(["test", "all", "--path", path]);
    const bad = [...`${out}${err}`.matchAll(/^ *[✗⊘] +([A-Z]\w+) +(\S+) +(.*)$/gm)].map(
      ([, kind, name, why]) => `${kind} ${name}: ${why}`,
    );
    return code !== 0 && bad.length === 0 ? [`${out}${err}`.trim()] : bad;
  };
  const build = (path: string) => labelsIn(run(["build", "all", "--path", path]).out);
  const [before, after] = [build(base), build(head)];
  const diff = run(["diff", "all", "--path", head, "--path-orig", base, "--output", "human"]);
  return {
    testBase: test(base),
    testHead: test(head),
    exit: diff.code,
    ...readDiff(diff.out),
    unbuilt: harm.filter((label) => before.has(label) && !after.has(label)),
    words: diff.err.split("\n").filter((line) => line.trim() !== ""),
  };
}

/** What differs, with the object in brackets; where a side is one document alone, only the document that follows tells. */
const ENTRY = /^(\S.*?)(?: {2}\((\S+)\))?\n( {2})?([-+±].*)\n((?: .*\n)*)/gm;

function readDiff(text: string): Pick<FlateSays, "removed" | "added" | "changed"> {
  const says = { removed: new Set<string>(), added: new Set<string>(), changed: new Set<string>() };
  for (const [, where, id, , mark = "", body = ""] of text.matchAll(ENTRY)) {
    const whole = where === "(root level)";
    const set = whole && mark[0] === "-" ? says.removed : whole && mark[0] === "+" ? says.added : says.changed;
    set.add(id === undefined ? ([...labelsIn(body)][0] ?? "an object") : labelOf(id));
  }
  return { removed: [...says.removed], added: [...says.added], changed: [...says.changed] };
}

/** `apps/v1/Deployment/media/player` as `Deployment media/player`. */
function labelOf(id: string): string {
  const parts = id.split("/");
  const at = parts.findIndex((part) => /^[A-Z]/.test(part));
  return `${parts[at]} ${parts.slice(at + 1).join("/")}`;
}

interface Built {
  kind?: string;
  metadata?: { name?: string; namespace?: string };
}

function labelsIn(text: string): Set<string> {
  const docs = yaml.loadAll(text) as (Built | null)[];
  return new Set(
    docs.map((doc) => `${doc?.kind} ${[doc?.metadata?.namespace, doc?.metadata?.name].filter(Boolean).join("/")}`),
  );
}
