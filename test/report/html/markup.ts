/** Elements that a page may hold; whatever else is markup came from a value. */
const ELEMENTS = new Set(
  (
    "html head meta title style body script a header div p span h1 h2 h3 h4 dl dt dd nav ul ol li main section article footer details summary " +
    "code pre b i table caption colgroup col thead tbody tr th td form label input button output figure figcaption svg desc text path g rect"
  ).split(" "),
);

const ATTRIBUTES = new Set(
  (
    "lang charset http-equiv content name id class href aria-label aria-labelledby aria-pressed aria-expanded aria-controls role tabindex scope " +
    "type autocomplete spellcheck placeholder for hidden open colspan data-fate data-step data-all viewBox width height x y rx d stroke-width"
  ).split(" "),
);

const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s+[\w:-]+(?:="[^"<>]*")?)*)\s*\/?>/g;

/** What in a page is no markup of ours: tags, attributes and brackets that came from a value. Nothing, it is hoped. */
export function findForeign(page: string): string[] {
  const faults: string[] = [];
  const doctype = "<!doctype html>\n";
  if (!page.startsWith(doctype)) faults.push("no doctype");
  const scripts = [...page.matchAll(/<(script|style)([^>]*)>([\s\S]*?)<\/\1>/g)];
  if (
    scripts.map(([, name, rest]) => name! + rest).join() !== 'style,script type="application/json" id="data",script'
  ) {
    faults.push(`scripts: ${scripts.map(([all]) => all.slice(0, 60)).join(" | ")}`);
  }
  let rest = page.slice(doctype.length);
  for (const [all] of scripts) rest = rest.replace(all, () => "");
  const text = rest.replace(TAG, (tag, _close, name: string, attributes: string) => {
    if (!ELEMENTS.has(name)) faults.push(tag);
    for (const [, attribute, value] of attributes.matchAll(/([\w:-]+)(?:="([^"]*)")?/g)) {
      if (!ATTRIBUTES.has(attribute!)) faults.push(tag);
      if (attribute === "href" && !value!.startsWith("#")) faults.push(tag);
    }
    return "";
  });
  const bracket = /[<>]/.exec(text);
  if (bracket) faults.push(`a bracket: ${text.slice(Math.max(0, bracket.index - 40), bracket.index + 40)}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/.exec(page);
  if (unseen)
    faults.push(
      `a character that does not show, at ${JSON.stringify(page.slice(unseen.index - 20, unseen.index + 20))}`,
    );
  return faults;
}

/** Links of a page that lead to nothing, and ids that are there twice. */
export function findLooseEnds(page: string): string[] {
  const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id!);
  const known = new Set(ids);
  const links = [...page.matchAll(/\s(?:href="#|aria-controls="|aria-labelledby=")([^"]*)"/g)].flatMap(([, id]) =>
    id!.split(" "),
  );
  return [
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `twice: ${id}`),
    ...links.filter((id) => !known.has(id)).map((id) => `nowhere: ${id}`),
  ];
}
