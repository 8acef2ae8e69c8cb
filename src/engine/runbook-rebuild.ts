import { dirname, join, sharedSegments } from "../flux/paths.ts";
import type { Cluster, YamlData } from "../flux/types.ts";
import type { Tree } from "../workspace/tree.ts";
import { readYamlCached } from "../yaml/index.ts";
import { quoteShell, reconcileRoot, resourceOf, waitForInstance } from "./runbook-commands.ts";
import { helmCommand } from "./runbook-direct.ts";
import type { Landmarks, RunbookInput } from "./runbook-landmarks.ts";
import { rebuildWithTerraform } from "./runbook-terraform.ts";
import type { RunbookStep } from "./types.ts";

/** A Secret or ConfigMap that must be in the cluster before the root can be built. Never its contents. */
export interface SyncNeed {
  kind: "Secret" | "ConfigMap";
  name: string;
  namespace: string;
  purpose: "fetch" | "decrypt" | "substitute";
  optional: boolean;
}

/** What source and root name: credentials, decryption keys, and what `postBuild` substitutes from (flux-semantics 2.9). */
export function listSyncNeeds(cluster: Cluster): SyncNeed[] {
  const namespace = cluster.root.namespace || cluster.namespace;
  const needs: SyncNeed[] = [];
  const add = (kind: SyncNeed["kind"], name: unknown, purpose: SyncNeed["purpose"], optional = false) => {
    if (typeof name === "string" && !needs.some((need) => need.kind === kind && need.name === name)) {
      needs.push({ kind, name, namespace, purpose, optional });
    }
  };
  const spec = cluster.root.data?.spec;
  add("Secret", cluster.source?.data?.spec?.secretRef?.name, "fetch");
  add("Secret", spec?.decryption?.secretRef?.name, "decrypt");
  const entries: YamlData = spec?.postBuild?.substituteFrom;
  for (const entry of Array.isArray(entries) ? entries : []) {
    if (entry?.kind !== "Secret" && entry?.kind !== "ConfigMap") continue;
    add(entry.kind, entry.name, "substitute", entry.optional === true);
  }
  return needs;
}

/** How an empty cluster comes up from this repository after the migration, in order. */
export function listRebuild(input: RunbookInput, marks: Landmarks): RunbookStep[] {
  const needs = listSyncNeeds(input.cluster).map((need) => ({ need, file: findManifest(input, need) }));
  return [
    {
      title: "Create the namespace",
      body: ["Start with a cluster that has its network running and nothing of Flux."],
      commands: [`kubectl create namespace ${marks.namespace}`],
    },
    ...(needs.length > 0 ? [provideNeeds(needs, marks)] : []),
    ...installApps(input, marks),
    ...rebuildWithTerraform(input, marks),
    waitForFlux(marks),
    ...(marks.sync ? [checkRoot(marks)] : [applySync(input, marks)]),
  ];
}

function provideNeeds(needs: { need: SyncNeed; file: string | undefined }[], marks: Landmarks): RunbookStep {
  const substitutes = needs.filter(({ need }) => need.purpose === "substitute" && !need.optional);
  return {
    title: "Provide what the root needs before it can be built",
    body: [
      `The root ${marks.sync ?? marks.root.name} ${substitutes.length > 0 ? `fails as long as ${substitutes.map(({ need }) => `${need.kind} \`${need.name}\``).join(" and ")} ${substitutes.length > 1 ? "are" : "is"} missing, even where its own path delivers ${substitutes.length > 1 ? "them" : "it"}.` : "cannot fetch or decrypt anything without these."} Keys come from where you keep them; they are not in this repository.`,
    ],
    commands: needs.map(({ need, file }) => provide(need, file)),
    expect: `\`kubectl -n ${needs[0]!.need.namespace} get secrets,configmaps\` lists ${needs.map(({ need }) => `\`${need.name}\``).join(", ")}.`,
  };
}

function provide({ kind, name, namespace, purpose }: SyncNeed, file: string | undefined): string {
  if (file?.endsWith("#sops")) {
    return `sops --decrypt ${quoteShell(file.slice(0, -5))} | kubectl -n ${namespace} apply --server-side -f -`;
  }
  if (file) return `kubectl -n ${namespace} apply --server-side -f ${quoteShell(file)}`;
  const create = `kubectl -n ${namespace} create ${kind === "Secret" ? "secret generic" : "configmap"} ${name}`;
  if (purpose === "decrypt") return `${create} --from-file=age.agekey=<your age key file>`;
  if (purpose === "fetch") return `${create} --from-file=<your credentials for the source>`;
  return `${create} --from-env-file=<the values to substitute>`;
}

/** The file that declares the object, closest to the root's own file; `#sops` is appended when it is encrypted. */
function findManifest({ cluster, tree, edits }: RunbookInput, need: SyncNeed): string | undefined {
  const deleted = new Set(edits.flatMap((edit) => (edit.kind === "delete" ? [edit.path] : [])));
  const files = tree
    .grep(need.name)
    .filter((path) => /\.ya?ml$/.test(path) && !deleted.has(path) && declares(tree, path, need))
    .sort((a, b) => sharedSegments(b, cluster.root.file) - sharedSegments(a, cluster.root.file));
  const file = files[0];
  if (file === undefined) return undefined;
  return /^sops:/m.test(tree.read(file) ?? "") ? `${file}#sops` : file;
}

