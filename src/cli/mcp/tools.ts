import { existsSync, realpathSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { UsageError } from "../../contract/errors.ts";

/** What an agent may ask for: a command that only looks, with the flags it may give. */
interface Tool {
  name: "scan" | "plan" | "verify" | "explain";
  description: string;
  /** File of the package that holds the JSON schema of what it answers. */
  schema: string;
  /** JSON schema of each argument, by the name of its flag in camel case. */
  properties: Record<string, object>;
  required?: readonly string[];
}

const text = { type: "string", minLength: 1, maxLength: 1024 };
const DIR = { ...text, description: "Folder below the one the server was started in; that one when left out." };
const names = (description: string) => ({ type: "array", items: text, maxItems: 1000, description });

/** None of them writes, and none reaches the network. */
export const TOOLS: readonly Tool[] = [
  {
    name: "scan",
    schema: "schemas/scan.json",
    description:
      "How Flux is installed and synced, for each cluster of a repository, and what would block a migration.",
    properties: { dir: DIR },
  },
  {
    name: "plan",
    schema: "schemas/plan.json",
    description:
      "The edits, findings, runbook and merge safety of one phase of the move to Flux Operator. Nothing is written.",
    properties: {
      dir: DIR,
      phase: { enum: ["install", "cutover", "cleanup", "all"], description: "install when left out." },
      direct: { type: "boolean", description: "Operator and instance already run in the cluster." },
      cluster: names("Only these clusters."),
      sync: { enum: ["adopt", "rename", "keep"], description: "What happens to the old source and root." },
      layout: { enum: ["apps", "manifests", "auto"] },
    },
  },
  {
    name: "verify",
    schema: "schemas/verify.json",
    description: "What merging a change would make Flux delete, move or break: safe, deletes, unsafe or unproven.",
    properties: {
      dir: DIR,
      base: { ...text, description: "What the change is merged into: origin/main." },
      head: { ...text, description: "The change; HEAD when left out, WORKTREE for files as they lie on disk." },
      accept: names("Losses and unknowns that a person has settled: 'Kind namespace/name'."),
    },
    required: ["base"],
  },
  {
    name: "explain",
    schema: "schemas/explain.json",
    description: "What a finding means, why it is there and what to do; every rule when none is named.",
    properties: { rule: text },
  },
];

/**
 * The command line of a call. Values are parts of a flag or stand behind `--`, so none of them is read as a flag.
 * @param root absolute; no folder outside of it is looked at
 */
export function commandLine({ name }: Pick<Tool, "name">, values: Record<string, unknown>, root: string): string[] {
  const { dir, rule, ...flags } = values;
  const words = Object.entries(flags).flatMap(([key, value]) => {
    if (value === true) return [`--${key}`];
    return [value].flat().flatMap((one) => (one === false ? [] : [`--${key}=${String(one)}`]));
  });
  const last = name === "explain" ? rule : folderIn(root, dir === undefined ? "." : String(dir));
  return [name, "--format=json", ...words, "--", ...(last === undefined ? [] : [String(last)])];
}

function folderIn(root: string, dir: string): string {
  const lexical = resolve(root, dir);
  // A link that the repository brings along may lead anywhere.
  const [wanted, real] = existsSync(lexical) ? [realpathSync(lexical), realpathSync(root)] : [lexical, root];
  const path = relative(real, wanted);
  // On Windows what lies on another drive has no path from here, and stays absolute.
  const isBelow = path !== ".." && !path.startsWith(`..${sep}`) && !isAbsolute(path);
  if (isBelow && resolve(real, path) === wanted) return wanted;
  throw new UsageError("outside", "The folder lies outside the one the server was started in.", "Name one inside.");
}
