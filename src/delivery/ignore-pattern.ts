import { compileGoMatch } from "../files/go-match.ts";

type Fits = (name: string) => boolean;

/**
 * A pattern of `.sourceignore` or `spec.ignore` as a test of files, as source-controller reads it (fluxcd/pkg `sourceignore/gitignore`,
 * flux-facts 6.1): not as git does. Takes time that grows with the path times the pattern, whatever they hold.
 */
export function readIgnorePattern(pattern: string): (segments: readonly string[]) => boolean {
  const isFolder = pattern.endsWith("/");
  const body = isFolder ? pattern.slice(0, -1) : pattern;
  if (body.includes("/")) return readGlob(body.split("/"), isFolder);
  const fits = compileGoMatch(body);
  if (!fits) return () => false;
  return (segments) => {
    const first = segments.findIndex((name) => fits(name));
    return first >= 0 && !(isFolder && first === segments.length - 1);
  };
}

/** `**` stands for any folders; a list of nothing else fits nothing, and `a/**` fits a file `a` as well. */
function readGlob(names: readonly string[], isFolder: boolean): (segments: readonly string[]) => boolean {
  const tests = names.map((name) => (name === "" || name === "**" ? name : name.includes("**") ? NONE : compile(name)));
  const last = tests.length - 1;
  return (segments) => {
    let at = 0;
    let hasMatched = false;
    let mayPass = false;
    for (const [index, fits] of tests.entries()) {
      if (fits === "") mayPass = false;
      else if (fits === "**" && index === last) break;
      else if (fits === "**") mayPass = true;
      else if (fits === NONE || at === segments.length) return false;
      else if (mayPass) {
        mayPass = false;
        while (at < segments.length && !fits(segments[at]!)) at++;
        hasMatched = at < segments.length;
        at = Math.min(at + 1, segments.length);
      } else {
        if (!fits(segments[at]!)) return false;
        hasMatched = true;
        at++;
      }
    }
    return hasMatched && !(isFolder && at === segments.length);
  };
}

const NONE: Fits = () => false;
const compile = (name: string): Fits => compileGoMatch(name) ?? NONE;
