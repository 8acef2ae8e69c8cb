import { keyOfObject, splitKey } from "../../admission/key.ts";
import { findNear } from "../../admission/near.ts";
import type { ClusterChange } from "../../change/change.ts";
import { type Given, goes } from "../../change/given.ts";
import type { Held, World } from "../../change/world.ts";
import { isYamlPath } from "../../cluster/objects.ts";
import { appliesFile } from "../../cluster/territory.ts";
import { andMore } from "../../contract/list-some.ts";
import { notIn } from "../../contract/not-in.ts";
import { isKustomizationFile } from "../../delivery/kustomize/index.ts";
import type { Tree } from "../../files/tree.ts";
import type { Stopped } from "../stopped.ts";

/** What image automation looks for behind a value: `{"$imagepolicy": "namespace:name:tag"}` (kyaml, setters). */
const MARKER = /\{"\$imagepolicy":\s*"([\w.-]+):([\w.-]+)(?::([^"]*))?"\}/g;
/** What a marker may ask for but the whole image (image-automation-controller, `UpdateWithSetters`). */
const PARTS = ["name", "tag", "digest"];
const WORD = "$imagepolicy";
/** Shorter names are alike by chance. */
const SHORT = 3;

/** Markers that come to name no policy by a slip or a new name: what stands before them is updated no more, and nobody reports an error. */
export function findLostMarkers(given: Given, change: ClusterChange): Stopped[] {
  return [...findMisspelt(given, change), ...findLeftBehind(given, change)];
}

/** A policy gets another name or namespace, and markers of its cluster go on naming it by the old one: another cluster has its own. */
function findLeftBehind(given: Given, change: ClusterChange): Stopped[] {
  const { before, after } = given;
  const isPolicy = ({ object }: Held) => object.kind === "ImagePolicy" && object.body?.spec?.imageRepositoryRef;
  const gone = before.all.filter((held) => isPolicy(held) && goes(given, held.object.key));
  const came = gone.length > 0 ? after.all.filter((one) => isPolicy(one) && !before.has(one.object.key)) : [];
  if (came.length === 0) return [];
  const tree = change.after;
  const markers = keepOwn(tree.grep(WORD), after, change).flatMap((file) =>
    listMarkers(tree, file).map((marker) => ({ file, ...marker })),
  );
  return gone.flatMap((held): Stopped | [] => {
    const own = `${held.object.namespace}:${held.object.name}`;
    const [first, ...rest] = markers.filter(({ name }) => name === own);
    const images = printImages(held, before);
    // In another namespace others may pick from the same image.
    const isSuccessor = ({ object: { name, namespace } }: Held) =>
      namespace === held.object.namespace || name === held.object.name;
    const successor = came.find((one) => isSuccessor(one) && printImages(one, after) === images);
    if (!first || !successor) return [];
    const { file, line, col } = first;
    return {
      held: successor,
      path: [],
      at: { file, line, col },
      what: `takes the place of ${own}, which the marker here${andMore(rest.length)} still ${rest.length > 0 ? "name" : "names"}: these images are updated no more`,
      why: "Image automation leaves out a marker whose policy it does not know, and reports no error.",
      next: `Write ${successor.object.namespace}:${successor.object.name} in the markers, too.`,
    };
  });
}

/** The image whose tags a policy picks from, where its ImageRepository is in Git: that may get another name with it. */
function printImages({ object }: Held, world: World): string {
  const ref = object.body?.spec?.imageRepositoryRef;
  const namespace = ref?.namespace ?? object.namespace;
  const key = keyOfObject({
    apiVersion: "image.toolkit.fluxcd.io/v1",
    kind: "ImageRepository",
    namespace,
    name: ref?.name,
  });
  return JSON.stringify(world.objects.get(key)?.object.body?.spec?.image ?? [namespace, ref?.name]);
}

function findMisspelt({ after }: Given, change: ClusterChange): Stopped[] {
  const marked = [...change.changed].filter((file) => change.after.read(file)?.includes(WORD));
  const files = keepOwn(marked, after, change);
  if (files.length === 0) return [];
  after.search(["ImagePolicy"]);
  return files.flatMap((file) => {
    const [old, now] = [listMarkers(change.before, file), listMarkers(change.after, file)];
    return notIn(now, old, ({ name, part }) => `${name}:${part}`).flatMap(({ name, part, line, col }): Stopped | [] => {
      const asked = part === undefined || PARTS.includes(part) ? undefined : after.find(policyOf(name).key);
      if (asked)
        return {
          held: asked,
          path: [],
          at: { file, line, col },
          what: `is asked by the marker here for its ${JSON.stringify(part)}, which no policy has: this image is updated no more`,
          why: `Image automation knows the whole image and ${PARTS.join(", ")}, leaves out any other marker, and reports no error.`,
          next: `Write ${name}:${findNear(part!, PARTS, { short: 3 }) ?? "tag"}, or leave that part out.`,
        };
      const meant = findMeant(after, name);
      if (!meant) return [];
      const { namespace, name: own } = splitKey(meant.object.key);
      return {
        held: meant,
        path: [],
        at: { file, line, col },
        what: `is not named by the marker here, which says ${name}: there is no such policy, and this image is updated no more`,
        why: "Image automation leaves out a marker whose policy it does not know, and reports no error.",
        next: `Write ${namespace}:${own}.`,
      };
    });
  });
}

/** Files that this cluster is given or passes on to others by `kubeConfig`, new ones included. */
function keepOwn(files: readonly string[], after: World, { cluster, isDelivered }: ClusterChange): string[] {
  if (files.length === 0) return [];
  const read = new Set(after.all.map(({ object }) => object.at?.file));
  const isOwn = (file: string) =>
    appliesFile(cluster, file) || read.has(file) || (isKustomizationFile(file) && isDelivered(file));
  return files.filter((file) => isYamlPath(file) && isOwn(file));
}

/** The markers of a text, which are comments to everybody else. */
export function printMarkers(text: string): string {
  return text.includes(WORD) ? (text.match(MARKER) ?? []).join("\n") : "";
}

function listMarkers(tree: Tree, file: string) {
  const lines = (tree.read(file) ?? "").split("\n");
  return lines.flatMap((text, index) =>
    text.includes(WORD)
      ? [...text.matchAll(MARKER)].map(({ 1: namespace, 2: name, 3: part, index: at }) => {
          return { name: `${namespace}:${name}`, part, line: index + 1, col: at + 1 };
        })
      : [],
  );
}

function policyOf(marker: string) {
  const [namespace = "", name = ""] = marker.split(":");
  const key = keyOfObject({ apiVersion: "image.toolkit.fluxcd.io/v1", kind: "ImagePolicy", namespace, name });
  return { namespace, name, key };
}

/** The policy that a slip in the namespace or the name makes of one that is not there. */
function findMeant(after: World, marker: string): Held | undefined {
  const { namespace, name, key } = policyOf(marker);
  if (after.has(key) || after.isOpenName(key)) return undefined;
  const all = after.all.filter(({ object }) => object.kind === "ImagePolicy");
  return all.find(({ object }) =>
    object.namespace === namespace
      ? findNear(name, [object.name], { short: SHORT }) !== undefined
      : object.name === name && findNear(namespace, [object.namespace]) !== undefined,
  );
}
