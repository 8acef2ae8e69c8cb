import { homeTree, ks, kustomization, object } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import type { Cases } from "./said.ts";

const APP = "kubernetes/apps/media/player/app";
const LIST = `${APP}/kustomization.yaml`;
const MAPS = `${APP}/maps.yaml`;
const PLAYER = "kubernetes/apps/media/player/ks.yaml";
const CHESS = "kubernetes/apps/games/chess/ks.yaml";
const CHESS_APP = "kubernetes/apps/games/chess/app";

const PATCH = "- {op: add, path: /data/b, value: c}";
const patch = (target: string) => `{target: {${target}}, patch: '${PATCH}'}`;
/** ConfigMaps, each as its name and what else its metadata holds. */
const maps = (...all: string[]) =>
  all.map((one) => {
    const [name, ...more] = one.split(" ");
    return object("ConfigMap", name!, "v1", [...(more.length > 0 ? [`  ${more.join(" ")}`] : []), "data: {a: b}"]);
  });
/** An app of ConfigMaps and what patches them. */
const app = (lines: readonly string[], all: readonly string[]): Files => ({
  ...homeTree(),
  [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "maps.yaml"], [...lines]),
  [MAPS]: all.join(""),
});
/** The same app before and after; what of them is another in place. */
const moved = (targets: readonly string[], was: readonly string[], is: readonly string[]): [Files, Edits] => [
  app([`patches: [${targets.map(patch).join(", ")}]`], maps(...was)),
  { [MAPS]: maps(...is).join("") },
];
const ANY = "kind: ConfigMap, name: 'map-.*'";
const labelled = "kind: ConfigMap, labelSelector: tier=front";
const FRONT = "labels: {tier: front}";

const REPLACEMENT =
  "{source: {kind: ConfigMap, name: size, fieldPath: data.a}, targets: [{select: {kind: ConfigMap, name: to.b}, fieldPaths: [data.a]}]}";

const OUT = "$patch: delete\napiVersion: v1\nkind: Any\nmetadata: {name: any}\n";
const deleting = (target: string) => `{target: {${target}}, patch: ${JSON.stringify(OUT)}}`;
/** The same app where patches take out what they are for. */
const kept = (target: string, was: readonly string[], is: readonly string[]): [Files, Edits] => [
  app([`patches: [${deleting(target)}]`], maps(...was)),
  { [MAPS]: maps(...is).join("") },
];

const inFlux = (more: string[]): Files => ({
  ...app([], maps("map-a", "map-b")),
  [PLAYER]: ks("player", APP, ["targetNamespace: media", ...more]),
});
const shared = (target: string, was: string, both: boolean): Files => ({
  ...app(["components: [../../../../part]"], maps(was)),
  "kubernetes/part/kustomization.yaml": `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [${patch(target)}]\n`,
  [`${CHESS_APP}/kustomization.yaml`]: kustomization(
    ["helmrelease.yaml"],
    both ? ["components: [../../../../part]"] : [],
  ),
});

const FLUX = "kubernetes/flux/config/flux.yaml";
/** The release of Flux that its artifact holds, and the first of two controllers that patches are for, before and after. */
const released = (ref: string, was: string, is: string): [Files, Edits] => {
  const write = (name: string) =>
    `${homeTree()[FLUX]!.replace("{tag: v2.6.4}", `{${ref}}`)}  patches: [${patchOf(name)}, ${patchOf("helm-controller")}]\n`;
  return [{ ...homeTree(), [FLUX]: write(was) }, { [FLUX]: write(is) }];
};
const patchOf = (name: string) =>
  `{target: {kind: Deployment, name: ${name}}, patch: '- {op: add, path: /spec/template/spec/containers/0/args/-, value: --log-level=debug}'}`;

