import type { FileChange } from "../../contract/edit.ts";
import { isMap } from "../../yaml/is-map.ts";
import { renderChange } from "../diff.ts";
import { withoutSecrets } from "../secrets.ts";
import { sayCount } from "../terminal.ts";
import type { Budget } from "./budget.ts";
import { type Html, html } from "./html.ts";
import { type Section, sayCut } from "./parts.ts";

/** What a plan writes in one repository. */
export interface RepositoryDiff {
  repo: string;
  /** Id of its place in the page. */
  id: string;
  files: number;
  text: string;
}

/** Characters of one repository; who has to see more looks at its branch or its plan. */
const MOST = 40_000;

/** The diff of a plan as JSON, which may come from another machine; undefined where it writes nothing. */
export function readDiff(result: unknown): Pick<RepositoryDiff, "files" | "text"> | undefined {
  const changes = listOf(result, "phases")
    .flatMap((phase) => listOf(phase, "files"))
    .filter(isChange);
  if (changes.length === 0) return undefined;
  let text = "";
  for (const change of changes) {
    if (text.length > MOST) break;
    text += change.withheld
      ? `# ${change.path} holds a Secret, and is not shown\n`
      : renderChange(withoutSecrets(change));
  }
  const isCut = text.length > MOST;
  return { files: changes.length, text: isCut ? `${text.slice(0, MOST)}\n… and more: fluxlift plan shows it` : text };
}

function listOf(value: unknown, key: string): readonly unknown[] {
  const list = isMap(value) ? value[key] : undefined;
  return Array.isArray(list) ? list : [];
}

function isChange(value: unknown): value is FileChange {
  if (!isMap(value) || typeof value.path !== "string") return false;
  return [value.before, value.after].every((text) => text === undefined || typeof text === "string");
}

/** Every diff, closed; a row of the table leads to it. */
export function diffsSection(
  diffs: readonly RepositoryDiff[],
  budget: Budget,
): { section?: Section; shown: Set<string> } {
  const { shown, cut } = budget.fit(diffs, renderOne);
  const left = new Set(cut);
  const ids = new Set(diffs.filter((one) => !left.has(one)).map(({ id }) => id));
  if (diffs.length === 0) return { shown: ids };
  const body = html`${shown}${sayCut(cut, "diff", "They are in the file of results.")}`;
  return { section: { id: "diffs", title: "Diffs", note: String(diffs.length), body }, shown: ids };
}

/** `gone`: stays closed on paper. */
function renderOne({ repo, id, files, text }: RepositoryDiff): Html {
  return html`<details class="group gone" id="${id}"><summary><code>${repo}</code> ${sayCount(files, "file")}</summary><pre class="code">${text}</pre></details>
`;
}
