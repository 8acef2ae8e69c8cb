import { isDocs } from "../../../src/cluster/automation-files.ts";
import { isKustomizationFile } from "../../../src/delivery/kustomize/index.ts";
import { basename, dirname, join } from "../../../src/delivery/paths.ts";
import { escapeRegExp } from "../../../src/delivery/patterns.ts";
import { remember } from "../../../src/files/remember.ts";
import type { Tree } from "../../../src/files/tree.ts";

/** What stands for a part of a path that only a run fills in: `{{ .Env }}`, `${DIR}`, `$(dir)`, `%s`; not what names a path itself. */
const UNKNOWN = "\u0001";
const FILLED_IN = /\{\{[^{}"'/]{0,200}\}\}|\$\{[^{}]{0,200}\}|\$\([^()]{0,200}\)|\$\w+|%s/g;

/**
 * Whether a file beside the ones that go reads this one: by its path from the root, from its own folder, or by a path of
 * which a run fills in a part. Prose does not count. Errs towards "read".
 * @param ignored files whose reading ends
 */
export function isReadElsewhere(tree: Tree, path: string, ignored: ReadonlySet<string>): boolean {
  const name = basename(path);
  return tree.grep(name).some((file) => {
    if (file === path || ignored.has(file) || isDocs(file)) return false;
    const text = (tree.read(file) ?? "").replace(FILLED_IN, UNKNOWN);
    return wordsEndingIn(text, name).some((word) => means(tree, word, file, path));
  });
}

/** No path is longer, and a file of one long line is looked at once. */
const LONGEST = 500;

function wordsEndingIn(text: string, name: string): string[] {
  const words: string[] = [];
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length)) {
    const end = at + name.length;
    if (/[\w-]/.test(text[end] ?? "") || /^\.\w/.test(text.slice(end, end + 2))) continue;
    let start = at;
    while (start > 0 && at - start < LONGEST && !/[\s"'`=,;()[\]]/.test(text[start - 1]!)) start--;
    words.push(text.slice(start, end));
  }
  return words;
}

function means(tree: Tree, word: string, file: string, path: string): boolean {
  if (!word.includes(UNKNOWN) && join(dirname(file), word) === path) return true;
  if (isKustomizationFile(file)) return false;
  const segments = word.split("/").filter((part) => part !== "" && part !== "." && part !== "..");
  // A bare `values.yaml` means a file of that name anywhere, and so none in particular; `$DIR/values.yaml` may be this one.
  if (segments.length < 2) return false;
  const ends = path.split("/").slice(-segments.length);
  const filled = ends.length < segments.length ? [] : segments.map((part, at) => fillIn(part, ends[at]!));
  if (filled.length === 0 || filled.includes(undefined)) return false;
  // A template of values is filled in with the releases that a helmfile lists, and reads nothing for one that is gone.
  return !isHelmfile(file) || filled.flatMap((parts) => parts ?? []).every((part) => isSaidInHelmfiles(tree, part));
}

/**
 * What a run fills into a part of a path to make it a name; undefined where nothing does. From the end on, so that each piece
 * is looked for once: as a regular expression, `*-*-*-*x` takes the power of its stars.
 */
function fillIn(part: string, name: string): string[] | undefined {
  const pieces = part.split(UNKNOWN);
  const filled: string[] = [];
  const last = pieces.pop()!;
  if (pieces.length === 0) return last === name ? [] : undefined;
  if (!name.endsWith(last)) return undefined;
  let end = name.length - last.length;
  for (const [index, piece] of [...pieces.entries()].reverse()) {
    const at = index === 0 ? (name.startsWith(piece) ? 0 : -1) : name.lastIndexOf(piece, end - piece.length);
    if (at < 0 || at + piece.length > end) return undefined;
    filled.unshift(name.slice(at + piece.length, end));
    end = at;
  }
  return filled;
}

function isSaidInHelmfiles(tree: Tree, part: string): boolean {
  return remember(tree, "word of a helmfile", part, () =>
    tree.paths.some((path) => isHelmfile(path) && hasWord(tree.read(path) ?? "", part)),
  );
}

const isHelmfile = (path: string) => /(^|\/)helmfile(\.d\/[^/]+)?\.ya?ml|\.gotmpl$/.test(path);

function hasWord(text: string, word: string): boolean {
  return new RegExp(`(^|[\\s"'/])${escapeRegExp(word)}($|[\\s"'/])`, "m").test(text);
}
