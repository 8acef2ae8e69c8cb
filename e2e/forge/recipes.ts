import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";

const ROOT = join(import.meta.dirname, "../..");

/** Code blocks of a section of docs/ci.md: the bench uses what a reader would copy. */
function blocksOf(heading: string, language = "yaml"): string[] {
  const page = readFileSync(join(ROOT, "docs/ci.md"), "utf8");
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  const blocks = new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, "gm");
  return [...section.matchAll(blocks)].map((match) => match[1]!);
}

/** The documented workflow of Gitea, where fluxlift lives with `owner`; `act` takes no addresses in `uses`, as Gitea does. */
export function giteaWorkflow(owner: string): string {
  return blocksOf("Gitea and Forgejo")[0]!.replaceAll("OWNER", owner).replaceAll("uses: https://github.com/", "uses: ");
}

/** The documented lines that give a team its bot, and those that commit the workflow. */
export function giteaLines(): { bot: string; commit: string } {
  const [bot, commit] = blocksOf("Gitea and Forgejo", "sh");
  return { bot: bot!, commit: commit! };
}

/** The documented workflow that judges pull requests from forks, with what the page says of Gitea: a token, no artifact. */
export function trustedWorkflow(owner: string): string {
  const workflow = parse(blocksOf("Pull requests from forks")[1]!.replaceAll("OWNER", owner));
  const { verify } = workflow.jobs;
  verify.steps = verify.steps.filter(({ uses }: { uses?: string }) => !uses?.startsWith("actions/upload-artifact"));
  const action = verify.steps.find(({ uses }: { uses?: string }) => uses?.includes("/fluxlift@"));
  action.with = { token: "${{ secrets.FLUXLIFT_TOKEN }}" };
  return stringify(workflow);
}

/** The same workflow with the documented input that plans a phase. */
export function planWorkflow(owner: string, phase: string): string {
  const workflow = parse(giteaWorkflow(owner));
  const [step] = parse(blocksOf("The migration itself")[0]!);
  const action = workflow.jobs.verify.steps.find(({ uses }: { uses?: string }) => uses?.includes("/fluxlift@"));
  action.with = { ...action.with, ...step.with, plan: phase };
  return stringify(workflow);
}

/** The script of the job that comments for a fork from the report of its run. */
export function commentScript(): string {
  const steps = parse(blocksOf("Pull requests from forks")[0]!).jobs.comment.steps;
  return steps.find((step: { run?: string }) => step.run).run;
}

/** The documented line for any other job, with fluxlift in `folder`. */
export function anywhereLines(folder: string): string {
  return blocksOf("Anywhere else", "sh")[0]!.replaceAll("/opt/fluxlift", folder);
}
