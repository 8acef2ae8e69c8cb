import { type Change, type Data, isMap, mapItems, scalarText } from "./data.ts";
import { BuildError, EditFailure } from "./failures.ts";
import type { FieldSpec } from "./field-spec.ts";
import { guard, type Item, withBody } from "./item.ts";
import type { PatchContext } from "./patch.ts";
import { compile } from "./regex.ts";
import { setAll } from "./transform.ts";

/**
 * Applies one entry of `images`: to `image` in every list called containers or initContainers, wherever it lies, and then
 * to what the specs name. CustomResourceDefinitions stay. Throws `BuildError`.
 */
export function setImage(
  items: readonly Item[],
  image: Data,
  specs: readonly FieldSpec[],
  { at, undecided }: PatchContext,
): Item[] {
  let isHit = false;
  let values: unknown[] = [];
  const matches = matcherOf(image);
  if (matches === undefined)
    throw new BuildError(at, `invalid regular expression in images: ${scalarText(image.name)}`);
  const update: Change = (old) => {
    values.push(old);
    const text = renameValue(old, image, matches, undecided);
    isHit ||= text !== undefined;
    return text ?? old;
  };
  return items.map((item) => {
    if (item.kind === "CustomResourceDefinition") return item;
    const before = missed.get(item.body);
    if (before?.specs === specs && !before.texts.some((text) => matches.test(text))) return item;
    isHit = false;
    values = [];
    const body = guard(item, at, () => walk(item.body, update)) as Data;
    const walked = body === item.body ? item : withBody(item, body);
    const done = setAll([walked], specs, undefined, at, update)[0]!;
    if (done === item && values.every((value) => typeof value === "string"))
      missed.set(item.body, { specs, texts: [...new Set(values.map(scalarText))] });
    return isHit ? { ...done, hasImages: true } : done;
  });
}

/** The images of objects that an entry left as they are: another one that is for none of them does so as well. */
const missed = new WeakMap<Data, { specs: readonly FieldSpec[]; texts: readonly string[] }>();

function walk(value: unknown, update: Change): unknown {
  if (Array.isArray(value)) return mapItems(value, (item) => walk(item, update));
  if (!isMap(value)) return value;
  let changed: Record<string, unknown> | undefined;
  for (const [key, old] of Object.entries(value)) {
    const walked = walk(old, update);
    const isList = (key === "containers" || key === "initContainers") && Array.isArray(walked);
    const item = isList ? mapItems(walked, (container) => updateContainer(container, update)) : walked;
    if (item === old) continue;
    changed ??= { ...value };
    changed[key] = item;
  }
  return changed ?? value;
}

function updateContainer(container: unknown, update: Change): unknown {
  if (container === null) return container;
  if (!isMap(container)) throw new EditFailure("wrong node kind: a container is no map");
  if (!Object.hasOwn(container, "image")) return container;
  const image = update(container.image);
  return image === container.image ? container : { ...container, image };
}

/** What an entry of `images` makes of an image; undefined where it is for another one, or its name is no pattern. */
export function renameImage(entry: Data, image: string): string | undefined {
  return matcherOf(entry)?.test(image) ? rename(entry, image) : undefined;
}

/** The new text of an image; undefined for one that the entry is not for. */
function renameValue(
  value: unknown,
  image: Data,
  matches: Pick<RegExp, "test">,
  undecided: PatchContext["undecided"],
): string | undefined {
  if (isMap(value) || Array.isArray(value)) throw new EditFailure("wrong node kind: an image is no scalar");
  const text = scalarText(value);
  if (value === null && matches.test("null")) undecided("what becomes of an image that is null");
  return matches.test(text) ? rename(image, text) : undefined;
}

/** The name of an entry is a pattern, and may hold a tag or a digest. */
function matcherOf({ name }: Data): Pick<RegExp, "test"> | undefined {
  const own = scalarText(name);
  const pattern = `^${own}(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$`;
  return /^[\w./:-]{0,4096}$/.test(own) ? new RegExp(pattern) : compile(pattern);
}

function rename(entry: Data, image: string): string {
  const [newName, newTag, newDigest, suffix] = ["newName", "newTag", "digest", "tagSuffix"].map((key) =>
    scalarText(entry[key]),
  );
  let { name, tag, digest } = splitImage(image);
  if (newName) name = newName;
  if (newTag) [tag, digest] = [newTag, newDigest!];
  else if (newDigest) [tag, digest] = ["", newDigest];
  else if (suffix) [tag, digest] = [tag + suffix, ""];
  return name + (tag && `:${tag}`) + (digest && `@${digest}`);
}

/** Name, tag and digest of an image, empty where it has none. */
export function splitImage(image: string): { name: string; tag: string; digest: string } {
  const start = Math.max(0, image.indexOf("/"));
  const digestAt = image.indexOf("@", start);
  const end = digestAt < 0 ? image.length : digestAt;
  const colon = image.slice(0, end).indexOf(":", start);
  const nameEnd = colon < 0 ? end : colon;
  return { name: image.slice(0, nameEnd), tag: image.slice(nameEnd + 1, end), digest: image.slice(end + 1) };
}
