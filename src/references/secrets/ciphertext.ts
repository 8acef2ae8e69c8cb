import { isOpenText } from "../../admission/open-text.ts";
import type { OwnedObject } from "../../change/types.ts";
import type { YamlData } from "../../contract/objects.ts";
import { compile } from "../../delivery/kustomize/regex.ts";
import { isMap } from "../../yaml/is-map.ts";
import { type PlacedValue, walkData } from "../../yaml/walk-data.ts";

/** How SOPS writes an encrypted value; each is made with a random start, so that no two are alike. */
const CIPHERTEXT = /^ENC\[[A-Z0-9_]+,data:/;

/**
 * What an edit by hand does to an encrypted object: `bare`, its values stay ciphertext and the `sops` block with the keys is
 * gone, so that Flux applies the ciphertext; `torn`, a value stands under another key than the one it was encrypted for.
 * SOPS binds each value to its path (getsops/sops, `Tree.Decrypt`), and kustomize-controller fails on it; `apart`,
 * the block says that nothing is encrypted there, and SOPS leaves it as it is.
 */
export function findSpoilt(
  old: OwnedObject | undefined,
  now: OwnedObject,
): { how: "bare" | "torn" | "apart"; path: string } | undefined {
  if (!now.body) return undefined;
  if (!now.encrypted) {
    if (old && !old.encrypted && listCiphertext(old.body).length > 0) return undefined;
    const [first] = listCiphertext(now.body);
    return first && { how: "bare", path: first.path };
  }
  if (!old?.encrypted) return undefined;
  const known = listCiphertext(old.body);
  const texts = new Set(known.map(({ text }) => text));
  const bound = new Set(known.map(printBound));
  const torn = listCiphertext(now.body).find((one) => texts.has(one.text) && !bound.has(printBound(one)));
  if (torn) return { how: "torn", path: torn.path };
  const before = new Set(listApart(old.body));
  const apart = listApart(now.body).find((path) => !before.has(path));
  return apart === undefined ? undefined : { how: "apart", path: apart };
}

/**
 * A value that somebody wrote in the clear into the part of an object that SOPS encrypts: Flux cannot decrypt the object
 * (getsops/sops, `Tree.Decrypt`). Only where the object says itself which part that is.
 */
export function findUnencrypted(old: OwnedObject | undefined, now: OwnedObject): PlacedValue["path"] | undefined {
  if (!now.encrypted || !isMap(now.body)) return undefined;
  const known = new Set(listClear(old?.body).map((path) => path.join("\0")));
  return listClear(now.body).find((path) => !known.has(path.join("\0")));
}

/** Where ciphertext stands outside of the part that SOPS decrypts. */
function listApart(body: YamlData): string[] {
  const isEncrypted = readPart(body);
  return isEncrypted ? listCiphertext(body).flatMap(({ keys, path }) => (keys.some(isEncrypted) ? [] : path)) : [];
}

const DISABLED = "kustomize.toolkit.fluxcd.io/decrypt";

function listClear(body: YamlData): PlacedValue["path"][] {
  const { sops: _, ...rest } = isMap(body) ? body : {};
  const isEncrypted = readPart(body);
  if (!isEncrypted) return [];
  return walkData(rest).flatMap(({ value, path }) => {
    const isClear = typeof value !== "object" && (value ?? "") !== "" && !CIPHERTEXT.test(String(value));
    return isClear && path.some((key) => typeof key === "string" && isEncrypted(key)) ? [path] : [];
  });
}

/** Which keys hold what is encrypted; undefined where nothing is decrypted, or the object does not say it so. */
function readPart(body: YamlData): ((key: string) => boolean) | undefined {
  const { sops, metadata } = isMap(body) ? body : {};
  if (metadata?.annotations?.[DISABLED] === "disabled") return undefined;
  const { encrypted_regex: regex, encrypted_suffix: suffix, ...rest } = isMap(sops) ? sops : {};
  if (["unencrypted_regex", "encrypted_comment_regex", "unencrypted_comment_regex"].some((one) => rest[one]))
    return undefined;
  if (typeof suffix === "string" && suffix !== "" && !regex) return (key) => key.endsWith(suffix);
  const pattern = typeof regex === "string" && regex !== "" && !suffix ? compile(regex) : undefined;
  return pattern && ((key) => pattern.test(key));
}

const SECRET = /^(?:data|stringData)\./;

/**
 * Where an object that was encrypted holds in the clear what was a secret: the value itself is never read. A Secret may say it
 * under `stringData` instead of `data`.
 */
export function findDecrypted(old: OwnedObject | undefined, now: OwnedObject): string | undefined {
  if (!old?.encrypted || now.encrypted || !now.body) return undefined;
  for (const { path } of listCiphertext(old.body)) {
    const key = path.replace(SECRET, "");
    const places = SECRET.test(path) ? [`data.${key}`, `stringData.${key}`] : [path];
    const plain = places.find((place) => isPlain(valueAt(now.body, place)));
    if (plain !== undefined) return plain;
  }
  return undefined;
}

const isPlain = (value: unknown): boolean =>
  typeof value === "number" || (typeof value === "string" && value !== "" && !isOpenText(value));

/** A key may hold dots. */
function valueAt(body: unknown, path: string): unknown {
  let value = body;
  let rest = path;
  while (isMap(value) && !Object.hasOwn(value, rest)) {
    const dot = rest.indexOf(".");
    value = dot < 0 ? undefined : value[rest.slice(0, dot)];
    rest = rest.slice(dot + 1);
  }
  return isMap(value) ? value[rest] : undefined;
}

interface Ciphertext {
  text: string;
  /** What it is bound to, which counts no items of lists. */
  keys: readonly string[];
  /** The same as one text. */
  path: string;
}

const printBound = ({ text, path }: Ciphertext): string => `${text}\0${path}`;

function listCiphertext(body: YamlData): Ciphertext[] {
  return walkData(body).flatMap(({ value, path }) => {
    if (typeof value !== "string" || !CIPHERTEXT.test(value) || path[0] === "sops") return [];
    const keys = path.filter((key) => typeof key === "string");
    return { text: value, keys, path: keys.join(".") };
  });
}
