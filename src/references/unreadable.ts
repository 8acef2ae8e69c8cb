import { groupKindHere, keyOfObject } from "../admission/key.ts";
import { listRefusedMarks } from "../admission/metadata.ts";
import { findNear } from "../admission/near.ts";
import { isOpenText } from "../admission/open-text.ts";
import { isSchedule } from "../admission/schedule.ts";
import { isTag } from "../admission/tag.ts";
import type { Given } from "../change/given.ts";
import type { Held, World } from "../change/world.ts";
import { notIn } from "../contract/not-in.ts";
import { itemsOf, valueAt, type YamlData } from "../contract/objects.ts";
import { ofOwn } from "../contract/of-own.ts";
import { refusesPattern } from "../delivery/kustomize/regex.ts";
import { readRange } from "../release/ranges.ts";
import { atLeast } from "../release/releases.ts";
import { isMap } from "../yaml/is-map.ts";
import { UPDATED_WENT, usesChangedImages, usesUpdated } from "./flux/update-message.ts";
import { type Stopped, stopsOf } from "./stopped.ts";

/** A value that the controller which looks after the object cannot read. */
interface Unreadable {
  path: readonly (string | number)[];
  /** Goes on from `spec.ref.semver is "latest", `. */
  what: string;
  value: unknown;
  /** Some releases or registries take it: what to do. Where one of that form was there before, it is taken. */
  look?: string;
}

interface Around {
  find: (ref: YamlData, kind: string) => YamlData;
  flux: Given["flux"];
}

type Reader = (spec: YamlData, around: Around) => Unreadable[];

const NO_RANGE = "which is no range of versions";
const isSaid = (value: unknown): value is string => typeof value === "string" && value !== "";

function range(spec: YamlData, ...path: string[]): Unreadable[] {
  const value = valueAt(spec, path);
  return isSaid(value) && !readRange(value) ? [{ path: ["spec", ...path], what: NO_RANGE, value }] : [];
}

function pattern(value: unknown, ...path: (string | number)[]): Unreadable[] {
  const why = isSaid(value) ? refusesPattern(value) : undefined;
  return why === undefined ? [] : [{ path: ["spec", ...path], what: `which is no regular expression (${why})`, value }];
}

const marks: Reader = (spec) => listRefusedMarks(spec?.commonMetadata);

/** source-controller, `RemoteReference.Validate`. */
const CHART_NAME = /^[-a-z0-9](?:[-a-z0-9]|(?:\/\.?|\.)(?=[-a-z0-9]|$))*$/;
const DIGEST = /^[a-z0-9+._-]+:[0-9a-fA-F]{32,}$/;
const LONGEST = 300;

/** @param from where the chart is said, in `spec` */
function readChart(said: YamlData, { find }: Around, ...from: string[]): Unreadable[] {
  const { sourceRef, chart: name, version } = said ?? {};
  if (sourceRef?.kind !== "HelmRepository") return [];
  const path = ["spec", ...from];
  const isName = !isSaid(name) || name.length > LONGEST || CHART_NAME.test(name);
  const source = find(sourceRef, "HelmRepository")?.spec;
  // Of a registry a tag may be called anything.
  const isRegistry = String(source?.url).startsWith("oci:");
  const isListed = isSaid(source?.url) && !isRegistry;
  return [
    ...(isName
      ? []
      : [{ path: [...path, "chart"], what: "which is no name of a chart in a HelmRepository", value: name }]),
    ...(isListed && isSaid(version) && !readRange(version)
      ? [{ path: [...path, "version"], what: NO_RANGE, value: version }]
      : []),
    // What is signed is looked at in registries only.
    ...(isRegistry ? readSigners(said, ...from) : []),
  ];
}

/** Flux 2.1 took it, and later ones with some registries; Renovate writes it where it pins digests. */
const PINNED = /^\w[\w.-]{0,127}@sha256:[0-9a-f]{64}$/;
const IN_TWO = "write the digest into spec.ref.digest, which every Flux takes before the tag";

/** A registry has none of another form, such as the + of a version. */
function readTag({ ref }: YamlData): Unreadable[] {
  const { tag: value, semver } = ref ?? {};
  if (!isSaid(value) || isSaid(semver) || isTag(value)) return [];
  const path = ["spec", "ref", "tag"];
  if (PINNED.test(value))
    return [{ path, what: "a tag with its digest, which not every registry takes", value, look: IN_TWO }];
  return [{ path, what: "which is no tag of a registry", value }];
}

