// Real messages for docs/troubleshooting.md: each is provoked on an example tree.
import type { GeneratedPart } from "../generated-parts.ts";
import { makeScene } from "./pages.ts";
import { playCommands } from "./play.ts";

interface Trouble {
  /** Name of the part in the page. */
  name: string;
  /** What happens before, in a shell. */
  before?: readonly string[];
  command: string;
  tree?: "fleet";
}

const TROUBLES: readonly Trouble[] = [
  { name: "nothing-recognised", before: ["rm -r kubernetes .taskfiles"], command: "fluxlift" },
  { name: "no-terminal", command: "fluxlift migrate" },
  { name: "dirty-tree", before: ["echo '# mine' >> README.md"], command: "fluxlift migrate --yes" },
  {
    name: "not-pushed",
    before: ["fluxlift migrate --yes --commit"],
    command: "fluxlift migrate --phase cutover --yes",
  },
  { name: "not-reached", command: "fluxlift migrate --phase cutover --yes" },
  { name: "detached-head", before: ["git switch --quiet --detach"], command: "fluxlift migrate --yes --commit" },
  { name: "all-needs-direct", command: "fluxlift migrate --phase all" },
  { name: "bad-version", command: "fluxlift plan --flux-version 3.9" },
  { name: "unknown-cluster", command: "fluxlift plan --cluster prod" },
  {
    name: "bootstrap-unknown",
    tree: "fleet",
    before: ["git remote remove origin"],
    command: "fluxlift plan --cluster lab",
  },
  {
    name: "changed-since",
    before: ["fluxlift plan -o ../plan.json", "echo >> kubernetes/apps/flux-system/kustomization.yaml"],
    command: "fluxlift apply --yes --allow-dirty ../plan.json",
  },
  { name: "no-base", command: "fluxlift verify" },
  { name: "unknown-ending", command: "fluxlift plan -o plan.yaml" },
  { name: "unknown-command", command: "fluxlift migrat" },
  {
    name: "undo-committed",
    before: ["fluxlift migrate --yes --commit"],
    command: "fluxlift undo --yes",
  },
];

/** @throws Error where a command does not fail as the page says */
export function renderTroubles(bin: string): GeneratedPart[] {
  return TROUBLES.map(({ name, before = [], command, tree }) => {
    const steps = playCommands(makeScene(bin, tree ?? "home-ops"), [...before, command]);
    const lines = steps.at(-1)!.output.trimEnd().split("\n");
    const start = lines.findIndex((line) => /^[✗⚠] |^error: /.test(line));
    if (start < 0) throw new Error(`${command} says nothing that went wrong:\n${lines.join("\n")}`);
    const text = `\`\`\`text\n$ ${command}\n${lines.slice(start).join("\n")}\n\`\`\`\n`;
    return { page: "docs/troubleshooting.md", name, text };
  });
}
