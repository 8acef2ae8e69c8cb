import { type Markdown, made } from "../contract/media.ts";
import { MARKER } from "../report/markdown.ts";
import { code, joinLines, mapCode, md } from "../report/markdown-escape.ts";
import type { Forge } from "./forge.ts";
import type { Publication } from "./publication.ts";

/** Room for the lines around the answer, in bytes. */
const FRAME = 1500;

interface CommentSettings {
  /** The commit that the pull request is at. */
  now: string;
  /** The page of the job. */
  job?: string;
}

/** The text of the comment: a hidden mark to find it by, the answer, and which commit it is about. */
export function composeComment(
  publication: Publication,
  { commentBytes, hide, isPlain }: Pick<Forge, "commentBytes" | "hide" | "isPlain">,
  { now, job }: CommentSettings,
): Markdown {
  const { topic, commit, markdown, untrusted } = publication;
  const answer = defuse(dropMarker(markdown(commentBytes - FRAME)));
  const isLate = now !== commit;
  const lines = [
    hide(made(`fluxlift:${topic}:${commit.replace(/[^0-9a-f]/g, "")}`)),
    md``,
    ...(isLate
      ? [
          md`> **Out of date.** The pull request is at ${code(short(now))} now; this is about ${code(short(commit))}.`,
          md``,
        ]
      : []),
    ...(untrusted
      ? [
          md`> **Reported by the pull request's own run**, which its author can change. Look at the change before you trust it.`,
          md``,
        ]
      : []),
    answer,
    md``,
    md`---`,
    md``,
    md`Judged: commit ${code(short(commit))}. The next push edits this comment${isUrl(job) ? linkTo(job) : md``}`,
  ];
  const body = md`${joinLines(lines)}\n`;
  return isPlain ? dropTags(body) : body;
}

/** The mark that a page has for comments that people make with tools of their own. */
function dropMarker(markdown: Markdown): Markdown {
  return markdown.startsWith(MARKER) ? made(markdown.slice(MARKER.length)) : markdown;
}

/** The tags that fluxlift writes, as far as Markdown has something like them; what stands in code is no tag. */
function dropTags(markdown: Markdown): Markdown {
  let fence = "";
  const lines = markdown.split("\n").flatMap((line) => {
    const [, run = ""] = /^\s*(`{3,})[^`]*$/.exec(line) ?? [];
    if (fence !== "" || run !== "") {
      fence = fence === "" ? run : line.trim() === fence ? "" : fence;
      return [line];
    }
    if (line === "<details>" || line === "</details>") return [];
    const titled = line.replace(/^<summary>(.*)<\/summary>$/, "**$1**");
    return [mapCode(titled, (code) => code, replaceTags)];
  });
  return made(lines.join("\n"));
}

function replaceTags(prose: string): string {
  return prose
    .replace(/<span>:<\/span>/g, ":\u2060")
    .replace(/<(?:br|\/?pre)>/g, " ")
    .replace(/<\/?span>/g, "");
}

/** The mark as forges hide it, and nothing before it: other jobs comment as the same user, and quote what strangers write. */
const MARK = /^\s*(?:<!--|\[\/\/\]: <> \() ?fluxlift:(verify|plan):([0-9a-f]{40,64})(?: -->|\))/;

/** What a comment of fluxlift is about; undefined for every other comment. */
export function readMark(body: string): { topic: string; commit: string } | undefined {
  const match = MARK.exec(body);
  return match ? { topic: match[1]!, commit: match[2]! } : undefined;
}

/** A line that begins with a slash is a command to GitLab and to bots: `/merge`. Lines of a diff begin with something else. */
function defuse(markdown: Markdown): Markdown {
  return made(markdown.trim().replace(/^\//gm, "\\/"));
}

function isUrl(job: string | undefined): job is string {
  return job !== undefined && /^https?:\/\/[^\s<>]+$/.test(job);
}

/** An address that `isUrl` takes holds nothing that ends the link. */
function linkTo(job: string): Markdown {
  return made(` · [job](<${job}>)`);
}

/** How a commit is called among others. */
export function short(commit: string): string {
  return commit.slice(0, 7);
}
