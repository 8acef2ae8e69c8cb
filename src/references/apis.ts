import { inCluster, type ObjectKey, splitKey } from "../admission/key.ts";
import { findNear } from "../admission/near.ts";
import type { Given } from "../change/given.ts";
import { listEntries } from "../change/lists.ts";
import type { TreeChange } from "../change/types.ts";
import type { Held, Holder, World } from "../change/world.ts";
import { objectsIn } from "../cluster/objects.ts";
import { getOrMake } from "../contract/group-by.ts";
import { itemsOf } from "../contract/objects.ts";
import { sh } from "../contract/shell.ts";
import { groupOf } from "../delivery/kinds.ts";
import { isKustomizationFile } from "../delivery/kustomize/index.ts";
import { isWithin } from "../delivery/paths.ts";
import { wordPattern } from "../delivery/patterns.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { servedLater, standingOf, versionsOf } from "../release/flux-apis.ts";
import type { FluxVersion } from "../release/releases.ts";
import { BRINGERS, KNOWN_APIS, OPERATOR_GROUP } from "./known-apis.ts";

/** An object that the API server does not take. */
export interface Unserved {
  held: Held;
  /** `apiVersion kind`. */
  api: string;
  /** Ends a sentence. */
  because: string;
  /** It may be served all the same; what to look at. */
  look?: string;
  /** It is the definition itself, which loses a version that objects are stored in. */
  isStored?: true;
}

const VERSION = /^v\d+(?:(?:alpha|beta)\d+)?$/;

/**
 * Objects of an API that the cluster does not serve: a version that a CustomResourceDefinition drops while objects use it,
 * and new objects of a kind that nothing brings. One object the API server does not know keeps its whole FluxKustomization
 * from being applied.
 */
export function findUnserved(given: Given, change: Pick<TreeChange, "before" | "after">): Unserved[] {
  return [...findDropped(given), ...findUnknown(given, change)];
}

/** Versions of a CustomResourceDefinition that are served no more. */
function findDropped({ before, after }: Given): Unserved[] {
  const crds = after.all.filter(({ object, by }) => object.defines && by && !by.fixed);
  return crds.flatMap((held) => {
    const was = before.objects.get(held.object.key);
    const [old, now] = [was && readVersions(was), readVersions(held)];
    if (!old || !now) return [];
    const { group, names } = held.object.body.spec;
    return [...old].flatMap(([version, { stored, served }]) => {
      const left = now.get(version);
      if (stored && !left) {
        return [{ held, api: `${group}/${version} ${names?.kind}`, because: "", isStored: true }];
      }
      if (!served || left?.served) return [];
      after.search([`${group}/${version}`]);
      const users = after.all.filter(
        ({ object }) =>
          object.kind === names?.kind &&
          object.body?.apiVersion === `${group}/${version}` &&
          isBeside(object.key, held.object.key),
      );
      const because = `this change takes ${version} out of CustomResourceDefinition ${held.object.name}`;
      return users.map((user) => ({ held: user, api: `${group}/${version} ${names?.kind}`, because }));
    });
  });
}

/** Whether two objects are in the same cluster. */
const isBeside = (one: ObjectKey, other: ObjectKey): boolean => splitKey(one).remote === splitKey(other).remote;

function readVersions({ object }: Held): Map<string, { served: boolean; stored: boolean }> | undefined {
  const versions = itemsOf(object.body?.spec?.versions);
  if (versions.length === 0) return undefined;
  return new Map(
    versions.map((one) => [String(one.name), { served: one.served === true, stored: one.storage === true }]),
  );
}

function findUnknown({ before, after, flux }: Given, trees: Pick<TreeChange, "before" | "after">): Unserved[] {
  const found: Unserved[] = [];
  const answers = new Map<string, Answer | undefined>();
  for (const held of after.all) {
    const { key, body } = held.object;
    if (!held.by || held.by.fixed || typeof body?.apiVersion !== "string") continue;
    const was = before.objects.get(key);
    if (was && was.object.body?.apiVersion === body.apiVersion) continue;
    const api = `${body.apiVersion} ${held.object.kind}`;
    if (api.includes("${")) continue;
    const place = inCluster(api, splitKey(key).remote);
    if (!answers.has(place)) answers.set(place, judge(api, held, { before, after, flux, trees }));
    const answer = answers.get(place);
    if (!answer) continue;
    const { only, ...said } = answer;
    if (only === undefined || only === held.by) found.push({ held, ...said });
  }
  return found;
}

type Answer = Omit<Unserved, "held"> & {
  /** It is so for what this one applies alone. */
  only?: Holder | undefined;
};

interface Judged {
  before: World;
  after: World;
  flux: FluxVersion | undefined;
  trees: Pick<TreeChange, "before" | "after">;
}

