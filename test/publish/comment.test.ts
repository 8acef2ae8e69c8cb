import fc from "fast-check";
import { expect, test } from "vitest";
import { type Markdown, made } from "../../src/contract/media.ts";
import { hasHidden, visible } from "../../src/contract/visible.ts";
import { annotate } from "../../src/publish/annotations.ts";
import { composeComment, readMark } from "../../src/publish/comment.ts";
import type { Publication } from "../../src/publish/publication.ts";
import { printCodeQuality } from "../../src/report/code-quality.ts";
import { md } from "../../src/report/markdown-escape.ts";
import { printSarif } from "../../src/report/sarif.ts";

const COMMIT = "a".repeat(40);
const FORGE = { commentBytes: 32_000, hide: (mark: Markdown) => md`<!-- ${mark} -->` };

function say(markdown: string, more: Partial<Publication> = {}): Publication {
  return {
    topic: "verify",
    state: "failure",
    headline: "",
    commit: COMMIT,
    markdown: () => made<Markdown>(markdown),
    findings: [],
    ...more,
  };
}

test("is found again by its mark, and by nothing that is quoted further down", () => {
  const body = composeComment(say("# page"), FORGE, { now: COMMIT });
  expect(readMark(body)).toEqual({ topic: "verify", commit: COMMIT });
  // Other jobs comment as the same user, and quote titles and names.
  expect(readMark(`Thank you for fluxlift:verify:${COMMIT}`)).toBeUndefined();
  expect(readMark(`Thank you for "${body}"`)).toBeUndefined();
  expect(readMark(`fluxlift:verify:${COMMIT}`)).toBeUndefined();
  expect(readMark("<!-- fluxlift:other:abc -->")).toBeUndefined();
});

test("gives no command to bots and to GitLab", () => {
  const body = composeComment(say("# page\n/merge\n /path of a diff\ntext /close"), FORGE, { now: COMMIT });
  expect(body).toContain("\n\\/merge\n /path of a diff\ntext /close\n");
});

test("says who could have changed the answer", () => {
  const body = composeComment(say("# page", { untrusted: true }), FORGE, { now: COMMIT });
  expect(body).toContain("which its author can change");
});

test("links the job only where it is a page", () => {
  expect(composeComment(say("#"), FORGE, { now: COMMIT, job: "https://ci/1" })).toContain("[job](<https://ci/1>)");
  expect(composeComment(say("#"), FORGE, { now: COMMIT, job: "javascript:alert(1)" })).not.toContain("job]");
});

test("leaves no tags where Markdown has none", () => {
  const page = "<details>\n<summary>2 notes</summary>\n\n| a<br>b |\n\n</details>\n";
  const body = composeComment(say(page), { ...FORGE, isPlain: true }, { now: COMMIT });
  expect(body).toContain("**2 notes**\n\n| a b |");
  expect(body).not.toMatch(/<\/?(details|summary|br)>/);
});

test("leaves code as it is where Markdown has no tags", () => {
  const page =
    "| `a<br>b` \\`<br>`` c`<span> ``<span>$</span>d <span>:</span>x: |\n\n<details>\n\n````diff\n+<pre>\n```\n-a<br>\n````\n\n</details>\n";
  const body = composeComment(say(page), { ...FORGE, isPlain: true }, { now: COMMIT });
  expect(body).toContain("| `a<br>b` \\` `` c`<span> ``$d :\u2060x: |\n\n\n````diff\n+<pre>\n```\n-a<br>\n````\n\n");
});

const finding = (file: string, what: string) => ({
  rule: "wanted-may-go" as const,
  level: "blocker" as const,
  at: { file, line: 3, col: 1 },
  what,
  why: "",
  next: "Keep it.",
});

test("an annotation is one command and stays one, whatever is in it", () => {
  const hostile = fc.string({
    unit: fc.constantFrom(..."a:,;%]=\n\r#[ \u001b\u202e\u2028".split(""), "::", "##vso[", "::error"),
  });
  fc.assert(
    fc.property(hostile, hostile, (file, what) => {
      const [line, ...others] = annotate([finding(file, what)], "github");
      expect(others).toEqual([]);
      expect(line).toMatch(/^::error file=[^:,\n\r]*,line=3,col=1,title=fluxlift wanted-may-go::[^\n\r]*$/);
      const [vso] = annotate([finding(file, what)], "azure");
      const form =
        /^##vso\[task\.logissue type=error;sourcepath=[^;\]\n\r]*;linenumber=3;columnnumber=1;code=[\w-]+;\][^\n\r]*$/;
      expect(vso).toMatch(form);
      expect(hasHidden(`${line}${vso}`)).toBe(false);
    }),
  );
});

test("what is printed is no command in the log of a job", () => {
  expect(visible("##vso[task.setvariable]x ##[group] ##teamcity[x] ::add-path::/x a::b")).toBe(
    "#\\u0023vso[task.setvariable]x #\\u0023[group] #\\u0023teamcity[x] :\\u003aadd-path::/x a::b",
  );
});

test("Code Quality: an entry for each finding, with a fingerprint of its own that a line does not change", () => {
  const [one, two] = [finding("a.yaml", "It goes."), finding("a.yaml", "It goes.")];
  const entries = JSON.parse(printCodeQuality([one, two]));
  expect(entries[0]).toMatchObject({ check_name: "wanted-may-go", severity: "blocker", location: { path: "a.yaml" } });
  expect(entries[0].fingerprint).not.toBe(entries[1].fingerprint);
  const moved = { ...one, at: { ...one.at, line: 9 } };
  expect(JSON.parse(printCodeQuality([moved]))[0].fingerprint).toBe(entries[0].fingerprint);
});

test("what lists of findings show is what stands there, in its order", () => {
  const what = "a\u202eb\u200bc\nd";
  const shown = annotate([finding("a", what)], "github")[0]! + annotate([finding("a", what)], "azure")[0]!;
  expect(shown.match(/a\\u202eb\\u200bc d Next/g)?.length).toBe(2);
  expect(JSON.parse(printCodeQuality([finding("a", what)]))[0].description).toBe("a\\u202eb\\u200bc\nd Next: Keep it.");
  const [run] = JSON.parse(printSarif([finding("a", what)])).runs;
  expect(run.results[0].message.text).toContain("a\\u202eb\\u200bc\nd");
});
