import type { Loc } from "../contract/errors.ts";
import { bodyOf, itemsOf, type KubeObject, type SourcePatch, type YamlData } from "../contract/objects.ts";
import { refOfInstallUrl } from "../delivery/kinds.ts";
import { type KustomizationFile, loadKustomization } from "../delivery/kustomize/index.ts";
import { locateField } from "../delivery/locations.ts";
import { dirname, join } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { componentsOf, parseFluxVersion } from "../release/releases.ts";
import type { Install } from "./types.ts";

/** Reads a kustomization on the flux2 remote base: version from the URL, patches in all three forms. */
export function readRemoteInstall(tree: Tree, at: Loc, url: string): Install | undefined {
  const loaded = loadKustomization(tree, at.file);
  if (!loaded.ok) return undefined;
  const tag = refOfInstallUrl(url);
  const version = tag === undefined ? undefined : parseFluxVersion(tag);
  const object = { ...kustomizationObject(loaded.file), kind: "Kustomization" };
  return {
    style: "remote-install",
    role: "bootstrap",
    at,
    objects: [object],
    dir: dirname(at.file),
    ...(typeof loaded.file.data.namespace === "string" ? { namespace: loaded.file.data.namespace } : {}),
    ...(version ? { version: { value: tag!, at } } : {}),
    components: version ? componentsOf("remote-install", version) : [],
    patches: readKustomizationPatches(tree, object),
  };
}

/** A kustomization file as an object, so that its fields can be located. */
export function kustomizationObject({ path, kind, data }: KustomizationFile): KubeObject {
  return { file: path, doc: 0, apiVersion: String(data.apiVersion ?? ""), kind, name: "", namespace: "", data };
}

/** `patches`, `patchesStrategicMerge` and `patchesJson6902` of a kustomization, files inlined, in the order they run. */
export function readKustomizationPatches(tree: Tree, object: KubeObject): SourcePatch[] {
  const { file, doc } = object;
  const data = bodyOf(object);
  const read = (path: unknown) => (typeof path === "string" ? (tree.read(join(dirname(file), path)) ?? "") : "");
  const toPatch = (form: SourcePatch["form"], index: number, body: string, target?: YamlData): SourcePatch => {
    const at = locateField(tree, object, [form, index]);
    return { at, file, doc, path: [form, index], body, ...(target ? { target } : {}), form };
  };
  const readList = (form: "patches" | "patchesJson6902") =>
    itemsOf(data[form]).map((item, index) => {
      const isText = typeof item.patch === "string";
      const patch = toPatch(form, index, isText ? item.patch : read(item.path), item.target);
      return isText && form === "patches" ? { ...patch, isTrimmed: true as const } : patch;
    });
  const merges = itemsOf(data.patchesStrategicMerge).map((item, index) => {
    const isFile = typeof item === "string" && !item.includes("\n") && tree.has(join(dirname(file), item));
    return toPatch("patchesStrategicMerge", index, isFile ? read(item) : String(item));
  });
  // kustomize runs strategic merges first, JSON patches last (flux-facts 3, transformer order).
  return [...merges, ...readList("patches"), ...readList("patchesJson6902")];
}