function judge(api: string, held: Held, input: Judged): Answer | undefined {
  const [apiVersion = "", kind = ""] = api.split(" ");
  const group = groupOf(apiVersion);
  const version = apiVersion.slice(apiVersion.indexOf("/") + 1);
  const { trees, after } = input;
  // What brings an API to another cluster, and which Flux runs there, is not followed.
  const isElsewhere = splitKey(held.object.key).remote !== "";
  const isUsed = () => listApis(trees.before, `${group}/`).has(api);
  const known = Object.hasOwn(KNOWN_APIS, group) ? KNOWN_APIS[group]! : undefined;
  if (known) {
    const kinds = known.kinds.split(" ");
    const versions = known.stable?.split(" ").includes(kind) ? ["v1"] : (versionsOf(group, kind) ?? known.versions);
    if (versions.includes(version) && kinds.includes(kind)) {
      if (isElsewhere) return undefined;
      if (group !== OPERATOR_GROUP) return judgeInstalled(api, input);
      return listApis(trees.before, `${group}/`).size > 0 ? undefined : judgeBringers(api, group, held, input);
    }
    if (isUsed()) return undefined;
    if (!kinds.includes(kind))
      return { api, because: `${apiVersion} has no kind ${kind}${sayNear(findNear(kind, kinds, { short: 3 }))}` };
    return {
      api,
      because: `${version} of it is not served; ${versions.join(", ")} ${versions.length > 1 ? "are" : "is"}`,
    };
  }
  if (isUsed()) return undefined;
  const defined = findDefinition(after, trees.after, `${group}|${kind}`, held.object.key);
  if (defined) {
    const served = [...defined].flatMap(([name, one]) => (one.served ? [name] : []));
    return served.includes(version)
      ? undefined
      : { api, because: `its CustomResourceDefinition serves ${served.join(", ")}` };
  }
  if (!VERSION.test(version)) return { api, because: `${version} is no version` };
  const seen = listApis(trees.before, `${group}/`);
  const kinds = [...seen].flatMap((one) => (groupOf(one) === group ? [one.slice(one.indexOf(" ") + 1)] : []));
  if (kinds.includes(kind)) return undefined;
  const near = findNear(kind, kinds);
  if (near) return { api, because: `it has no kind ${kind} that anything used before${sayNear(near)}` };
  if (kinds.length > 0) return undefined;
  const nearGroup = findNear(group, [...Object.keys(KNOWN_APIS), ...listGroups(trees.before)], {
    short: 3,
    digits: true,
  });
  if (nearGroup) return { api, because: `there is no API group ${group}${sayNear(nearGroup)}` };
  return isElsewhere ? undefined : judgeBringers(api, group, held, input);
}

/** What brings a kind of Flux that not every install has. */
const COMPONENTS: Readonly<Record<string, string>> = {
  ArtifactGenerator: "source-watcher",
  ExternalArtifact: "source-watcher",
  ImagePolicy: "image-reflector-controller",
  ImageRepository: "image-reflector-controller",
  ImageUpdateAutomation: "image-automation-controller",
};

const crdOf = (kind: string, group: string) =>
  `apiextensions.k8s.io|CustomResourceDefinition||${`${kind.toLowerCase()}s`.replace(/ys$/, "ies")}.${group}`;

/** A kind of Flux that the Flux of this cluster does not bring, or not in that version, and that nothing there uses. */
function judgeInstalled(api: string, { before, after, flux }: Judged): Omit<Unserved, "held"> | undefined {
  const [apiVersion = "", kind = ""] = api.split(" ");
  const group = groupOf(apiVersion);
  const component = Object.hasOwn(COMPONENTS, kind) ? COMPONENTS[kind] : undefined;
  const isLater = flux !== undefined && servedLater(apiVersion, kind, flux) !== undefined;
  const isDropped = flux !== undefined && standingOf(apiVersion, kind, flux)?.state === "removed";
  const isWhole = () => after.has(crdOf("Kustomization", KUSTOMIZE)) && after.unknowns.length === 0;
  const isLacking = component !== undefined && isWhole() && !after.has(crdOf(kind, group));
  if (!isLater && !isDropped && !isLacking) return undefined;
  before.search([kind]);
  const isUsed = before.all.some(({ object }) => {
    return object.kind === kind && (isLacking || object.body?.apiVersion === apiVersion);
  });
  if (isUsed) return undefined;
  if (isLacking) return { api, because: `the Flux of this cluster runs no ${component}, which brings it` };
  return { api, because: `Flux 2.${flux?.minor}, which runs here, does not serve it${isLater ? " yet" : " any more"}` };
}

const KUSTOMIZE = "kustomize.toolkit.fluxcd.io";

