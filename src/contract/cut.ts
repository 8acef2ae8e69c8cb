/**
 * A text without the characters that it ends with, if they are among these: `a//` becomes `a`. A pattern such as `/\/+$/` says
 * the same and takes the square of a long run that something follows.
 */
export function cutEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text[end - 1]!)) end--;
  return text.slice(0, end);
}

/** `./a/b/`, `/a/b` and `a/b` are `a/b`. */
export function barePath(path: string): string {
  return cutEnd(path.replace(/^\.?\/+/, ""), "/");
}

/** The start of a text of more than `most` characters, with `…`; never half a character. */
export function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most).replace(/[\ud800-\udbff]$/, "")}…`;
}
