import { isFluxKustomization, isHelmRelease, isSource } from "../corpus/gate/flux-objects.ts";
import type { Data, Doc } from "../corpus/gate/snapshot.ts";
import type { Kind } from "./lists.ts";
import { type Accident, type At, docsOf, drop, keyRange, type Place, pickOf, put, setScalar, typo } from "./place.ts";

const list = (value: Data): Data[] => (Array.isArray(value) ? value : []);
const get = (data: Data, at: At): Data => at.reduce((value, key) => value?.[key], data);
const isFlux = (data: Data): boolean => /\.fluxcd\.io\//.test(String(data.apiVersion));
const isFluxSource = (data: Data): boolean => isSource(data) || data.kind === "HelmRepository";

type Fits = (data: Data) => boolean;
const having = (place: Place, fits: Fits, at: At): Doc | undefined =>
  pickOf(
    place,
    docsOf(place, (data) => fits(data) && get(data, at) !== undefined),
  );

const misspell =
  (fits: Fits, ...at: At): Kind =>
  (place) => {
    const doc = having(place, fits, at);
    return doc && setScalar(place, doc, at, (now) => typo(place.dice, now));
  };

const without =
  (fits: Fits, ...at: At): Kind =>
  (place) => {
    const doc = having(place, fits, at);
    return doc && drop(place, doc, at);
  };

/** A field of one entry of a list. */
const misspellEntry =
  (fits: Fits, field: At, name: string): Kind =>
  (place) => {
    const doc = pickOf(
      place,
      docsOf(place, (data) => fits(data) && list(get(data, field)).length > 0),
    );
    const index =
      doc &&
      pickOf(
        place,
        list(get(doc.data, field)).map((_, at) => at),
      );
    if (!doc || index === undefined) return undefined;
    return setScalar(place, doc, [...field, index, name], (now) => typo(place.dice, now));
  };

const set =
  (fits: Fits, at: At, now: string): Kind =>
  (place) => {
    const doc = pickOf(place, docsOf(place, fits));
    const known = doc && keyRange(doc, at);
    const spec = doc && keyRange(doc, at.slice(0, -1));
    if (!doc || !spec) return undefined;
    if (known) return drop(place, doc, at);
    const text = place.tree.text(doc.file);
    const end = text.indexOf("\n", spec[1]) + 1;
    const indent = /^ */.exec(text.slice(end))?.[0] ?? "  ";
    if (text.slice(spec[1], end).trim() !== ":") return undefined;
    return {
      edits: put(place, doc, [end, end], `${indent}${at.at(-1)}: ${now}\n`),
      what: `${doc.file}:${doc.line} ${at.join(".")}: ${now}`,
    };
  };

function dropKey(place: Place, at: At): Accident | undefined {
  const doc = pickOf(
    place,
    docsOf(place, (data) => isFluxKustomization(data) && Object.keys(get(data, at) ?? {}).length > 0),
  );
  const key = doc && pickOf(place, Object.keys(get(doc.data, at)));
  return doc && key !== undefined ? drop(place, doc, [...at, key]) : undefined;
}

function otherPath(place: Place): Accident | undefined {
  const docs = docsOf(place, (data) => isFluxKustomization(data) && typeof data.spec?.path === "string");
  const doc = pickOf(place, docs);
  const other = pickOf(
    place,
    docs.filter(({ data }) => data.spec.path !== doc?.data.spec.path),
  );
  return doc && other && setScalar(place, doc, ["spec", "path"], () => String(other.data.spec.path));
}

function misspellField(place: Place): Accident | undefined {
  const doc = pickOf(
    place,
    docsOf(place, (data) => isFlux(data) && data.spec && !data.sops),
  );
  const key = doc && pickOf(place, Object.keys(doc.data.spec));
  const range = doc && key !== undefined ? keyRange(doc, ["spec", key]) : undefined;
  if (!doc || key === undefined || !range) return undefined;
  const now = typo(place.dice, key);
  return { edits: put(place, doc, range, now), what: `${doc.file}:${doc.line} spec.${key} becomes ${now}` };
}

function dropSource(place: Place): Accident | undefined {
  const doc = pickOf(place, docsOf(place, isFluxSource));
  if (!doc) return undefined;
  const text = place.tree.text(doc.file);
  const parts = text.split(/^(?=---)/m).filter((part) => part.trim() !== "");
  const rest = parts.filter((part) => !new RegExp(`name: "?${doc.data.metadata?.name}"?\\s*$`, "m").test(part));
  return {
    edits: new Map([[doc.file, rest.join("")]]),
    what: `${doc.file} without ${doc.data.kind} ${doc.data.metadata?.name}`,
  };
}