/** What a patch or a replacement leaves out from then on, as an object gets another name, label or annotation. */
export const LEFT_PATCHES: Cases = {
  "the only object gets another name": moved(["kind: ConfigMap, name: map-a"], ["map-a"], ["other"]),
  "one of two gets another name": moved([ANY], ["map-a", "map-b"], ["other", "map-b"]),
  "two of two get other names": moved([ANY], ["map-a", "map-b"], ["one", "two"]),
  "three of three get other names": moved([ANY], ["map-a", "map-b", "map-c"], ["one", "two", "three"]),
  "the only object gets another name that still fits": moved([ANY], ["map-a"], ["map-b"]),
  "an object of another kind than the target": moved(["kind: Secret, name: map-a"], ["map-a"], ["other"]),
  "an object without a kind in the target": moved(["name: map-a"], ["map-a"], ["other"]),
  "an object by a pattern of kinds": moved(["kind: 'Config.*', name: map-a"], ["map-a"], ["other"]),
  "an object goes and one of another kind comes to its place": [
    app([`patches: [${patch("kind: ConfigMap, name: map-a")}]`], maps("map-a")),
    { [MAPS]: maps("map-a").join("").replace("ConfigMap", "Secret").replace("data:", "stringData:") },
  ],
  "a label gets a slip in its name": moved(
    ["kind: ConfigMap, labelSelector: component=a"],
    ["a labels: {component: a, more: b}"],
    ["a labels: {more: b, componnet: a}"],
  ),
  "a label gets a slip in its name, for one of two": moved(
    ["kind: ConfigMap, labelSelector: component=a"],
    ["a labels: {component: a}", "b labels: {component: a}"],
    ["a labels: {componnet: a}", "b labels: {component: a}"],
  ),
  "a label goes, whose neighbour is called nearly so": moved(
    ["kind: ConfigMap, labelSelector: component=a"],
    ["a labels: {component: a, components: b}"],
    ["a labels: {components: b}"],
  ),
  "two labels change, of which the target asks for the second": moved(
    [labelled],
    ["a labels: {app: b, tier: front}"],
    ["a labels: {app: c, tier: back}"],
  ),
  "an object gets another name, and two of its kind stand in one file": [
    app([`patches: [${patch("kind: ConfigMap, name: map-a")}]`], maps("map-a", "map-b")),
    { [MAPS]: maps("map-b", "other").join("") },
  ],
  "the first of two objects in one file goes": [
    app([`patches: [${patch("kind: ConfigMap, name: map-a")}]`], maps("map-a", "map-b")),
    { [MAPS]: maps("map-b").join("") },
  ],
  "a new object comes before it in its file": moved(["kind: ConfigMap, name: map-a"], ["map-a"], ["other", "map-a"]),
  "labels say in many words that they are not meant": moved(
    [labelled],
    [..."abcdefg"].map((name) => `${name} ${FRONT}`),
    ["'n'", "'no'", "disable", "disabled", "ignore", "ignored", "'off'"].map(
      (value, index) => `${"abcdefg"[index]} labels: {tier: ${value}}`,
    ),
  ),
  "a label gets a value that only ends as a word of refusal": moved(
    [labelled],
    [`a ${FRONT}`],
    ["a labels: {tier: proof}"],
  ),
  "an object that only one of the patches is for": moved(
    ["kind: ConfigMap, name: map-b", "kind: ConfigMap, name: map-a"],
    ["map-a", "map-b"],
    ["other", "map-b"],
  ),
  "a label gets a slip in its value": moved(
    [labelled],
    [`a ${FRONT}`, `b ${FRONT}`],
    ["a labels: {tier: fornt}", `b ${FRONT}`],
  ),
  "a label gets another value": moved([labelled], [`a ${FRONT}`], ["a labels: {tier: back}"]),
  "a label of one of two gets another value": moved(
    [labelled],
    [`a ${FRONT}`, `b ${FRONT}`],
    ["a labels: {tier: back}", `b ${FRONT}`],
  ),
  "labels of two of three get slips": moved(
    [labelled],
    [`a ${FRONT}`, `b ${FRONT}`, `c ${FRONT}`],
    ["a labels: {tier: fornt}", "b labels: {tier: frnt}", `c ${FRONT}`],
  ),
  "a label goes": moved([labelled], [`a ${FRONT}`], ["a"]),
  "a label goes, and another comes": moved([labelled], [`a ${FRONT}`], ["a labels: {app: b}"]),
  "a label says that it is not meant": moved([labelled], [`a ${FRONT}`], ["a labels: {tier: Disabled}"]),
  "a label says nearly that it is not meant": moved([labelled], [`a ${FRONT}`], ["a labels: {tier: noted}"]),
  "a label becomes a variable": moved([labelled], [`a ${FRONT}`], ["a labels: {tier: '${DOMAIN}'}"]),
  "an annotation gets a slip": moved(
    ["kind: ConfigMap, annotationSelector: 'tier in (front, end)'"],
    ["a annotations: {tier: front}"],
    ["a annotations: {tier: fornt}"],
  ),
  "an annotation that no selector holds": moved(
    [labelled],
    [`a annotations: {tier: front}\n  ${FRONT}`],
    [`a ${FRONT}`],
  ),
  "a label that is left out gets the value": moved(
    ["kind: ConfigMap, labelSelector: tier!=back"],
    [`a ${FRONT}`],
    ["a labels: {tier: back}"],
  ),
  "an object goes over to the patch beside it": moved(
    [labelled, "kind: ConfigMap, labelSelector: tier=fornt"],
    [`a ${FRONT}`],
    ["a labels: {tier: fornt}"],
  ),
  "an object that the patch beside it selects today": moved(
    [labelled, "kind: ConfigMap, labelSelector: app"],
    ["a labels: {app: b, tier: front}"],
    ["a labels: {app: b, tier: fornt}"],
  ),
  "a patch in a Kustomization of Flux": [
    inFlux([`patches: [${patch("kind: ConfigMap, name: map-a")}]`]),
    { [MAPS]: maps("other", "map-b").join("") },
  ],
  "patches in two Kustomizations of Flux": [
    {
      ...inFlux([`patches: [${patch("kind: ConfigMap, labelSelector: tier=front")}]`]),
      [MAPS]: maps(`a ${FRONT}`).join(""),
      [CHESS]: ks("chess", CHESS_APP, [
        "targetNamespace: games",
        `patches: [${patch("kind: ConfigMap, labelSelector: tier=front")}]`,
      ]),
    },
    { [MAPS]: maps("a").join("") },
  ],
  "patches without targets": [
    inFlux([`patches: [{patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: map-b}, data: {b: c}}'}]`]),
    { [MAPS]: maps("other", "map-b").join("") },
  ],
  "a label goes, and the component is for others too": [
    shared(labelled, `a ${FRONT}`, true),
    { [MAPS]: maps("a").join("") },
  ],
  "a label goes, and the component is for nothing else": [
    shared(labelled, `a ${FRONT}`, false),
    { [MAPS]: maps("a").join("") },
  ],
  "a replacement": [
    app([`replacements: [${REPLACEMENT}]`], maps("size", "to.b")),
    { [MAPS]: maps("size", "other").join("") },
  ],
  "a replacement of a name that is no pattern": [
    app([`replacements: [${REPLACEMENT}]`], maps("size", "toxb")),
    { [MAPS]: maps("size", "other").join("") },
  ],
  "a replacement of a file": [
    { ...app(["replacements: [{path: size.yaml}]"], maps("size", "to.b")), [`${APP}/size.yaml`]: REPLACEMENT },
    { [MAPS]: maps("size", "other").join("") },
  ],
  "a label gets a slip, and by it a patch takes the object out": kept(
    labelled,
    [`a ${FRONT}`, `b ${FRONT}`],
    [`a ${FRONT}`, "b labels: {tier: fornt}"],
  ),
  "a label goes, and by it a patch takes the object out": kept(labelled, [`a ${FRONT}`, "b"], ["a", "b"]),
  "what a patch takes out gets another name": kept(ANY, ["map-a"], ["other"]),
  "a label goes by which the patch of a file in Flux takes it out": [
    { ...inFlux([`patches: [${deleting(labelled)}]`]), [MAPS]: maps(`map-a ${FRONT}`, "map-b").join("") },
    { [MAPS]: maps("map-a", "map-b").join("") },
  ],
  "documents come before what a patch takes out, and after it": kept(
    "kind: ConfigMap, name: out",
    ["a", "out"],
    ["a", "b", "out", "c"],
  ),
  "a label goes of what a patch takes out, and a document comes before it": kept(
    labelled,
    ["a", `b ${FRONT}`],
    ["a", "new", "b"],
  ),
  "a label goes of what no list held, and of what goes on being taken out": [
    {
      ...kept(ANY, ["map-a labels: {tier: front}"], [])[0],
      [`${APP}/more.yaml`]: maps("new labels: {tier: front}").join(""),
    },
    {
      [MAPS]: maps("map-a").join(""),
      [`${APP}/more.yaml`]: maps("new").join(""),
      [LIST]: kustomization(
        ["helmrelease.yaml", "pvc.yaml", "maps.yaml", "more.yaml"],
        [`patches: [${deleting(ANY)}, ${deleting(labelled)}]`],
      ),
    },
  ],
  "a slip in the name of a controller": released("tag: v2.6.4", "source-controller", "soruce-controller"),
  "a slip in it, and a range holds the release": released("semver: 2.x", "source-controller", "soruce-controller"),
  "a slip in it, and nobody knows which release that is": released(
    "tag: latest",
    "source-controller",
    "soruce-controller",
  ),
  "a slip in it, and the release came later": released("tag: v2.99.0", "source-controller", "soruce-controller"),
  "a patch moves to a controller that newer releases have": released(
    "tag: latest",
    "source-controller",
    "source-watcher",
  ),
};
