import { homeTree, ks, kustomization, object, operatorTree, release } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import { type Cases, rows } from "./said.ts";

const APP = "kubernetes/apps/media/player";
const CHESS = "kubernetes/apps/games/chess";
const INSTANCE = "kubernetes/flux/config/instance.yaml";
const SETTINGS = "kubernetes/flux/vars/cluster-settings.yaml";
const UNSEEN = "{kind: Secret, name: unseen}";
const KNOWN = "{kind: ConfigMap, name: cluster-settings}";
const OTHER = "{kind: Secret, name: other}";

const player = (build: string | undefined, tree: Files) =>
  ks(
    "player",
    `${APP}/app`,
    ["targetNamespace: media", ...(build === undefined ? [] : [`postBuild: ${build}`])],
    tree[INSTANCE] ? "flux-system" : "home",
  );
/** A folder that uses these variables. */
const using = (text: string, tree: Files = homeTree()): Files => ({
  ...tree,
  [`${APP}/app/helmrelease.yaml`]: release("player"),
  [`${APP}/app/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "note.yaml"]),
  [`${APP}/app/note.yaml`]: object("ConfigMap", "note", "v1", [`data: {a: '${text}'}`]),
});
/** What it substitutes from, before and after. */
const from = (was: string, is: string | undefined, text = "${OWN} ${DOMAIN}", tree = homeTree()): [Files, Edits] => {
  const all = using(text, tree);
  return [{ ...all, [`${APP}/ks.yaml`]: player(was, all) }, { [`${APP}/ks.yaml`]: player(is, all) }];
};
const two = (was: string, is: string): [Files, Edits] => {
  const [tree, edits] = from(was, is);
  const chess = (build: string) => ks("chess", `${APP}/app`, ["targetNamespace: games", `postBuild: ${build}`]);
  return [
    { ...tree, [`${CHESS}/ks.yaml`]: chess(was) },
    { ...edits, [`${CHESS}/ks.yaml`]: chess(is) },
  ];
};

/** A Secret of settings that a document makes, or is, before and after. */
const SEEDED = "kubernetes/flux/vars/seeded.yaml";
const listed = (...keys: string[]) =>
  `data: [${keys.map((key) => `{secretKey: ${key}, remoteRef: {key: a}}`).join(", ")}]`;
const external = (spec: string, name = "seeded") =>
  object("ExternalSecret", name, "external-secrets.io/v1", [
    "  namespace: flux-system",
    `spec: {secretStoreRef: {name: store}, target: {name: seeded}, ${spec}}`,
  ]);
const plain = object("Secret", "seeded", "v1", ["  namespace: flux-system", "stringData: {OWN: a}"]);
const seeded = (was: string, is: string | undefined, more = ""): [Files, Edits] => {
  const build = `{substituteFrom: [${KNOWN}, {kind: Secret, name: seeded${more}}]}`;
  return [{ ...from(build, build)[0], [SEEDED]: was }, { [SEEDED]: is }];
};
const helm = (day: string) => [
  "spec:",
  "  interval: 1h",
  "  chartRef: {kind: OCIRepository, name: app}",
  `  values: {items: [{from: ${day}}]}`,
];

const MARK = "kustomize.toolkit.fluxcd.io/substitute";
const SET = `{substitute: {OWN: a}, substituteFrom: [${KNOWN}]}`;
/** The list of the folder gets a line more. */
const marks = (line: string): [Files, Edits] => [
  from(SET, SET)[0],
  { [`${APP}/app/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "note.yaml"], [line]) },
];

/** A FluxInstance of a version, with these feature gates of kustomize-controller. */
const gated = (version: string, gate: string | undefined): string => {
  const patch = JSON.stringify([
    { op: "add", path: "/spec/template/spec/containers/0/args/-", value: `--feature-gates=${gate}` },
  ]);
  const target = "{kind: Deployment, name: kustomize-controller}";
  const more = gate === undefined ? "" : `\n  kustomize: {patches: [{target: ${target}, patch: '${patch}'}]}`;
  return operatorTree()[INSTANCE]!.replace("2.6.x", version).replace("spec:", `spec:${more}`);
};
const gates = (version: string, was: string | undefined, is: string | undefined, text = "${OWN}"): [Files, Edits] => {
  const [tree] = from("{substitute: {NAME: a}}", undefined, text, operatorTree());
  return [{ ...tree, [INSTANCE]: gated(version, was) }, { [INSTANCE]: gated(version, is) }];
};
const STRICT = "StrictPostBuildSubstitutions";

