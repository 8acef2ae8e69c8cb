import { homeTree, ks, kustomization, object, operatorTree, release } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import { type Cases, type Row, rows } from "./said.ts";

const FLUX = "kubernetes/flux/config/flux.yaml";
const INSTANCE = "kubernetes/flux/config/instance.yaml";
const PLAYER_APP = "kubernetes/apps/media/player/app";
const h = homeTree();

const op = (kind: string, name: string, ...ops: object[]) =>
  `{target: {kind: ${kind}, name: ${name}}, patch: '${JSON.stringify(ops)}'}`;
const flag = (name: string, ...flags: string[]) =>
  op(
    "Deployment",
    name,
    ...flags.map((value) => ({ op: "add", path: "/spec/template/spec/containers/0/args/-", value })),
  );
/** Flux from the artifact of a release, with these patches. */
const patched = (...patches: string[]) => ({
  [FLUX]: h[FLUX]!.replace("v2.6.4", "v2.9.4").replace(
    "  prune: true",
    `  prune: true\n  patches: [${patches.join(", ")}]`,
  ),
});
const plain: Files = { ...h, ...patched() };
const operated = (...patches: string[]) => ({
  [INSTANCE]: operatorTree()[INSTANCE]!.replace("spec:", `spec:\n  kustomize: {patches: [${patches.join(", ")}]}`),
});

const spec = (lines: readonly string[]) => ["spec:", ...lines.map((line) => `  ${line}`)];
const own = (ref: string, more: string[] = []) =>
  spec(["interval: 1h", `chartRef: {kind: OCIRepository, name: a${ref}}`, ...more]);
const FAR = ", namespace: media";
const releases: Row[] = [
  ["far", "HelmRelease", own(""), own(FAR)],
  ["far-before", "HelmRelease", own(FAR), own(FAR, ["timeout: 5m"])],
  ["far-and-suspended", "HelmRelease", own(""), own(FAR, ["suspend: true"])],
  ["near", "HelmRelease", own(""), own(", namespace: flux-system")],
  ["comes", "HelmRelease", undefined, own(FAR)],
];
const far = (tree: Files): Files => ({
  ...tree,
  [`${PLAYER_APP}/helmrelease.yaml`]: release("player").replace(
    "name: charts}",
    "name: charts, namespace: flux-system}",
  ),
});
const inMedia = (name: string, labels: string) =>
  object("HelmRelease", name, "helm.toolkit.fluxcd.io/v2", [`  labels: {${labels}}`, ...own("")]);
const labelled: Files = {
  ...plain,
  [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "more.yaml"]),
  [`${PLAYER_APP}/more.yaml`]:
    inMedia("red", "tier: red") + inMedia("blue", "tier: blue") + inMedia("number", "tier: 1"),
};
const shard = (name: string, kind = "Deployment", image = "a") => ({
  [`kubernetes/flux/${name}.yaml`]:
    kind === "Deployment"
      ? object(kind, name, "apps/v1", [
          "  namespace: flux-system",
          `spec: {selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: "${image}"}]}}}`,
        ])
      : object(kind, name, "v1", ["  namespace: flux-system"]),
});
const SELECTOR = "--watch-label-selector=tier=red";

const remote = (base: string) => kustomization(["helmrelease.yaml", "pvc.yaml", base]);
const BASE = "github.com/acme/web//base?ref=v1";
const withBase: Files = { ...plain, [`${PLAYER_APP}/kustomization.yaml`]: remote(BASE) };

const artifact = (name: string) =>
  ks("reader", "games/chess/app", ["targetNamespace: games", "suspend: true"], name).replace(
    "GitRepository",
    "ExternalArtifact",
  );
const parts = (...names: string[]) => ({
  "kubernetes/flux/parts.yaml": object("ArtifactGenerator", "parts", "source.extensions.fluxcd.io/v1beta1", [
    "  namespace: flux-system",
    "spec:",
    "  sources: [{alias: repo, kind: GitRepository, name: home}]",
    `  artifacts: [${names.map((name) => `{name: ${name}, copy: [{from: '@repo/kubernetes/apps/**', to: '@artifact/'}]}`).join(", ")}]`,
  ]),
});
const GATE = "--feature-gates=ExternalArtifact=false";
const withParts: Files = { ...plain, ...parts("one", "two") };

const cut = (name: string, flag: RegExp, args: string[]) =>
  op("Deployment", name, {
    op: "replace",
    path: "/spec/template/spec/containers/0/args",
    value: args.filter((one) => !flag.test(one)),
  });
