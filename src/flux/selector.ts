/**
 * Whether labels satisfy a Kubernetes selector: `a=b`, `a==b`, `a!=b`, `a in (x,y)`, `a notin (x,y)`, `a`, `!a`.
 * Text that is no selector matches nothing and gives undefined, so a caller never mistakes it for a match.
 */
export function matchesSelector(selector: string, labels: Readonly<Record<string, unknown>>): boolean | undefined {
  const terms = splitTerms(selector);
  if (terms.length === 0) return undefined;
  let all = true;
  for (const term of terms) {
    const matched = matchesTerm(term, labels);
    if (matched === undefined) return undefined;
    all &&= matched;
  }
  return all;
}

function splitTerms(selector: string): string[] {
  const terms: string[] = [];
  let depth = 0;
  let current = "";
  for (const char of selector) {
    if (char === "(") depth++;
    if (char === ")") depth--;
    if (char === "," && depth === 0) {
      terms.push(current.trim());
      current = "";
    } else current += char;
  }
  terms.push(current.trim());
  return terms.filter((term) => term !== "");
}

function matchesTerm(term: string, labels: Readonly<Record<string, unknown>>): boolean | undefined {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(term);
  if (set) {
    const value = labels[set[1]!];
    const values = set[3]!.split(",").map((item) => item.trim());
    const isIn = value !== undefined && values.includes(String(value));
    return set[2] === "in" ? isIn : !isIn;
  }
  const equality = /^([^\s=!]+)\s*(==?|!=)\s*(\S*)$/.exec(term);
  if (equality) {
    const equal = labels[equality[1]!] !== undefined && String(labels[equality[1]!]) === equality[3];
    return equality[2] === "!=" ? !equal : equal;
  }
  const existence = /^(!?)\s*([^\s=!(),]+)$/.exec(term);
  if (existence) return (labels[existence[2]!] !== undefined) === (existence[1] === "");
  return undefined;
}
