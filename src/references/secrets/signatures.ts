import type { Held } from "../../change/world.ts";
import { parseAddress } from "../../contract/address.ts";
import { itemsOf, sortKeys, type YamlData } from "../../contract/objects.ts";
import type { Stop } from "../stopped.ts";

/** Kinds whose own spec says who has to have signed what they fetch; a release says it of its chart. */
const SOURCES = new Set(["GitRepository", "OCIRepository", "HelmChart"]);
const CHART = ["chart", "spec"];

/** Whose artifacts are all signed by cosign, without a key. */
const SIGNED = /^\/(?:fluxcd|controlplaneio-fluxcd)\//;

/**
 * A source that is fetched only where it is signed from then on, or signed by others: whether it is stands in no tree, and what
 * is not is fetched no more.
 */
export function findSigners(held: Held, was: Held | undefined): Stop | [] {
  const { kind, body, isPart } = held.object;
  const fields = SOURCES.has(kind) ? [] : kind === "HelmRelease" ? CHART : undefined;
  if (!fields || !was || isPart) return [];
  const read = (spec: YamlData) => fields.reduce((at, field) => at?.[field], spec);
  const [old, now]: YamlData[] = [read(was.object.body?.spec), read(body?.spec)];
  if (!now?.verify || !old || trusts(now.verify, old.verify) || isSigned(now)) return [];
  return {
    path: ["spec", ...fields, "verify"],
    what: `is fetched only where it is signed as spec.${[...fields, "verify"].join(".")} says from then on`,
    why: "What is not signed so is fetched no more, and Flux goes on with what it has.",
    next: "Look who has signed it before the merge.",
    look:
      kind === "GitRepository"
        ? "look with git log --show-signature -1 whether the newest commit is signed by one of these keys"
        : "look with cosign verify or notation verify, with the same keys or identities, whether it is signed so",
  };
}

/** Whether whatever met one demand for signatures meets another one as well. */
function trusts(now: YamlData, old: YamlData): boolean {
  if (!old) return false;
  const { matchOIDCIdentity: signers, ...rest } = withDefaults(now);
  const { matchOIDCIdentity: before, ...others } = withDefaults(old);
  // What has its tag and its newest commit signed has either of them signed.
  if (others.mode === "TagAndHEAD") others.mode = rest.mode;
  // What notation trusts stands in its Secret.
  const known = new Set(now.provider === "notation" ? [] : itemsOf(signers).map(print));
  const isWider =
    known.size === 0 || (itemsOf(before).length > 0 && itemsOf(before).every((one) => known.has(print(one))));
  return isWider && print(rest) === print(others);
}

/** As the CRD fills it in; `head` is how Flux 2.0 wrote it. */
function withDefaults({ mode, provider, ...rest }: YamlData): YamlData {
  return { ...rest, mode: !mode || mode === "head" ? "HEAD" : mode, provider: provider || "cosign" };
}

const print = (value: YamlData): string => JSON.stringify(sortKeys(value));

function isSigned({ url, verify }: YamlData): boolean {
  const { provider, secretRef, matchOIDCIdentity } = withDefaults(verify);
  if (provider !== "cosign" || secretRef || itemsOf(matchOIDCIdentity).length > 0) return false;
  const { host, path } = parseAddress(String(url));
  return host === "ghcr.io" && SIGNED.test(path);
}