/** What `helm push` and `flux push artifact` write. */
const MEDIA_TYPES = [
  "application/vnd.cncf.helm.config.v1+json",
  "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
  "application/vnd.cncf.helm.chart.provenance.v1.prov",
  "application/vnd.cncf.flux.config.v1+json",
  "application/vnd.cncf.flux.content.v1.tar+gzip",
];

/** Without a layer of that type source-controller reports an error; other tools write types of their own. */
function readLayer({ layerSelector }: YamlData): Unreadable[] {
  const value: unknown = layerSelector?.mediaType;
  if (!isSaid(value) || MEDIA_TYPES.includes(value)) return [];
  const isMeant = /^application\/vnd\.cncf\.(?:helm|flux)\b/.test(value) || findNear(value, MEDIA_TYPES) !== undefined;
  return isMeant
    ? [{ path: ["spec", "layerSelector", "mediaType"], what: "which no layer of a chart or of Flux has", value }]
    : [];
}

const SELECTED = ["group", "version", "kind", "namespace", "name"];

/** What drift detection leaves out, by patterns (`NewSelectorRegex` of fluxcd/pkg/ssa). */
function readIgnored(drift: YamlData): Unreadable[] {
  if (!["enabled", "warn"].includes(drift?.mode)) return [];
  return itemsOf(drift.ignore).flatMap(({ target }, at) =>
    SELECTED.flatMap((one) => pattern(target?.[one], "driftDetection", "ignore", at, "target", one)),
  );
}

/** Who has signed it, by patterns (`matchOIDCIdentity`). */
function readSigners({ verify }: YamlData, ...from: string[]): Unreadable[] {
  // What notation trusts stands in its Secret.
  if (verify?.provider === "notation") return [];
  return itemsOf(verify?.matchOIDCIdentity).flatMap((one, at) =>
    ["issuer", "subject"].flatMap((field) => pattern(one[field], ...from, "verify", "matchOIDCIdentity", at, field)),
  );
}

/** image-reflector-controller, `ParseImageReference`. */
function readImage({ image }: YamlData): Unreadable[] {
  if (!isSaid(image)) return [];
  const path = ["spec", "image"];
  if (image.includes("://")) return [{ path, what: "and an image begins with no scheme", value: image }];
  return image.lastIndexOf(":") > image.lastIndexOf("/") ? [{ path, what: "and may not say a tag", value: image }] : [];
}

/** source-controller, `parseRepository` (`name.NewRepository` of go-containerregistry): behind the registry no tag, and no capital. */
function readRepository({ url: value }: YamlData): Unreadable[] {
  if (!isSaid(value) || !value.startsWith("oci://")) return [];
  const [registry = "", ...rest] = value.slice("oci://".length).split("/");
  const name = rest.join("/");
  const what = /[:@]/.test(name)
    ? "and it may not say a tag or a digest, which stand in spec.ref"
    : /[A-Z]/.test(name)
      ? "and no registry takes capital letters there"
      : undefined;
  return what === undefined || registry === "" ? [] : [{ path: ["spec", "url"], what, value }];
}

