import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const ROOT = join(import.meta.dirname, "../..");

/** Code blocks of a section of docs/ci.md: the bench uses what a reader would copy. */
function blocksOf(heading: string): string[] {
  const page = readFileSync(join(ROOT, "docs/ci.md"), "utf8");
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map((match) => match[1]!);
}

/** The documented workflow of Gitea, where fluxlift lives with `owner`; `act` takes no addresses in `uses`, as Gitea does. */
export function giteaWorkflow(owner: string): string {
  return blocksOf("Gitea and Forgejo")[0]!.replaceAll("OWNER", owner).replaceAll("uses: https://github.com/", "uses: ");
}

/** Scripts of the jobs that comment for a fork: from the report of the other run, and judging by itself. */
export function forkScripts(): { comment: string; judge: string } {
  const [workflow, steps] = blocksOf("Pull requests from forks");
  const comment = parse(workflow!).jobs.comment.steps.find((step: { run?: string }) => step.run).run;
  const judge = parse(steps!).find((step: { run?: string }) => step.run).run;
  return { comment, judge };
}
