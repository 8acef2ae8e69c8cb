import { checkDigests } from "../cluster/gotk/images.ts";
import { checkTags } from "../cluster/gotk/version.ts";
import { keyOf } from "../cluster/graph.ts";
import type { Cluster, Install } from "../cluster/types.ts";
import { parseAddress, repositoryIdentity } from "../contract/address.ts";
import { lineOf } from "../contract/errors.ts";
import type { DraftFinding } from "../contract/finding.ts";
import type { KubeObject } from "../contract/objects.ts";
import { describe, isFluxKustomization } from "../delivery/kinds.ts";
import { normalizePath } from "../delivery/paths.ts";
import type { Versions } from "./types.ts";

/** What there is to say about a gotk install once its version is decided. */
export function checkGotk(
  cluster: Cluster,
  install: Install,
  { version, written }: Pick<Versions, "version" | "written">,
): DraftFinding[] {
  const { gotk } = install;
  if (!gotk) return [];
  const findings: DraftFinding[] = [
    ...gotk.findings,
    ...checkTags(written, version, gotk.images, install),
    ...checkDigests(gotk.images),
  ];
  // Without any controller the install is broken, which is said.
  if (install.components.length > 0 && !install.components.includes("helm-controller"))
    findings.push({ rule: "helm-controller-missing", level: "blocker", at: install.at, facts: {} });
  const own = [cluster.root, cluster.source].map((object) => object && keyOf(object));
  for (const document of gotk.foreign.filter((item) => !own.includes(keyOf(item)))) {
    const [resource, at] = [describe(document), lineOf(document.file, document.line)];
    findings.push({ rule: "gotk-foreign-object", level: "info", resource, at, facts: { resource } });
  }
  return findings;
}

/**
 * Another sync for the folder of this root, in a file that nothing delivers: a second cluster bootstrapped from a copy of
 * it reads the same folder, and every phase reaches both.
 */
export function reportSharedPath(cluster: Cluster, objects: readonly KubeObject[]): DraftFinding[] {
  const path = pathOf(cluster.root);
  return objects
    .filter((object) => isFluxKustomization(object) && object.name === cluster.root.name)
    .filter((object) => object.file !== cluster.root.file && !cluster.files.has(object.file) && pathOf(object) === path)
    .filter((object) => !isExample(object, objects, cluster.source))
    .map((object) => {
      const resource = describe(object);
      const facts = { resource, path: path ?? "", root: cluster.root.file };
      return { rule: "root-path-shared", level: "caution", resource, at: lineOf(object.file), facts };
    });
}

/** A text to fill in: its own source reads another repository, of a host that has no such name (`REPLACE_WITH_HOST`). */
function isExample(
  { file, data }: KubeObject,
  objects: readonly KubeObject[],
  source: KubeObject | undefined,
): boolean {
  const { kind, name } = data.spec?.sourceRef ?? {};
  const own = objects.find((object) => object.file === file && object.kind === kind && object.name === name);
  const [url, running] = [own, source].map((object) => String(object?.data.spec?.url ?? ""));
  return /[_<>]/.test(parseAddress(url!).host) && repositoryIdentity(url!) !== repositoryIdentity(running!);
}

function pathOf({ data }: KubeObject): string | undefined {
  const path = data.spec?.path;
  return typeof path === "string" ? normalizePath(path) : undefined;
}
