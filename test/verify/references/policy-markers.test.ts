import { expect, test } from "vitest";
import { verifyEdits } from "../edited.ts";
import { homeTree, ks, kustomization, object } from "../home-tree.ts";
import { inFlux, inShort, PLAYER_APP } from "./tree.ts";

const CONFIG = "kubernetes/flux/config/kustomization.yaml";
const IMAGES = "kubernetes/flux/config/images.yaml";
const POD = `${PLAYER_APP}/pod.yaml`;
const IMAGE = "image.toolkit.fluxcd.io/v1beta2";
const policy = (name: string, labels = "") =>
  inFlux("ImagePolicy", name, IMAGE, [
    "  imageRepositoryRef: {name: web}",
    "  policy: {semver: {range: '>=1.0.0'}}",
  ]).replace("spec:", `${labels}spec:`);
const bot = (more = "") =>
  inFlux("ImageUpdateAutomation", "bot", IMAGE, [
    "  interval: 1h",
    "  sourceRef: {kind: GitRepository, name: home}",
    "  git: {commit: {author: {name: bot, email: bot@example.invalid}}}",
    ...(more ? [`  ${more}`] : []),
  ]);
const pod = (tag: string, marker: string) =>
  object("Pod", "web", "v1", [
    "spec:",
    "  containers:",
    "    - name: web",
    `      image: ghcr.io/me/web:${tag} # {"$imagepolicy": "${marker}"}`,
  ]);
const images = (...more: string[]) =>
  inFlux("ImageRepository", "web", IMAGE, ["  image: ghcr.io/me/web", "  interval: 1h"]) + more.join("");
const tree = {
  ...homeTree(),
  [CONFIG]: kustomization(["cluster.yaml", "flux.yaml", "images.yaml"]),
  [IMAGES]: images(policy("web-main"), bot()),
  [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "pod.yaml"]),
  [POD]: pod("1.0.0", "flux-system:web-main"),
};

test.each(["flux-system:web-mian", "flux-system:web-main2:tag", "flux-sytem:web-main:name"])(
  "a marker that names no policy by a slip: %s",
  (marker) => {
    const said = inShort(tree, { [POD]: pod("1.0.1", marker) });
    // A digit more may be another policy, which lies elsewhere.
    expect(said).toBe(/\d$|2:/.test(marker) ? "safe" : "unsafe | reconcile-stops ImagePolicy flux-system/web-main");
  },
);

test.each([
  ["flux-system:web-main:tags", false],
  ["flux-system:web-main:", false],
  ["flux-system:web-main:digest", true],
  ["apps:other:tags", true],
] as const)("a marker that asks for a part which no image has: %s", (marker, isTaken) => {
  const said = inShort(tree, { [POD]: pod("1.0.1", marker) });
  expect(said).toBe(isTaken ? "safe" : "unsafe | reconcile-stops ImagePolicy flux-system/web-main");
});

test("a marker that alone changes", () => {
  const rules = (marker: string) =>
    verifyEdits({ [POD]: pod("1.0.0", marker) }, tree).findings.map(({ rule, resource }) => `${rule} ${resource}`);
  expect(rules("flux-system:web-mian")).toEqual(["reconcile-stops ImagePolicy flux-system/web-main"]);
  expect(rules("flux-system:web-main:tag")).toEqual([]);
});

test.each(["flux-system:web-main:tag", "apps:other", "flux-system:api"])("a marker that may be right: %s", (marker) => {
  expect(inShort(tree, { [POD]: pod("1.0.1", marker) })).toBe("safe");
});

test("a policy that gets another name while a marker keeps the old one", () => {
  const renamed = { [IMAGES]: images(policy("web"), bot()) };
  expect(inShort(tree, renamed)).toBe("unsafe | reconcile-stops ImagePolicy flux-system/web");
  expect(inShort(tree, { ...renamed, [POD]: pod("1.0.0", "flux-system:web") })).toBe("deletes");
  // One that only goes is meant to.
  expect(inShort(tree, { [IMAGES]: images(bot()) })).toBe("deletes");
});

