import { describe, expect, test } from "vitest";
import { renderMarkdown } from "../../src/report/markdown.ts";
import { code, escapeCell, escapeText, table } from "../../src/report/markdown-escape.ts";
import { renderPreflight } from "../../src/report/preflight.ts";
import { emptyPlan, sampleDirectPlan, samplePlan } from "./sample-plan.ts";

/** Lines outside of fenced code. */
function proseOf(markdown: string): string[] {
  let fenced = false;
  return markdown.split("\n").filter((line) => {
    const isFence = /^\s*```/.test(line);
    if (isFence) fenced = !fenced;
    return !fenced && !isFence;
  });
}

describe("renderMarkdown", () => {
  const markdown = renderMarkdown(samplePlan());

  test("can be found again by its first line and sums up in the second", () => {
    expect(markdown.startsWith("<!-- fluxlift -->\n\n# fluxlift: install for 2 clusters\n")).toBe(true);
    expect(markdown).toContain("**8 files created, 1 edited · 1 blocker, 2 cautions, 6 notes.**");
  });

  test("has all parts in order", () => {
    const headings = proseOf(markdown).filter((line) => line.startsWith("#"));
    expect(headings).toEqual([
      "# fluxlift: install for 2 clusters",
      "## Recognised",
      "## Findings",
      "## Phase install",
      "### Changes of `main`",
      "### Where the patches went of `main`",
      "### Runbook: install of `main`",
      "#### Before the merge",
      "#### Steps",
      "#### Rollback",
      "### Changes of `edge`",
    ]);
    expect(markdown).toContain("<summary>Rebuilding an empty cluster from this repository</summary>");
  });

  test("begins a runbook with what it needs, and folds away what preflight.sh measures", () => {
    const needs = markdown.slice(markdown.indexOf("### Runbook: install"), markdown.indexOf("#### Before the merge"));
    expect(needs).toMatch(/- Tools: `fluxlift`, `kubectl` and `flux`/);
    expect(needs).toMatch(/- Time: about \d+ minutes for \d+ checks and \d+ steps/);
    expect(needs).toContain("- What cannot be undone: Nothing: the merge only adds");
    const folded = markdown.indexOf("<summary>Without preflight.sh, by hand</summary>");
    const check = markdown.indexOf("**Compare the running Flux version with the plan**");
    expect(folded).toBeGreaterThan(markdown.indexOf("**Measure instead of assuming**"));
    expect(check).toBeGreaterThan(folded);
    const cleanup = renderMarkdown(sampleDirectPlan());
    expect(cleanup).toContain("- What cannot be undone: After the merge the guards and the old source are gone.");
    expect(cleanup).toContain("`helm`");
  });

  test("names what is true of several clusters at one place once, with all of them", () => {
    const plan = samplePlan();
    const [note] = plan.phases[0]!.clusters[0]!.findings.filter(({ level }) => level === "info");
    const edge = { ...note!, cluster: "edge" };
    plan.phases[0]!.clusters[1]!.findings.push(edge, { ...edge, at: { ...edge.at!, line: 99 } });
    const rows = renderMarkdown(plan)
      .split("\n")
      .filter((line) => line.includes("docs/network.md") || line.includes(edge.at!.file));
    expect(rows.filter((line) => line.includes("<br>`edge`, `main`"))).toHaveLength(1);
    expect(rows.filter((line) => line.includes("<br>`edge` |"))).toHaveLength(1);
  });

  test("counts no outcomes where there are none, and lists nothing unread that a finding tells", () => {
    const plan = samplePlan();
    const [main] = plan.phases[0]!.clusters;
    const what = "Kustomization flux-system/apps holds what cannot be read here.";
    const unread = { what, look: "flux tree", resources: [] };
    main!.safety = {
      verdict: "unproven",
      dangers: [],
      outcomes: {},
      transfers: [],
      adopted: false,
      unknown: [unread],
    };
    expect(renderMarkdown(plan).split(what)).toHaveLength(2);
    const [caution] = main!.findings.filter(({ level }) => level === "caution");
    main!.findings.push({ ...caution!, rule: "safety-unknown", what });
    const markdown = renderMarkdown(plan);
    expect(markdown.split(what)).toHaveLength(2);
    expect(markdown).toContain("### What Flux will do in `main` when this is merged\n");
    expect(markdown).not.toContain("| Outcome | Objects |");
  });

  test("shows where every patch went, dropped ones with their reason", () => {
    expect(markdown).toContain(
      "| Delete every NetworkPolicy | `kubernetes/main/flux/config/flux.yaml:27:7` | `instance.cluster.networkPolicy: false` | Exactly what the field does |",
    );
    expect(markdown).toContain("Rename crd-controller \\| critical-pods");
    expect(markdown).toContain("| dropped | Dropped: the operator uses the suffixed names already |");
  });

  test("has tables whose rows all have as many cells as their head", () => {
    for (const text of [markdown, renderMarkdown(sampleDirectPlan())]) {
      const rows = proseOf(text).filter((line) => line.startsWith("|"));
      const cells = (line: string) => line.replaceAll("\\|", "").split("|").length;
      let head = 0;
      for (const [index, line] of rows.entries()) {
        if (/^\| ---/.test(rows[index + 1] ?? "")) head = cells(line);
        expect(cells(line), line).toBe(head);
      }
      expect(rows.length).toBeGreaterThan(10);
    }
  });

  test("says what stops a blocked cluster and gives it no runbook", () => {
    expect(markdown).toContain("None: stopped by 1 blocker.");
    expect(markdown).not.toContain("Runbook: install of `edge`");
  });

  test("gives each phase of a direct plan its own runbook and the order of several clusters", () => {
    const direct = renderMarkdown(sampleDirectPlan());
    for (const phase of ["install", "cutover", "cleanup"]) expect(direct).toContain(`### Runbook: ${phase}\n`);
    const ordered = renderMarkdown(samplePlan({ clusters: ["edge", "main"] }));
    expect(ordered).toContain("Order of the clusters: `edge`, then `main`.");
  });

  test("says a shared reason once, and how to rebuild once for all phases", () => {
    const direct = renderMarkdown(sampleDirectPlan());
    const files = ["apps", "vars", "repositories"].map((name) => `\`kubernetes/main/flux/${name}.yaml\``);
    expect(direct).toContain(`| edit | ${files.join("<br>")} | Reads from the generated source |  |`);
    expect(direct.match(/<summary>Rebuilding/g)?.length).toBe(1);
  });

  test("brings preflight.sh along, unchanged", () => {
    const [, script] = /<summary>preflight\.sh<\/summary>\n\n```sh\n([\s\S]*?)```/.exec(markdown)!;
    expect(script).toBe(renderPreflight(samplePlan()));
    expect(renderMarkdown(emptyPlan())).not.toContain("preflight.sh");
  });

  test("says when nothing was recognised, and of no phase what it does", () => {
    const page = renderMarkdown({ ...emptyPlan(), phases: [{ phase: "install", clusters: [], files: [] }] });
    expect(page).toContain("# fluxlift: No Flux cluster was recognised");
    expect(page).not.toContain("Phase install");
  });

  test("never lets a value of the repository act as markup", () => {
    const plan = samplePlan();
    const evil = "x`|</details><img src=a onerror=b>@team #12 [a](javascript:b)\n# Heading";
    plan.phases[0]!.clusters[0]!.detected.source!.name = evil;
    plan.findings = [{ rule: "path-taken", level: "caution", what: evil, why: evil, next: evil, resource: evil }];
    const text = renderMarkdown(plan);
    const outside = proseOf(text)
      .join("\n")
      .replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, "");
    expect(outside).not.toMatch(/(?<!\\)<img/);
    expect(outside).not.toMatch(/(?<!\\)\[a(?<!\\)\]\(/);
    expect(outside).not.toMatch(/@team/);
    expect(outside).not.toMatch(/ #12/);
    expect(outside).not.toMatch(/^# Heading/m);
    expect(text.match(/^<details>$/gm)?.length).toBe(text.match(/^<\/details>$/gm)?.length);
  });
});

describe("escaping", () => {
  test.each([
    ["plain", "`plain`"],
    ["a`b", "``a`b``"],
    ["`a`", "`` `a` ``"],
    ["a|b", "`a|b`"],
    ["a\nb", "`a\\nb`"],
  ])("code(%j)", (text, expected) => {
    expect(code(text)).toBe(expected);
  });

  test.each([
    ["kept `spec.ignore` here", "kept `spec.ignore` here"],
    ["a_b*c", "a\\_b\\*c"],
    ["<b> & c", "\\<b\\> &amp; c"],
    ["@team @{557058:a} @<6B29> a@b @ @", "@\u2060team @\u2060{557058:a} @\u2060\\<6B29\\> a@\u2060b @ @"],
    ["- item", "\\- item"],
    ["12. item", "12\\. item"],
    ["see #12 and owner/name#12", "see #\u206012 and owner/name#\u206012"],
    ["GH-7 !8 $9 %10 &11", "GH-\u20607 !\u20608 <span>$</span>9 <span>%</span>10 &amp;\u206011"],
    ["https://x.org/a/b/issues/1 a/pull/2", "https&#58;//x.org/a/b/issues/\u20601 a/pull/\u20602"],
    // The backslash would belong to the link, and the tag be one.
    ["https://e<img src=x> www.e<b>", "https&#58;//e\\<img src=x\\> www&#46;e\\<b\\>"],
    ["a#b !c", "a#b !c"],
    ["GL-7 [issue:8] [epic:a/9] [a]", "GL-\u20607 \\[issue:\u20608\\] \\[epic:\u2060a/9\\] \\[a\\]"],
    ["[work_item:8] [wiki_page:a]", "\\[work\\_item:\u20608\\] \\[wiki\\_page:\u2060a\\]"],
    ['%v1 %"a b" %_a 5 % of', '<span>%</span>v1 <span>%</span>"a b" <span>%</span>\\_a 5 % of'],
    ["a:tada:b :+1: :a_b:", "a<span>:</span>tada:b <span>:</span>+1: <span>:</span>a\\_b:"],
    ["a:b c: :: a.yaml:99:2", "a:b c: :: a.yaml:99:2"],
    ["a.yaml:100:2", "a.yaml<span>:</span>100:2"],
    ["{+a+} [-b-] {{- c -}} {d}", "<span>{</span>+a+} <span>\\[</span>-b-\\] {<span>{</span>- c -}} {d}"],
    ["[[a|https://b]]", "<span>\\[</span>\\[a\\|https&#58;//b\\]\\]"],
    ["$$x$$", "<span>$$</span>x<span>$$</span>"],
    ["${D}", "<span>$</span>{D}"],
    ["$`\\color{red}{x}`$", "<span>$</span>`\\color{red}{x}`<span>$</span>"],
  ])("escapeText(%j)", (text, expected) => {
    expect(escapeText(text)).toBe(expected);
  });

  test("a pipe ends no cell, and stays a pipe outside of tables", () => {
    // Two backslashes are one that escapes nothing to some, and the pipe would end the cell.
    const cells = [code("a\\|<img> `|"), escapeText("\\|a `b|c`"), code("|")];
    expect(table(cells, [cells]).at(-1)).toBe("| ``a\\\\u007c<img> `\\|`` | \\\\\\|a `b\\|c` | `\\|` |");
    expect(escapeText("`state list | grep a`")).toBe("`state list | grep a`");
  });

  test("escapeCell keeps code lines as lines of one cell", () => {
    expect(escapeCell("Add:\n- a: <b>\n  c: 'd|e'")).toBe("Add:<pre>- a: &#60;b&#62;<br>  c: 'd&#124;e'</pre>");
    expect(escapeCell("a\n![b](https://c) *d* <www.e> @f $g$")).toBe(
      "a<pre>&#33;&#91;b&#93;(https&#58;//c) &#42;d&#42; &#60;www&#46;e&#62; &#64;f &#36;g&#36;</pre>",
    );
  });
});