function dropVersion(place: Place): Accident | undefined {
  const doc = pickOf(
    place,
    docsOf(place, (data) => data.kind === "CustomResourceDefinition" && list(data.spec?.versions).length > 0),
  );
  const index =
    doc &&
    pickOf(
      place,
      list(doc.data.spec.versions).map((_, at) => at),
    );
  return doc && index !== undefined
    ? setScalar(place, doc, ["spec", "versions", index, "name"], (now) => `${now}x`)
    : undefined;
}

function toSsh(place: Place): Accident | undefined {
  const doc = having(place, isFluxSource, ["spec", "url"]);
  const flip = (url: string): string =>
    url.startsWith("ssh://") ? url.replace(/^ssh:\/\/[^@]*@?/, "https://") : url.replace(/^[a-z]+:\/\//, "ssh://git@");
  return doc && setScalar(place, doc, ["spec", "url"], flip);
}

const isClaim: Fits = (data) => data.kind === "PersistentVolumeClaim";
const isPlain: Fits = (data) =>
  typeof data.kind === "string" && data.metadata?.name && !/^Kustomization$|^Component$/.test(data.kind);

export const OBJECTS: Readonly<Record<string, Kind>> = {
  "Kustomization: path typo": misspell(isFluxKustomization, "spec", "path"),
  "Kustomization: path of another": otherPath,
  "Kustomization: sourceRef typo": misspell(isFluxKustomization, "spec", "sourceRef", "name"),
  "Kustomization: sourceRef dropped": without(isFluxKustomization, "spec", "sourceRef"),
  "Kustomization: dependsOn typo": misspellEntry(isFluxKustomization, ["spec", "dependsOn"], "name"),
  "Kustomization: substitute key dropped": (place) => dropKey(place, ["spec", "postBuild", "substitute"]),
  "Kustomization: substituteFrom typo": misspellEntry(
    isFluxKustomization,
    ["spec", "postBuild", "substituteFrom"],
    "name",
  ),
  "Kustomization: postBuild dropped": without(isFluxKustomization, "spec", "postBuild"),
  "Kustomization: decryption dropped": without(isFluxKustomization, "spec", "decryption"),
  "Kustomization: suspend": set(isFluxKustomization, ["spec", "suspend"], "true"),
  "Kustomization: prune dropped": without(isFluxKustomization, "spec", "prune"),
  "Kustomization: targetNamespace typo": misspell(isFluxKustomization, "spec", "targetNamespace"),
  "Kustomization: targetNamespace": set(isFluxKustomization, ["spec", "targetNamespace"], "another"),
  "Kustomization: renamed": misspell(isFluxKustomization, "metadata", "name"),
  "HelmRelease: source typo": (place) => {
    const at = place.dice.chance(0.5) ? ["spec", "chartRef", "name"] : ["spec", "chart", "spec", "sourceRef", "name"];
    return misspell(isHelmRelease, ...at)(place);
  },
  "HelmRelease: valuesFrom typo": misspellEntry(isHelmRelease, ["spec", "valuesFrom"], "name"),
  "HelmRelease: dependsOn typo": misspellEntry(isHelmRelease, ["spec", "dependsOn"], "name"),
  "HelmRelease: renamed": misspell(isHelmRelease, "metadata", "name"),
  "HelmRelease: targetNamespace": set(isHelmRelease, ["spec", "targetNamespace"], "another"),
  "HelmRelease: chart typo": misspell(isHelmRelease, "spec", "chart", "spec", "chart"),
  "source: renamed": misspell(isFluxSource, "metadata", "name"),
  "source: dropped": dropSource,
  "source: branch typo": misspell(isSource, "spec", "ref", "branch"),
  "source: to ssh": toSsh,
  "Flux: field typo": misspellField,
  "Flux: interval dropped": without(isFlux, "spec", "interval"),
  "object: renamed": misspell(isPlain, "metadata", "name"),
  "object: namespace typo": misspell(isPlain, "metadata", "namespace"),
  "object: kind typo": misspell(isPlain, "kind"),
  "object: API version typo": misspell(isPlain, "apiVersion"),
  "object: secret typo": misspell((data) => isFlux(data), "spec", "secretRef", "name"),
  "object: account typo": misspell((data) => isFlux(data), "spec", "serviceAccountName"),
  "Namespace: renamed": misspell((data) => data.kind === "Namespace", "metadata", "name"),
  "CRD: version renamed": dropVersion,
  "claim: class changed": misspell(isClaim, "spec", "storageClassName"),
  "claim: smaller": (place) => {
    const doc = having(place, isClaim, ["spec", "resources", "requests", "storage"]);
    return doc && setScalar(place, doc, ["spec", "resources", "requests", "storage"], () => "1Mi");
  },
};
