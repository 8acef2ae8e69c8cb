import { repositoryIdentity } from "../contract/address.ts";
import type { KubeObject } from "../contract/objects.ts";
import { isFluxKustomization, isSyncSource } from "../delivery/kinds.ts";
import { PLACEHOLDER, repositoryPath } from "./graph.ts";
import { generatedNames } from "./instances.ts";
import type { InstanceDescription } from "./types.ts";

/**
 * Tells a FluxKustomization of another repository that is the root of an instance all the same: it builds the path that the
 * instance syncs, and the two contradict each other. A child of another name is none where the tree says that the instance
 * is right: fleets build one path of several repositories.
 */
export function readContradictions(
  objects: readonly KubeObject[],
  remotes: readonly string[],
  instances: readonly InstanceDescription[],
): (root: KubeObject) => boolean {
  const ours = new Set(remotes.map(repositoryIdentity));
  const isRight = (instance: InstanceDescription) => {
    const name = generatedNames(instance).source;
    const url = repositoryIdentity(String(instance.spec.sync?.url));
    const declared = objects.filter((object) => isSyncSource(object) && object.name === name);
    if (
      ours.has(url) ||
      isTemplateOf(url, ours) ||
      declared.some(({ data }) => repositoryIdentity(String(data.spec?.url)) === url)
    )
      return true;
    // What the instance generates is read, and nothing else makes it.
    const reads = ({ data }: KubeObject) => data.spec?.sourceRef?.name === name;
    return declared.length === 0 && objects.some((object) => isFluxKustomization(object) && reads(object));
  };
  const syncs = instances.flatMap((instance) => {
    if (!instance.spec.sync?.path) return [];
    const name = isRight(instance) ? generatedNames(instance).root : undefined;
    return [{ folder: repositoryPath(instance.spec.sync, ""), name }];
  });
  return ({ name, data }) => {
    const folder = repositoryPath(data.spec, "");
    return syncs.some((sync) => sync.folder === folder && (sync.name ?? name) === name);
  };
}

/** A place that is filled in before Flux reads it: `https://github.com/${owner}/fleet`. */
const FILLED = /\$\{[^{}]*\}|\{\{[^{}]*\}\}|#\{[^{}]*\}#?|\$[A-Za-z_]\w*/;

/** Whether a URL with such places, which is not all place, is that of a remote once they are filled in; none holds a `/`. */
function isTemplateOf(url: string, remotes: ReadonlySet<string>): boolean {
  if (!PLACEHOLDER.test(url)) return false;
  const parts = url.split("/").map((part) => part.split(FILLED));
  // The name of the repository is written out, or any other one would do.
  if (parts.at(-1)?.length !== 1) return false;
  const fits = (texts: readonly string[], word: string | undefined) =>
    word !== undefined &&
    (texts.length === 1
      ? texts[0] === word
      : word.length > texts.join("").length && word.startsWith(texts[0]!) && word.endsWith(texts.at(-1)!));
  return [...remotes].some((remote) => {
    const words = remote.split("/");
    return words.length === parts.length && parts.every((texts, index) => fits(texts, words[index]));
  });
}
