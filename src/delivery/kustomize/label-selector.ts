const name = "[\\w./-]+";
const patterns = {
  set: new RegExp(`^(${name})\\s+(in|notin)\\s*\\(([^()]*)\\)$`),
  compare: new RegExp(`^(${name})\\s*(==|=|!=|>|<)\\s*([\\w./-]*)$`),
  exists: new RegExp(`^(!?)\\s*(${name})$`),
};

/** Evaluates a label selector in kubectl's syntax; undefined when it does not parse. */
export function matchesLabels(selector: string, labels: Readonly<Record<string, string>>): boolean | undefined {
  let result = true;
  for (const part of splitRequirements(selector)) {
    const found = matchesRequirement(part, labels);
    if (found === undefined) return undefined;
    result &&= found;
  }
  return result;
}

function matchesRequirement(part: string, labels: Readonly<Record<string, string>>): boolean | undefined {
  const read = (key: string): string | undefined => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  const set = patterns.set.exec(part);
  if (set) {
    const value = read(set[1]!);
    const listed = value !== undefined && set[3]!.split(",").some((item) => item.trim() === value);
    return set[2] === "in" ? listed : !listed;
  }
  const compare = patterns.compare.exec(part);
  if (compare) {
    const value = read(compare[1]!);
    const wanted = compare[3]!;
    if (compare[2] === "!=") return value !== wanted;
    if (compare[2] === ">") return value !== undefined && Number(value) > Number(wanted);
    if (compare[2] === "<") return value !== undefined && Number(value) < Number(wanted);
    return value === wanted;
  }
  const exists = patterns.exists.exec(part);
  if (!exists) return undefined;
  return (read(exists[2]!) !== undefined) === (exists[1] === "");
}

function splitRequirements(selector: string): string[] {
  const parts = selector.split(/,(?![^(]*\))/).map((part) => part.trim());
  return parts.length === 1 && parts[0] === "" ? [] : parts;
}