/** Variables that nothing sets any more, or that nothing may be left of. */
export const VARIABLES: Cases = {
  "a Secret that nobody sees is taken from no more": from(
    `{substituteFrom: [${KNOWN}, ${UNSEEN}]}`,
    `{substituteFrom: [${KNOWN}]}`,
  ),
  "the same of two, of which one stays": from(
    `{substituteFrom: [${OTHER}, ${KNOWN}, ${UNSEEN}]}`,
    `{substituteFrom: [${OTHER}, ${KNOWN}]}`,
  ),
  "the same of two Kustomizations": two(`{substituteFrom: [${KNOWN}, ${UNSEEN}]}`, `{substituteFrom: [${KNOWN}]}`),
  "what it uses is set elsewhere": from(
    `{substituteFrom: [${KNOWN}, ${UNSEEN}]}`,
    `{substitute: {OWN: a}, substituteFrom: [${KNOWN}]}`,
  ),
  "what it uses has a default": from(
    `{substituteFrom: [${KNOWN}, ${UNSEEN}]}`,
    `{substituteFrom: [${KNOWN}]}`,
    "${OWN:=a} $${OWN}",
  ),
  "another one that nobody sees takes its place": from(
    `{substituteFrom: [${KNOWN}, ${UNSEEN}]}`,
    `{substituteFrom: [${KNOWN}, {kind: Secret, name: other, optional: true}]}`,
  ),
  "an ExternalSecret lists a key no more": seeded(external(listed("OWN", "TWO")), external(listed("TWO"))),
  "the same of an optional one with another name": seeded(
    external(listed("OWN"), "vars"),
    external(listed("OVN"), "vars"),
    ", optional: true",
  ),
  "an ExternalSecret that is substituted from goes": seeded(external(listed("OWN")), undefined, ", optional: true"),
  "its Secret gets another name": seeded(
    external(listed("OWN")),
    external(listed("OWN")).replace("target: {name: seeded}", "target: {name: other}"),
  ),
  "it lists another key as well, and is written otherwise": seeded(
    external(listed("OWN")),
    external(`refreshInterval: 5m, ${listed("TWO", "OWN")}`),
  ),
  "it lists its keys in a template from now on": seeded(
    external(listed("OWN")),
    external(`dataFrom: [{extract: {key: a}}]`).replace("{name: seeded}", "{name: seeded, template: {data: {OWN: b}}}"),
  ),
  "it takes all that there is from now on": seeded(
    external(listed("OWN")),
    external("dataFrom: [{extract: {key: a}}]"),
  ),
  "it took all that there is, and takes it from elsewhere": seeded(
    external("dataFrom: [{extract: {key: a}}]"),
    external("dataFrom: [{extract: {key: b}}]"),
  ),
  "a Secret of Git is made by one that lists the key": seeded(plain, external(listed("OWN"))),
  "the same, without the key": seeded(plain, external(listed("TWO"))),
  "the same, and its keys cannot be seen": seeded(plain, external("dataFrom: [{extract: {key: a}}]")),
  "a ConfigMap that is known is taken from no more": from(
    `{substitute: {OWN: a}, substituteFrom: [${KNOWN}]}`,
    "{substitute: {OWN: a}}",
  ),
  "nothing is left of it": from(`{substituteFrom: [${UNSEEN}]}`, "{}"),
  "lists without an entry are left of it": from(
    `{substitute: {OWN: a}, substituteFrom: [${UNSEEN}]}`,
    "{substitute: {}, substituteFrom: []}",
  ),
  "a strategy is left of it": from("{substitute: {OWN: a}}", "{substituteStrategy: Always}"),
  "nothing comes of nothing": from("{}", undefined),
  "it had no value, and gets one": from("{}", `{substitute: {DOMAIN: a}}`, "${DOMAIN} ${HOME}"),
  "a list marks all as not to be filled in": marks(`commonAnnotations: {${MARK}: disabled}`),
  "a list marks all with a word that counts for nothing": marks(`commonAnnotations: {${MARK}: Disabled}`),
  "labels of a list mark it": marks(`labels: [{pairs: {${MARK}: disabled}}]`),
  "a patch marks it": (() => {
    const [tree] = from(SET, SET);
    const patch = `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {${MARK}: disabled}}}`;
    const patches = `patches: [{target: {kind: ConfigMap}, patch: '${patch}'}]`;
    return [tree, { [`${APP}/ks.yaml`]: `${tree[`${APP}/ks.yaml`]}  ${patches}\n` }];
  })(),
  "it was marked before": [
    { ...from(SET, SET)[0], ...marks(`commonAnnotations: {${MARK}: disabled}`)[1] } as Files,
    marks(`labels: [{pairs: {${MARK}: disabled}}]`)[1],
  ],
  "a list marks it no more, and a shell uses what nothing sets": [
    { ...from(SET, SET, "${OWN} ${SHELL}")[0], ...marks(`commonAnnotations: {${MARK}: disabled}`)[1] } as Files,
    marks("commonAnnotations: {a: b}")[1],
  ],
  "the same, and all has a value": [
    { ...from(SET, SET)[0], ...marks(`commonAnnotations: {${MARK}: disabled}`)[1] } as Files,
    marks("commonAnnotations: {a: b}")[1],
  ],
  "its document marks it": [
    from(SET, SET)[0],
    {
      [`${APP}/app/note.yaml`]: object("ConfigMap", "note", "v1", [
        `  annotations: {${MARK}: disabled}`,
        "data: {a: '${OWN} ${DOMAIN}'}",
      ]),
    },
  ],
  "the gate that left it out goes": gates("2.9.x", `${STRICT}=false`, undefined),
  "the same, written otherwise": gates("2.9.x", `${STRICT}=F`, `CacheSecretsAndConfigMaps=true`),
  "the gate comes": gates("2.8.x", undefined, `${STRICT}=true`),
  "the gate comes, and all has a value": gates("2.8.x", undefined, `${STRICT}=true`, "${NAME}"),
  "the gate goes off": gates("2.9.x", undefined, `${STRICT}=0`),
  "the gate was on, and says so": gates("2.9.x", undefined, `${STRICT}=true`),
  "the gate goes where Flux has it off": gates("2.8.x", `${STRICT}=false`, undefined),
  "the version comes with the gate": [
    gates("2.8.x", `${STRICT}=T`, undefined)[0],
    { [INSTANCE]: gated("2.9.x", `${STRICT}=T`) },
  ],
  "a file names the gate in a comment": (() => {
    const [tree, edits] = gates("2.9.x", `${STRICT}=false`, undefined);
    return [{ ...tree, [SETTINGS]: `${tree[SETTINGS]}# ${STRICT}=false\n` }, edits];
  })(),
  "dates lose their quotes, get some, or become others": rows([
    ["one", "ConfigMap", ["data: {day: '2024-01-02', more: a}"], ["data: {day: 2024-01-02, more: a}"]],
    ["two", "ConfigMap", ["data: {day: '2024-01-02', to: \"2024-1-3\"}"], ["data: {day: 2024-01-02, to: 2024-1-3}"]],
    ["below", "HelmRelease", helm("'2024-01-02'"), helm("2024-01-02")],
    ["hidden", "Secret", ["stringData: {day: '2024-01-02'}"], ["stringData: {day: 2024-01-02}"]],
    ["quoted", "ConfigMap", ["data: {day: 2024-01-02}"], ["data: {day: '2024-01-02'}"]],
    ["other", "ConfigMap", ["data: {day: '2024-01-02'}"], ["data: {day: 2024-01-03}"]],
    ["whole", "ConfigMap", ["data: {day: '2024-01-02T00:00:00Z'}"], ["data: {day: 2024-01-02T00:00:00Z}"]],
    ["no-day", "ConfigMap", ["data: {day: '2024-02-30'}"], ["data: {day: 2024-02-30}"]],
    ["marked", "ConfigMap", ["  annotations: {day: '2024-01-02'}"], ["  annotations: {day: 2024-01-02}"]],
    ["new", "ConfigMap", undefined, ["data: {day: 2024-01-02}"]],
  ]),
};