/** What may bring an API that nothing used before: a chart, a base or a file whose name or text has to do with it. */
function judgeBringers(api: string, group: string, held: Held, { before, after, trees }: Judged): Answer | undefined {
  const words = wordsOf(group);
  const table = BRINGERS.filter(([groups]) => groups.test(group)).map(([, charts]) => charts);
  const isAbout = (text: string) =>
    words.some((word) => text.includes(word)) || table.some((charts) => charts.test(text));
  const releases = after.all.filter(({ object }) => object.release && isAbout(sayRelease(object)));
  const [first] = releases;
  const isOnlyThere = releases.every(({ object, by }) => by === first?.by && !before.objects.has(object.key));
  const others = () =>
    isAboutElsewhere(trees.after, held.object.at?.file, group, [
      ...words,
      ...table.flatMap((one) => one.source.split("|")),
    ]);
  const look = `look with ${sh`kubectl api-resources --api-group=${group}`.line} whether it is served`;
  if (first && isOnlyThere) {
    return {
      ...{ api, only: first.by },
      because: `only HelmRelease ${first.object.name} beside it may bring that, and Flux tries every object of a Kustomization before it applies the first, so the release never comes; put what it brings and what needs that into two Kustomizations`,
      look,
    };
  }
  if (releases.length > 0 || others()) return undefined;
  return { api, because: "nothing in this repository brings that API, and nothing used it before", look };
}

function sayRelease({ name, body }: Held["object"]): string {
  const { chart, chartRef } = body?.spec ?? {};
  return `${name} ${chart?.spec?.chart ?? ""} ${chartRef?.name ?? ""}`.toLowerCase();
}

/** Words of a group that say whose it is: `postgresql`, `cnpg`; not `io`, `k8s` or `operator`. */
function wordsOf(group: string): string[] {
  const words = group.toLowerCase().split(/[.-]/);
  return words.filter((word) => word.length > 3 && !COMMON.has(word));
}

const COMMON = new Set([
  ..."operator operators cluster kubernetes github cloud core apps api".split(" "),
  ..."example x-k8s sigs info tech fluxcd controlplane".split(" "),
  ..."networking network storage security monitoring metrics config policy system events database".split(" "),
]);

/** Whether another file of the tree has to do with some words: a list of charts for the bootstrap, a remote base. */
function isAboutElsewhere(tree: Tree, own: string | undefined, group: string, words: readonly string[]): boolean {
  // What uses the API, or may use it, brings nothing; `https://acme.dev/install.yaml` may.
  const uses = wordPattern(group, "g");
  const texts = new Map<string, string>();
  const textOf = (file: string) =>
    getOrMake(texts, file, () => {
      const isWhole = own === undefined || !isKustomizationFile(file);
      return (isWhole ? (tree.read(file) ?? "") : textBeside(tree, file, own)).replace(uses, "");
    });
  const isAbout = (file: string, word: string) =>
    file !== own && /\.(ya?ml|tf|hcl|sh|gotmpl|toml|json5?)$|file$/i.test(file) && textOf(file).includes(word);
  return words.some((word) => tree.grep(word).some((file) => isAbout(file, word)));
}

/** A kustomization without what leads to one file: that it lists `flux-instance.yaml` says nothing of what brings its kind. */
function textBeside(tree: Tree, list: string, own: string): string {
  const leading = (listEntries(tree, list) ?? []).filter(({ path }) => path === own || isWithin(own, path));
  const texts = new Set(leading.map(({ text }) => text));
  return (tree.read(list) ?? "")
    .split("\n")
    .filter(
      (line) =>
        !texts.has(
          line
            .trim()
            .replace(/^-[ \t]+/, "")
            .replaceAll(/["']/g, ""),
        ),
    )
    .join("\n");
}

function findDefinition(after: World, tree: Tree, groupKind: string, of: ObjectKey) {
  const holdsCrd = (file: string) => tree.read(file)?.includes("CustomResourceDefinition");
  if (tree.grep(splitKey(of).group).some(holdsCrd)) after.search(["CustomResourceDefinition"]);
  const found = after.all.find(({ object }) => object.defines === groupKind && isBeside(object.key, of));
  return found && readVersions(found);
}

function sayNear(near: string | undefined): string {
  return near === undefined ? "" : `; there is ${near}, which differs by a letter`;
}

const TYPE =
  /^([ \t]*)(?:- )?apiVersion:[ \t]*["']?([\w./-]+)["']?[ \t]*(?:#.*)?\r?\n\1(?: {2})?kind:[ \t]*["']?(\w+)/gm;

const ANY_API = "apiVersion";

/** Every `apiVersion kind` in files that hold a text. */
function listApis(tree: Tree, text: string): ReadonlySet<string> {
  return remember(tree, "api versions", text, () => readApis(tree, text));
}

function readApis(tree: Tree, text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const file of tree.grep(text)) {
    if (!/\.ya?ml$/.test(file)) continue;
    const types = [...(tree.read(file) ?? "").matchAll(TYPE)].map(([, , apiVersion, kind]) => `${apiVersion} ${kind}`);
    // What is JSON, or has its fields in another order, is parsed.
    const isSeen = types.some((type) => text === ANY_API || type.startsWith(text));
    const parsed = isSeen ? [] : objectsIn(tree, [file]).map(({ apiVersion, kind }) => `${apiVersion} ${kind}`);
    for (const type of [...types, ...parsed]) found.add(type);
  }
  return found;
}

function listGroups(tree: Tree): Set<string> {
  return new Set(
    [...listApis(tree, ANY_API)].map((api) => groupOf(api.slice(0, api.indexOf(" ")))).filter((group) => group !== ""),
  );
}