const ARGS = [
  "--watch-all-namespaces=true",
  "--log-level=info",
  "--enable-leader-election",
  "--storage-path=/data",
  "--storage-adv-addr=source-controller.flux-system.svc.cluster.local.",
];

const change = (tree: Files, edits: Edits): [Files, Edits] => [tree, edits];

/** What flags of the controllers make Flux leave alone: as they come, and what comes while they are there. */
export const FLAGS: Cases = {
  "names of other namespaces are forbidden": change(
    far(plain),
    patched(flag("helm-controller", "--no-cross-namespace-refs")),
  ),
  "names of other namespaces are forbidden by an instance": change(
    far(operatorTree()),
    operated(flag("helm-controller", "--no-cross-namespace-refs=true")),
  ),
  "names of other namespaces come where they are forbidden": rows(releases, {
    ...h,
    ...patched(flag("helm-controller", "--no-cross-namespace-refs")),
  }),
  "names of other namespaces come where they are forbidden to others": rows(releases, {
    ...h,
    ...patched(flag("kustomize-controller", "--no-cross-namespace-refs=true")),
  }),
  "other namespaces are left alone": change(plain, patched(flag("helm-controller", "--watch-all-namespaces=false"))),
  "the only one in another namespace is left alone": change(
    { ...plain, "kubernetes/apps/games/kustomization.yaml": kustomization(["namespace.yaml"]) },
    patched(flag("helm-controller", "--watch-all-namespaces=false")),
  ),
  "a gate is turned off that a Kustomization needs": change(
    { ...withParts, "kubernetes/flux/reader.yaml": artifact("one") },
    patched(flag("kustomize-controller", GATE)),
  ),
  "a gate is turned off that nothing needs": change(withParts, patched(flag("kustomize-controller", GATE))),
  "what needs a gate comes where that is off": change(
    { ...withParts, ...patched(flag("kustomize-controller", GATE)) },
    { "kubernetes/flux/reader.yaml": artifact("two").replace("  suspend: true\n", "") },
  ),
  "what needs a gate comes suspended where that is off": change(
    { ...withParts, ...patched(flag("kustomize-controller", GATE)) },
    { "kubernetes/flux/reader.yaml": artifact("two") },
  ),
  "objects by label are left alone": change(labelled, patched(flag("helm-controller", SELECTOR))),
  "objects by label are left alone, and a second controller is there": change(
    { ...labelled, ...shard("helm-controller-blue", "Deployment", "mirror.example.com/helm-controller:v1") },
    patched(flag("helm-controller", SELECTOR)),
  ),
  "objects by label are left alone, and what is called nearly so is no controller": change(
    {
      ...labelled,
      ...shard("helm-controller-blue", "ServiceAccount"),
      ...shard("helm-controllers"),
      ...shard("my-helm-controller-"),
    },
    patched(flag("helm-controller", SELECTOR)),
  ),
  "objects by label are left alone today": change(
    { ...labelled, ...patched(flag("helm-controller", SELECTOR)) },
    patched(flag("helm-controller", SELECTOR, "--concurrent=5")),
  ),
  "objects by a number in a label are left alone": change(
    labelled,
    patched(flag("helm-controller", "--watch-label-selector=tier!=1")),
  ),
  "remote bases are forbidden": change(withBase, patched(flag("kustomize-controller", "--no-remote-bases"))),
  "remote bases are forbidden to another controller": change(
    withBase,
    patched(flag("helm-controller", "--no-remote-bases")),
  ),
  "a remote base comes where they are forbidden": change(
    { ...plain, ...patched(flag("kustomize-controller", "--no-remote-bases=true")) },
    { [`${PLAYER_APP}/kustomization.yaml`]: remote(BASE) },
  ),
  "a remote base stays where they are forbidden": change(
    { ...withBase, ...patched(flag("kustomize-controller", "--no-remote-bases=true")) },
    { [`${PLAYER_APP}/kustomization.yaml`]: remote(`${BASE}1`) },
  ),
  "a source has no address any more": change(plain, patched(cut("source-controller", /adv-addr/, ARGS))),
  "a source has no folder any more": change(plain, patched(cut("source-controller", /storage-path/, ARGS))),
  "a source has all its arguments": change(plain, patched(cut("source-controller", /none/, ARGS))),
  "another controller has no folder": change(plain, patched(cut("helm-controller", /storage/, ARGS))),
};
