import { isTag } from "../../admission/tag.ts";

/** Longer ones are no images. */
const LONGEST = 500;
/** Of a registry, which may have upper case, unlike what follows it. */
const HOST = /^(?:\[[0-9a-fA-F:]+\]|[a-zA-Z0-9.-]+)(?::\d+)?$/;
const PART = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const DIGEST = /^[a-zA-Z0-9+._-]+:[0-9a-fA-F]{32,}$/;

/** Why no container runtime reads this as the name of an image (distribution/reference); undefined where it does. */
export function refusesImage(image: string): string | undefined {
  if (image.length > LONGEST) return undefined;
  const [named = "", digest, ...more] = image.split("@");
  if (digest !== undefined && (more.length > 0 || !DIGEST.test(digest))) return "what stands behind @ is no digest";
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const [name, tag] = colon < 0 ? [named] : [named.slice(0, colon), named.slice(colon + 1)];
  if (tag !== undefined && !isTag(tag)) return "what stands behind the colon is no tag";
  if (name.includes("://")) return "an image begins with no scheme";
  return refusesRepository(name);
}

/** Of a chart only that is certain: it may put a registry before the name, and whatever behind it. */
export const hasUpperCase = (repository: string): boolean =>
  repository.includes("/") && /[A-Z]/.test(repository.slice(repository.indexOf("/"))) && !/[{$:@\s]/.test(repository);

/** The same of a name without tag and digest. */
function refusesRepository(name: string): string | undefined {
  const parts = name.split("/");
  const [first = ""] = parts;
  const hasHost = parts.length > 1 && (/[.:A-Z]/.test(first) || first === "localhost");
  if (hasHost && !HOST.test(first)) return `${JSON.stringify(first)} is no registry`;
  const wrong = parts.slice(hasHost ? 1 : 0).find((part) => !PART.test(part));
  if (wrong === undefined) return undefined;
  return /[A-Z]/.test(wrong) ? "only a registry may have upper case" : `${JSON.stringify(wrong)} is no part of a name`;
}
