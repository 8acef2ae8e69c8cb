import type { Loc } from "../contract/errors.ts";
import { bodyOf, type KubeObject, type SourcePatch, type YamlData } from "../contract/objects.ts";
import { loadKustomization } from "../delivery/kustomize/index.ts";
import { locateField } from "../delivery/locations.ts";
import { dirname, join } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { componentsOf, parseFluxVersion } from "../release/releases.ts";
import type { Install } from "./types.ts";

/** Reads a kustomization on the flux2 remote base: version from the URL, patches in all three forms. */
export function readRemoteInstall(tree: Tree, at: Loc, url: string): Install | undefined {
  const loaded = loadKustomization(tree, at.file);
  if (!loaded.ok) return undefined;
  const tag = /[?&]ref=([^&]+)/.exec(url)?.[1] ?? /releases\/download\/([^/]+)\//.exec(url)?.[1];
  const version = tag === undefined ? undefined : parseFluxVersion(tag);
  const object = kustomizationObject(at.file, loaded.file.data);
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

function kustomizationObject(file: string, data: YamlData): KubeObject {
  return {
    file,
    doc: 0,
    apiVersion: String(data.apiVersion ?? ""),
    kind: "Kustomization",
    name: "",
    namespace: "",
    data,
  };
}

/** `patches`, `patchesStrategicMerge` and `patchesJson6902` of a kustomization, files inlined, in the order they run. */
export function readKustomizationPatches(tree: Tree, object: KubeObject): SourcePatch[] {
  const dir = dirname(object.file);
  const readBody = (path: unknown) => (typeof path === "string" ? (tree.read(join(dir, path)) ?? "") : "");
  const patches: SourcePatch[] = [];
  const add = (form: SourcePatch["form"], index: number, body: string, target: YamlData) =>
    patches.push({
      at: locateField(tree, object, [form, index]),
      file: object.file,
      doc: object.doc,
      path: [form, index],
      body,
      ...(target ? { target } : {}),
      form,
    });
  // kustomize runs strategic merges first, JSON patches last (flux-facts 3, transformer order).
  list(bodyOf(object).patchesStrategicMerge).forEach((item, index) => {
    const isFile = typeof item === "string" && !item.includes("\n") && tree.has(join(dir, item));
    add("patchesStrategicMerge", index, isFile ? readBody(item) : String(item), undefined);
  });
  list(bodyOf(object).patches).forEach((item, index) => {
    add("patches", index, typeof item?.patch === "string" ? item.patch : readBody(item?.path), item?.target);
  });
  list(bodyOf(object).patchesJson6902).forEach((item, index) => {
    add("patchesJson6902", index, typeof item?.patch === "string" ? item.patch : readBody(item?.path), item?.target);
  });
  return patches;
}

function list(value: unknown): YamlData[] {
  return Array.isArray(value) ? value : [];
}
