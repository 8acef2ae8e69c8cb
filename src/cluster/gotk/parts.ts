import type { Tree } from "../../files/tree.ts";
import { installedBase } from "../../release/base.ts";
import { readBaseFacts } from "../../release/facts.ts";
import type { FluxVersion } from "../../release/releases.ts";
import type { SimObject } from "../../release/types.ts";
import { readLazily } from "../objects.ts";
import { FLUX } from "../scan.ts";
import type { LazyDocument } from "../types.ts";
import { type GotkFiles, isCrd } from "./detect.ts";

/** A Flux CRD, or an object whose kind and name are those of the release. */
export function isInstallDocument(document: LazyDocument, expected: readonly SimObject[]): boolean {
  const { kind, name } = document;
  if (isCrd(document)) return /\.(toolkit|extensions)\.fluxcd\.io$/.test(name);
  return expected.some(({ data, names }) => data.kind === kind && names.includes(name));
}

/** That of the controller without which nothing else is applied. */
const LAST_CRD = "kustomizations.kustomize.toolkit.fluxcd.io";

/** What others write for Flux under the names of the release as well: these count by the labels of `flux install` alone. */
const BY_LABEL = ["Namespace", "NetworkPolicy"];
const LABELS = [/^ +app\.kubernetes\.io\/part-of: ["']?flux["']?\s*$/m, /^ +app\.kubernetes\.io\/version: ["']?v\d/m];

interface Release {
  files: GotkFiles;
  expected: SimObject[];
  /**
   * How the names of its RBAC end: in the namespace as `flux install` writes it, in nothing as in the manifests that a release
   * publishes and in the repository of Flux (flux-facts 4.6), or in the namespace that the file was written for first.
   */
  suffix: string;
}

/** The install, and the objects of the release by the names that it has there: `flux install` suffixes the RBAC. */
export function matchRelease(
  tree: Tree,
  found: GotkFiles,
  delivered: readonly string[],
  input: { version: FluxVersion; components: readonly string[]; namespace: string },
): Release {
  const { version, components, namespace } = input;
  const match = (suffix: string): Release => {
    const facts = readBaseFacts(version);
    const expected = facts ? installedBase(facts, "gotk", components, namespace, suffix) : [];
    const files = found.isWhole ? withParts(tree, found, delivered, { expected, namespace }) : found;
    return { files, expected, suffix };
  };
  const written = match(`-${namespace}`);
  if (holdsBinding(written)) return written;
  const plain = match("");
  if (holdsBinding(plain)) return plain;
  const suffix = findSuffix(found);
  return suffix === undefined ? written : match(suffix);
}

/** The end that all bindings of an install have in common, such as `-flux-system` in a file whose namespaces were replaced. */
function findSuffix({ documents }: GotkFiles): string | undefined {
  const bindings = documents.filter(({ kind }) => kind === "ClusterRoleBinding");
  const ends = bindings.flatMap(({ name }) => /^(?:cluster-reconciler|crd-controller)(-.+)$/.exec(name)?.[1] ?? []);
  return new Set(ends).size === 1 ? ends[0] : undefined;
}

function holdsBinding({ files, expected }: Release): boolean {
  const bindings = expected.filter(({ data }) => data.kind === "ClusterRoleBinding");
  return files.documents.some(({ kind, name }) =>
    bindings.some(({ data, names }) => data.kind === kind && names.includes(name)),
  );
}

/**
 * The install with what stands in files of its own: a tool, or its owner, has cut the manifests of a release into one file
 * an object or a kind. What has the kind, the name and the namespace of an object of the release is that object.
 * @param delivered the files of the build that the install is in
 */
function withParts(
  tree: Tree,
  found: GotkFiles,
  delivered: readonly string[],
  { expected, namespace }: { expected: readonly SimObject[]; namespace: string },
): GotkFiles {
  const seen = new Set(found.documents.map(({ kind, name }) => `${kind} ${name}`));
  const missing = expected.filter(({ data, names }) => !names.some((name) => seen.has(`${data.kind} ${name}`)));
  if (missing.length === 0 && seen.has(`CustomResourceDefinition ${LAST_CRD}`)) return found;
  const known = new Set(found.files);
  const others = new Set(delivered.filter((file) => !known.has(file)));
  const find = (needle: string) => tree.grep(needle).filter((file) => others.has(file));
  const withCrds = find(FLUX).filter((file) => tree.read(file)?.includes("CustomResourceDefinition"));
  const near = new Set([...withCrds, ...missing.flatMap(({ names }) => names).flatMap(find)]);
  const isPart = (document: LazyDocument) =>
    isInstallDocument(document, missing) &&
    (document.namespace === "" || document.namespace === namespace) &&
    (!BY_LABEL.includes(document.kind) || LABELS.every((label) => label.test(document.text)));
  const parts = [...near].sort().flatMap((file) => readLazily(tree, file).filter(isPart));
  const files = [...new Set(parts.map(({ file }) => file))];
  return { ...found, files: [...found.files, ...files], documents: [...found.documents, ...parts] };
}