test("a policy that gets another name together with its ImageRepository", () => {
  const renamed = (images(policy("web"), bot()) as string)
    .replace("name: web\n  namespace", "name: site\n  namespace")
    .replace("imageRepositoryRef: {name: web}", "imageRepositoryRef: {name: site}");
  expect(inShort(tree, { [IMAGES]: renamed })).toContain("reconcile-stops ImagePolicy flux-system/web");
  expect(inShort(tree, { [IMAGES]: renamed.replace("ghcr.io/me/web", "ghcr.io/me/site") })).toBe("deletes");
});

test("what the cluster is not given may keep the old name of a policy", () => {
  const renamed = { [IMAGES]: images(policy("web"), bot()), [POD]: pod("1.0.0", "flux-system:web") };
  const old = pod("1.0.0", "flux-system:web-main");
  for (const path of ["docs/README.md", "clusters/other/pod.yaml", `${PLAYER_APP}/note.md`])
    expect(inShort({ ...tree, [path]: old }, renamed)).toBe("deletes");
  // A name that looks like a slip is another cluster's own.
  const theirs = { "clusters/other/pod.yaml": pod("1.0.0", "flux-system:web-mian") };
  expect(inShort({ ...tree, "clusters/other/pod.yaml": old }, theirs)).toBe("safe");
  // One that this cluster passes on is written by its automation.
  const far = ks("far", "clusters/other", ["kubeConfig: {secretRef: {name: far}}"]);
  expect(inShort({ ...tree, "clusters/other/pod.yaml": old, "kubernetes/flux/far.yaml": far }, renamed)).toBe(
    "unsafe | reconcile-stops ImagePolicy flux-system/web",
  );
  // A file that comes with the change is given to it.
  const more = { [`${PLAYER_APP}/more.yaml`]: old.replace("name: web\n", "name: more\n") };
  const list = (...names: string[]) => ({
    [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["pod.yaml", ...names]),
  });
  const small = { ...tree, ...list() };
  expect(inShort(small, { ...renamed, ...more })).toBe("deletes");
  expect(inShort(small, { ...renamed, ...more, ...list("more.yaml") })).toContain("reconcile-stops ImagePolicy");
});

test("a selector of policies that fits none any more", () => {
  const labels = "  labels: {team: web}\n";
  const all = (policies: string, selector: string) => ({ [IMAGES]: images(policies, bot(selector)) });
  const [right, wrong] = ["policySelector: {matchLabels: {team: web}}", "policySelector: {matchLabels: {team: wbe}}"];
  const stops = "unsafe | reconcile-stops ImageUpdateAutomation flux-system/bot";
  const chosen = { ...tree, ...all(policy("web-main", labels), right) };
  expect(inShort(tree, all(policy("web-main"), right))).toBe(stops);
  expect(inShort(chosen, all(policy("web-main", labels), wrong))).toBe(stops);
  expect(inShort(chosen, all(policy("web-main"), right))).toBe(stops);
  expect(inShort(tree, all(policy("web-main", labels), right))).toBe("safe");
  expect(inShort(chosen, all(policy("web-main", labels) + policy("api", labels), right))).toBe("safe");
});

test("a policy that goes to another namespace while a marker keeps the old one", () => {
  const moved = images(policy("web-main"), bot()).replaceAll("namespace: flux-system", "namespace: media");
  const other = images(policy("web-main"), bot()) + images(policy("api")).replaceAll("flux-system", "media");
  expect(inShort(tree, { [IMAGES]: moved })).toContain("reconcile-stops ImagePolicy media/web-main");
  expect(inShort(tree, { [IMAGES]: moved, [POD]: pod("1.0.0", "media:web-main") })).not.toContain("ImagePolicy");
  expect(inShort(tree, { [IMAGES]: other })).not.toContain("ImagePolicy");
});
