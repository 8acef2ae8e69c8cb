import { isFluxKustomization, isHelmRelease } from "../../corpus/gate/flux-objects.ts";
import type { Data, Doc } from "../../corpus/gate/snapshot.ts";
import type { At } from "../place.ts";
import { type Draft, list, type Refactoring } from "./draft.ts";

type Fits = (data: Data) => unknown;
const get = (data: Data, at: At): Data => at.reduce((value, key) => value?.[key], data);

const set =
  (fits: Fits, at: At, now: (was: Data, data: Data, draft: Draft) => unknown): Refactoring =>
  (draft) => {
    const doc = draft.pick(draft.docs((data) => fits(data) && data.spec));
    const was = doc && get(doc.data, at);
    const next = doc && now(was, doc.data, draft);
    if (!doc || next === undefined) return undefined;
    draft.set(doc, at, next);
    return `${doc.file}:${doc.line} ${at.join(".")}: ${String(was)} becomes ${String(next)}`;
  };

const isFlux: Fits = (data) => /\.fluxcd\.io\//.test(String(data.apiVersion)) && data.spec?.interval;
const whole: Fits = (data) => isFluxKustomization(data) && typeof data.metadata?.name === "string";

/** The last number of a version, one higher. */
const bump = (was: Data): string | undefined => {
  const found = typeof was === "string" && /^(v?\d+\.\d+\.)(\d+)$/.exec(was);
  return found ? `${found[1]}${Number(found[2]) + 1}` : undefined;
};

/** Paths of texts that look like a version below a key. */
function tagsIn(value: Data, at: At = []): At[] {
  if (!value || typeof value !== "object") return at.at(-1) === "tag" && bump(value) ? [at] : [];
  return Object.entries(value).flatMap(([key, one]) => tagsIn(one, [...at, Array.isArray(value) ? Number(key) : key]));
}

const imageTag: Refactoring = (draft) => {
  const doc = draft.pick(draft.docs((data) => isHelmRelease(data) && tagsIn(data.spec?.values).length > 0));
  const at = doc && draft.pick(tagsIn(doc.data.spec.values));
  if (!doc || !at) return undefined;
  const now = bump(get(doc.data.spec.values, at));
  draft.set(doc, ["spec", "values", ...at], now);
  return `${doc.file} ${at.join(".")} becomes ${now}`;
};

const podImage: Refactoring = (draft) => {
  const at = ["spec", "template", "spec", "containers", 0, "image"];
  const fits = (data: Data): boolean => /^[^@$]*:[^@/$]*$/.test(String(get(data, at)));
  const doc: Doc | undefined = draft.pick(draft.docs(fits));
  if (!doc) return undefined;
  draft.set(doc, at, String(get(doc.data, at)).replace(/:[^:/]*$/, ":99.1.0"));
  return `${doc.file} image becomes 99.1.0`;
};

const flip = (was: Data): boolean => was !== true;

export const FIELDS: Readonly<Record<string, Refactoring>> = {
  "field: interval": set(isFlux, ["spec", "interval"], (was) => (was === "2h" ? "3h" : "2h")),
  "field: image tag": imageTag,
  "field: image of a workload": podImage,
  "field: chart version": set(
    (data) => isHelmRelease(data) && bump(data.spec?.chart?.spec?.version),
    ["spec", "chart", "spec", "version"],
    bump,
  ),
  "field: tag of a chart": set(
    (data) => data.kind === "OCIRepository" && bump(data.spec?.ref?.tag),
    ["spec", "ref", "tag"],
    bump,
  ),
  "field: prune flipped": set(whole, ["spec", "prune"], flip),
  "field: suspend flipped": set(whole, ["spec", "suspend"], flip),
  "field: suspend of a release flipped": set(isHelmRelease, ["spec", "suspend"], flip),
  "field: deletionPolicy": set(whole, ["spec", "deletionPolicy"], (_, __, draft) =>
    draft.dice.pick(["MirrorPrune", "Delete", "WaitForTermination", "Orphan"]),
  ),
  "field: wait flipped": set(whole, ["spec", "wait"], flip),
  "field: force": set(whole, ["spec", "force"], flip),
  "field: timeout": set(whole, ["spec", "timeout"], () => "7m"),
  "field: targetNamespace": set(whole, ["spec", "targetNamespace"], (was, { metadata }) =>
    was ? undefined : metadata.namespace,
  ),
  "field: serviceAccountName": set(whole, ["spec", "serviceAccountName"], (was, _, draft) =>
    was ? undefined : draft.dice.pick(["kustomize-controller", "deployer"]),
  ),
  "field: dependsOn": set(whole, ["spec", "dependsOn"], (was, { metadata }, draft) => {
    const other = draft.pick(draft.apps(({ doc }) => list(doc.data.spec.dependsOn).length === 0))?.doc.data.metadata;
    if (!other || other.name === metadata.name) return undefined;
    return [...list(was), { name: other.name, ...(other.namespace ? { namespace: other.namespace } : {}) }];
  }),
};