/** Go reads as long a name as there are letters behind the `$`, and what no group of the pattern has is empty (`Regexp.Expand`). */
function readExtract(filter: YamlData): Unreadable[] {
  const { pattern: text, extract } = filter ?? {};
  if (!isSaid(text) || !isSaid(extract) || extract.includes("$$") || refusesPattern(text) !== undefined) return [];
  const names = new Set(["0", ...[...text.matchAll(/\(\?P?<(\w+)>/g)].map(([, name]) => name!)]);
  const groups =
    text
      .split(/\\./)
      .join("")
      .match(/\((?!\?(?!P?<))/g)?.length ?? 0;
  for (let number = 1; number <= groups; number++) names.add(String(number));
  const [unknown] = [...extract.matchAll(/\$(?:\{(\w+)\}|(\w+))/g)].flatMap(([, braced, bare]) => {
    const name = braced ?? bare ?? "";
    return names.has(name) ? [] : [name];
  });
  if (unknown === undefined) return [];
  const what = `and ${unknown} is no group of its pattern, so that nothing is left of a tag`;
  return [{ path: ["spec", "filterTags", "extract"], what, value: extract }];
}

/** source-watcher, `validateSpec`, `parseCopySource` and `parseCopyDestinationRelative`. */
function readCopies({ sources, artifacts }: YamlData): Unreadable[] {
  const aliases = itemsOf(sources).map(({ alias }) => alias);
  if (aliases.some(isOpenText)) return [];
  const called = new Set<unknown>(aliases);
  const twice = (values: unknown[], what: string, ...path: (string | number)[]) => {
    const seen = new Set<unknown>();
    return values.flatMap((value, at) => {
      const isSeen = seen.has(value);
      seen.add(value);
      return isSaid(value) && isSeen ? [{ path: ["spec", path[0]!, at, path[1]!], what, value }] : [];
    });
  };
  const names = itemsOf(artifacts).map(({ name }) => name);
  const found: Unreadable[] = [
    ...twice(aliases, "which another source is called already", "sources", "alias"),
    ...twice(names, "which another artifact is called already", "artifacts", "name"),
  ];
  for (const [index, { revision, copy }] of itemsOf(artifacts).entries()) {
    const own = ["spec", "artifacts", index];
    const isStrange = (value: unknown) =>
      isSaid(value) && !called.has(value.slice(0, LONGEST).replace(/^@/, "").replace(/\/.*$/s, ""));
    if (isStrange(revision))
      found.push({ path: [...own, "revision"], what: "which is the alias of none of its sources", value: revision });
    for (const [at, { from, to }] of itemsOf(copy).entries()) {
      const path = [...own, "copy", at];
      if (isStrange(from))
        found.push({ path: [...path, "from"], what: "and none of its sources has that alias", value: from });
      if (isSaid(to) && (!to.startsWith("@artifact/") || to.split("/").includes("..")))
        found.push({ path: [...path, "to"], what: "which is no place below @artifact/", value: to });
    }
  }
  return found;
}

const FILTERS = ["Branch", "Tag", "Environment"].flatMap((of) => [`include${of}`, `exclude${of}`]);
const POLICIES = ["semver", "alphabetical", "numerical"];

const READERS: Readonly<Record<string, { fate: string; read: Reader }>> = {
  "source.toolkit.fluxcd.io|GitRepository": {
    fate: "is fetched no more",
    read: (spec) => (spec.ref?.commit || spec.ref?.name ? [] : range(spec, "ref", "semver")),
  },
  "source.toolkit.fluxcd.io|OCIRepository": {
    fate: "is fetched no more",
    read: (spec) => {
      const { digest, semverFilter } = spec.ref ?? {};
      const layer = [...readRepository(spec), ...readLayer(spec), ...readSigners(spec)];
      if (!isSaid(digest))
        return [
          layer,
          readTag(spec),
          range(spec, "ref", "semver"),
          pattern(semverFilter, "ref", "semverFilter"),
        ].flat();
      return DIGEST.test(digest.slice(0, LONGEST))
        ? layer
        : [...layer, { path: ["spec", "ref", "digest"], what: "which is no digest", value: digest }];
    },
  },
  "source.extensions.fluxcd.io|ArtifactGenerator": { fate: "makes nothing anew from then on", read: readCopies },
  "source.toolkit.fluxcd.io|HelmChart": { fate: "is fetched no more", read: readChart },
  "helm.toolkit.fluxcd.io|HelmRelease": {
    fate: "gets no chart from then on",
    read: ({ chart, driftDetection }, around) => [
      ...readChart(chart?.spec, around, "chart", "spec"),
      ...readIgnored(driftDetection),
    ],
  },
  "image.toolkit.fluxcd.io|ImagePolicy": {
    fate: "picks no image any more",
    read: (spec) => [
      ...pattern(spec.filterTags?.pattern, "filterTags", "pattern"),
      ...readExtract(spec.filterTags),
      ...(isMap(spec.policy) && POLICIES.every((one) => (spec.policy[one] ?? undefined) === undefined)
        ? [{ path: ["spec", "policy"], what: "which names no way to pick one", value: spec.policy }]
        : []),
      ...(spec.policy?.semver?.range === ""
        ? [{ path: ["spec", "policy", "semver", "range"], what: NO_RANGE, value: "" }]
        : range(spec, "policy", "semver", "range")),
    ],
  },
  "image.toolkit.fluxcd.io|ImageRepository": {
    fate: "looks for no tags any more",
    read: (spec) => [
      ...readImage(spec),
      ...itemsOf(spec.exclusionList).flatMap((one, at) => pattern(one, "exclusionList", at)),
    ],
  },
  "image.toolkit.fluxcd.io|ImageUpdateAutomation": {
    fate: "commits nothing any more",
    read: ({ git }, { flux }) => {
      const value: unknown = git?.commit?.messageTemplate;
      const path = ["spec", "git", "commit", "messageTemplate"];
      if (isSaid(value) && value.lastIndexOf("{{") > value.lastIndexOf("}}"))
        return [{ path, what: "in which {{ is not closed", value }];
      if (usesChangedImages(value)) return [{ path, what: "which uses .Changed.Images, and .Changed has none", value }];
      const isGone = flux && atLeast(flux, UPDATED_WENT) && usesUpdated(value);
      return isGone ? [{ path, what: `which uses .Updated, gone since Flux ${UPDATED_WENT}`, value }] : [];
    },
  },
  "notification.toolkit.fluxcd.io|Receiver": {
    fate: "wakes nothing that it is to pick by labels",
    read: ({ resources }) =>
      itemsOf(resources).flatMap(({ name, matchLabels }, at) =>
        name === "*" && (matchLabels ?? undefined) === undefined
          ? [{ path: ["spec", "resources", at, "name"], what: "and stands without matchLabels", value: name }]
          : [],
      ),
  },
  "fluxcd.controlplane.io|ResourceSetInputProvider": {
    fate: "gives no new inputs any more",
    read: (spec) => [
      ...FILTERS.flatMap((field) => pattern(spec.filter?.[field], "filter", field)),
      ...range(spec, "filter", "semver"),
      ...itemsOf(spec.schedule).flatMap((one, at) =>
        isSaid(one.cron) && !/TZ=|\$\{/.test(one.cron) && !isSchedule(one.cron)
          ? [{ path: ["spec", "schedule", at, "cron"], what: "which is no schedule", value: one.cron }]
          : [],
      ),
    ],
  },
  "kustomize.toolkit.fluxcd.io|Kustomization": { fate: "applies nothing more", read: marks },
  "fluxcd.controlplane.io|ResourceSet": { fate: "applies nothing more", read: marks },
  "fluxcd.controlplane.io|FluxInstance": { fate: "changes nothing more in Flux", read: marks },
};

/**
 * Values that this change writes, that the API server takes, and that the controller cannot read: it reports an error and does
 * nothing with the object until they are mended.
 */
export function findUnreadableValues({ before, after, flux }: Given): Stopped[] {
  return stopsOf({ before, after }, (held, was) => {
    const row = ofOwn(READERS, groupKindHere(held.object.key));
    if (!row || held.by?.fixed) return [];
    const old = was ? listUnreadable(row.read, before, flux, was) : [];
    const fresh = notIn(listUnreadable(row.read, after, flux, held), old, sameAs);
    return fresh
      .filter(({ value }) => !isOpenText(value))
      .map(({ path, what, value, look }) => ({
        path,
        ...(look === undefined ? {} : { look }),
        what: `${look === undefined ? row.fate : row.fate.replace(/^is /, "may be ")}: ${path.join(".")} is ${show(value)}, ${what}`,
        why: "The API server takes it, and the controller that reads it reports an error until it is mended.",
        next: "Correct the value.",
      }));
  });
}

/** Without the user that an address may name, which may be a token. */
const show = (value: unknown): string =>
  JSON.stringify(value)
    .slice(0, LONGEST)
    .replace(/\/\/[^/@\s]*@/g, "//…@");
const sameAs = ({ path, value, look }: Unreadable): string => JSON.stringify(look ? [path, look] : [path, value]);

function listUnreadable(read: Reader, world: World, flux: Given["flux"], { object }: Held): Unreadable[] {
  const spec: YamlData = object.body?.spec;
  // What is suspended is not read.
  if (!isMap(spec) || spec.suspend === true) return [];
  const find = (ref: YamlData, kind: string): YamlData => {
    const { name, namespace = object.namespace } = ref;
    const key = keyOfObject({ apiVersion: "source.toolkit.fluxcd.io/v1", kind, namespace, name: String(name) });
    world.has(key);
    return world.objects.get(key)?.object.body;
  };
  return read(spec, { find, flux });
}