function declares(tree: Tree, path: string, need: SyncNeed): boolean {
  const text = tree.read(path) ?? "";
  if (!new RegExp(`^kind: *["']?${need.kind}\\b`, "m").test(text)) return false;
  const parsed = readYamlCached(text);
  if (!parsed.ok) return false;
  return parsed.docs.some(({ data }) => {
    const object = data as YamlData;
    return object?.kind === need.kind && object.metadata?.name === need.name;
  });
}

function installApps(input: RunbookInput, { operator, instance, instanceFile, namespace }: Landmarks): RunbookStep[] {
  const helmfile = findHelmfile(input);
  if (helmfile) {
    const crds = input.tree
      .entries(dirname(helmfile))
      .filter((name) => /crds?\.ya?ml$/.test(name))
      .map((name) => join(dirname(helmfile), name));
    const filter = `yq eval-all 'select(.kind == "CustomResourceDefinition")'`;
    return [
      {
        title: "Install operator and instance",
        body: [`\`${helmfile}\` installs both with the values of the generated files.`],
        commands: [
          ...crds.map(
            (file) =>
              `helmfile --file ${quoteShell(file)} template --include-crds | ${filter} | kubectl apply --server-side -f -`,
          ),
          `helmfile --file ${quoteShell(helmfile)} apply`,
        ],
        expect: `Releases \`${operator?.release ?? "flux-operator"}\` and \`${instance?.release ?? "flux-instance"}\` are deployed.`,
      },
    ];
  }
  const commands = [operator, instance].flatMap((app) => (app ? [helmCommand(app)] : []));
  if (!instance && instanceFile) {
    commands.push(`kubectl -n ${namespace} apply --server-side -f ${quoteShell(instanceFile)}`);
  }
  if (commands.length === 0) return [];
  return [
    {
      title: "Install operator and instance",
      body: ["The values are read from the files Flux reads later, so Flux takes the releases over as they are."],
      commands,
    },
  ];
}

/** A helmfile of this cluster that lists the instance, in the tree or written by this phase. */
function findHelmfile({ cluster, tree, edits }: RunbookInput): string | undefined {
  const created = edits.flatMap((edit) =>
    edit.kind === "create" && edit.text.includes("flux-instance") ? [edit.path] : [],
  );
  return [...new Set([...created, ...tree.grep("flux-instance")])]
    .filter((path) => /(^|\/)helmfile(\.d\/[^/]+|[^/]*)\.ya?ml(\.gotmpl)?$/.test(path))
    .filter((path) => !isOfSibling(tree, cluster, path))
    .sort((a, b) => sharedSegments(b, cluster.root.file) - sharedSegments(a, cluster.root.file))[0];
}

/** `kubernetes/main/helmfile.yaml` is not edge's when `kubernetes/main` has the folder that holds edge's root, too. */
function isOfSibling(tree: Tree, cluster: Cluster, path: string): boolean {
  const root = dirname(cluster.root.file).split("/");
  const shared = sharedSegments(path, cluster.root.file);
  const segments = path.split("/");
  if (shared >= root.length || shared >= segments.length - 1) return false;
  return (
    tree.isDir([...segments.slice(0, shared + 1), ...root.slice(shared + 1)].join("/")) && root.length > shared + 1
  );
}

function waitForFlux(marks: Landmarks): RunbookStep {
  return {
    ...waitForInstance(marks),
    body: ["The operator installs the controllers and starts the sync."],
  };
}

function checkRoot(marks: Landmarks): RunbookStep {
  const { sync, namespace } = marks;
  return {
    title: "Watch the root come up",
    body: ["The FluxInstance created the source and the root; everything else follows from Git."],
    commands: [
      `kubectl -n ${namespace} wait ${resourceOf("Kustomization")}/${sync} --for=condition=Ready --timeout=15m`,
      "flux get kustomizations -A",
    ],
    expect: `\`${sync}\` is Ready, the others become Ready one after the other.`,
  };
}

function applySync({ cluster }: RunbookInput, marks: Landmarks): RunbookStep {
  const files = [...new Set([cluster.source?.file, cluster.root.file].filter((file) => file !== undefined))];
  return {
    title: "Apply source and root",
    body: ["Under `--sync keep` the FluxInstance installs the controllers only; the sync is yours."],
    commands: [...files.map((file) => `kubectl apply --server-side -f ${quoteShell(file)}`), reconcileRoot(marks)],
    expect: `\`${marks.root.name}\` is Ready.`,
  };
}
