import { homeTree, ks } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { type Cases, type Row, rows } from "./said.ts";

const h = homeTree();
const spec = (said: string) => [`spec: ${said}`];

/** A source before and after, with what it says of signatures. */
const signed = (
  name: string,
  was: string | undefined,
  is: string,
  kind = "GitRepository",
  url = "https://git.invalid/a",
): Row => {
  const all = (verify: string) =>
    spec(
      `{interval: 1h, ${kind === "HelmChart" ? "chart: a, sourceRef: {kind: HelmRepository, name: a}" : `url: '${url}'`}${verify && `, verify: ${verify}`}}`,
    );
  return [name, kind, was === undefined ? undefined : all(was), all(is)];
};
const git = (mode: string, key = "a") => `{${mode && `mode: ${mode}, `}secretRef: {name: ${key}}}`;
const cosign = (...issuers: string[]) =>
  `{provider: cosign, matchOIDCIdentity: [${issuers.map((one) => `{issuer: ${one}, subject: ${one}}`).join(", ")}]}`;
const oci = (name: string, was: string | undefined, is: string, host = "ghcr.io/me/a") =>
  signed(name, was, is, "OCIRepository", `oci://${host}`);
const release = (name: string, was: string, is: string): Row => {
  const all = (verify: string) =>
    spec(
      `{interval: 1h, chart: {spec: {chart: a, sourceRef: {kind: HelmRepository, name: a}${verify && `, verify: ${verify}`}}}}`,
    );
  return [name, "HelmRelease", all(was), all(is)];
};

/** A Secret that is encrypted for some keys, as lists of a `sops` block. */
const encrypted = (keys: string) => [
  "stringData: {a: 'ENC[AES256_GCM,data:AA==,type:str]'}",
  `sops: {version: 3.9.0${keys && `, ${keys}`}}`,
];
const KEYS: Readonly<Record<string, (key: string) => string>> = {
  age: (key) => `age: [{recipient: ${key}}]`,
  pgp: (key) => `pgp: [{fp: ${key}}]`,
  kms: (key) => `kms: [{arn: 'arn:aws:kms:eu:1:key/${key}'}]`,
  gcp: (key) => `gcp_kms: [{resource_id: projects/a/${key}}]`,
  azure: (key) => `azure_kv: [{name: ${key}}]`,
  vault: (key) => `hc_vault: [{key_name: ${key}}]`,
};
const secret = (name: string, keys: string, was?: string): Row => [
  name,
  "Secret",
  was === undefined ? undefined : encrypted(was),
  encrypted(keys),
];
const [known] = rows(
  Object.entries(KEYS).map(([list, of]) => [`known-${list}`, "Secret", encrypted(of(`known-${list}`)), undefined]),
);

/** What makes a Secret of its own, and goes; and the Secret that comes to Git. */
const external = (more: string) => [
  `spec: {secretStoreRef: {name: a, kind: ClusterSecretStore}, ${more}dataFrom: [{extract: {key: a}}]}`,
];
const sealed = ["spec: {encryptedData: {a: AgA=}}"];
const made = (name: string, more = ""): Row[] => [
  [`es-${name}`, "ExternalSecret", external(`target: {name: ${name}${more}}, `), undefined],
  [name, "Secret", undefined, ["stringData: {a: b}"]],
];
const DISABLED = "  annotations: {kustomize.toolkit.fluxcd.io/reconcile: disabled}";
const KEPT = "  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}";
const pods = (of: string) => [
  "spec:",
  "  selector: {matchLabels: {app: a}}",
  `  template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: 'a:1', envFrom: [{secretRef: {name: ${of}}}]}]}}`,
];
const reads = (name: string, of: string): Row => [name, "Deployment", pods(of), pods(of)];
const moves = (name: string, more = ""): Row[] => [
  [`old-${name}`, "ExternalSecret", external(`target: {name: ${name}}, `), undefined],
  [`new-${name}`, "ExternalSecret", undefined, external(`target: {name: ${name}${more}}, `)],
];
const generator = (name: string, artifact: string, was: boolean, more: readonly string[] = []): Row => {
  const all = [
    ...more,
    `spec: {sources: [{alias: a, kind: GitRepository, name: home}], artifacts: [{name: ${artifact}, copy: [{from: '@a/kubernetes/parts/**', to: '@artifact/'}]}]}`,
  ];
  return [name, "ArtifactGenerator", was ? all : undefined, was ? undefined : all];
};
const parts: Files = {
  "kubernetes/parts/a/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: parts, namespace: games}\n",
  "kubernetes/flux/parts.yaml": ks("parts", "a", [], "parts").replace("kind: GitRepository", "kind: ExternalArtifact"),
};

/** A SealedSecret with one value, that was sealed for a scope. */
const sealedAs = (letter: string, scope = "") => [
  ...(scope === "" ? [] : [`  annotations: {sealedsecrets.bitnami.com/${scope}: "true"}`]),
  `spec: {encryptedData: {key: ${letter.repeat(80)}}}`,
];

/** Secrets that change hands, what they are encrypted for, and what has to be signed. */
export const SECRETS: Cases = {
  "what has to be signed from then on": rows([
    signed("comes", "", git("HEAD")),
    signed("goes", git("HEAD"), ""),
    signed("is-new", undefined, git("HEAD")),
    signed("as-flux-wrote-it", git("head"), git("HEAD")),
    signed("by-default", git(""), git("HEAD")),
    signed("the-tag-instead", git("HEAD"), git("Tag")),
    signed("the-tag-as-well", git("HEAD"), git("TagAndHEAD")),
    signed("the-commit-alone", git("TagAndHEAD"), git("HEAD")),
    signed("the-tag-alone", git("TagAndHEAD"), git("Tag")),
    signed("both-still", git("TagAndHEAD"), git("TagAndHEAD", "b")),
    signed("by-others", git("HEAD", "a"), git("HEAD", "b")),
    oci("image", "", cosign("a")),
    oci("image-of-more", cosign("a"), cosign("b", "a")),
    oci("image-of-fewer", cosign("a", "b"), cosign("a")),
    oci("image-of-anybody", cosign("a"), cosign()),
    oci("image-of-somebody", cosign(), cosign("a")),
    oci("image-as-before", "{provider: cosign, secretRef: {name: a}}", "{secretRef: {name: a}, provider: cosign}"),
    oci("image-by-notation", cosign("a"), "{provider: notation, secretRef: {name: a}}"),
    oci(
      "image-by-notation-still",
      "{provider: notation, secretRef: {name: a}}",
      "{provider: notation, secretRef: {name: a}, matchOIDCIdentity: [{issuer: a, subject: a}]}",
    ),
    oci("image-of-flux", "", "{provider: cosign}", "ghcr.io/fluxcd/flux-manifests"),
    oci("image-of-flux-by-default", "", "{matchOIDCIdentity: []}", "ghcr.io/fluxcd/flux-manifests"),
    oci("image-of-the-operator", "", "{provider: cosign}", "ghcr.io/controlplaneio-fluxcd/charts/flux-operator"),
    oci("image-of-flux-by-a-key", "", "{provider: cosign, secretRef: {name: a}}", "ghcr.io/fluxcd/flux-manifests"),
    oci("image-of-flux-by-a-name", "", cosign("a"), "ghcr.io/fluxcd/flux-manifests"),
    oci("image-of-flux-by-notation", "", "{provider: notation}", "ghcr.io/fluxcd/flux-manifests"),
    oci("image-of-flux-elsewhere", "", "{provider: cosign}", "registry.invalid/fluxcd/flux-manifests"),
    oci("image-called-alike", "", "{provider: cosign}", "ghcr.io/fluxcd-me/flux-manifests"),
    oci("image-below", "", "{provider: cosign}", "ghcr.io/me/fluxcd/flux-manifests"),
    signed("chart", "", "{provider: cosign}", "HelmChart", "https://a.invalid"),
    release("release", "", "{provider: cosign}"),
    release("release-as-before", "{provider: cosign}", "{provider: cosign}"),
    signed("repository", "", "{provider: cosign}", "HelmRepository", "https://a.invalid"),
  ]),
  "what is encrypted for other keys": rows(
    [
      ...Object.entries(KEYS).flatMap(([list, of]) => [secret(`for-${list}`, of(`known-${list}`))]),
      secret("for-another", KEYS.age!("other")),
      secret("for-another-as-well", KEYS.age!("other")),
      secret("for-another-by-pgp", `${KEYS.pgp!("other-pgp")}, ${KEYS.kms!("other")}`),
      secret(
        "for-three",
        ["x", "y", "z"]
          .map((one) => `{recipient: ${one}}`)
          .join(", ")
          .replace(/^/, "age: [")
          .concat("]"),
      ),
      secret("for-one-of-two", "age: [{recipient: other}, {recipient: known-age}]"),
      secret("for-one-of-two-lists", `${KEYS.vault!("other")}, ${KEYS.pgp!("known-pgp")}`),
      secret("for-groups", "key_groups: [{age: [{recipient: other}]}], age: [{recipient: other}]"),
      secret("for-nobody", "age: [{recipient: ''}]"),
      secret("for-a-number", "age: [{recipient: 1}]"),
      secret("for-none", ""),
      secret("for-another-from-now", KEYS.age!("fourth"), KEYS.age!("known-age")),
      secret("for-the-same-as-today", `${KEYS.age!("only-here")}, mac: b`, KEYS.age!("only-here")),
    ],
    known,
  ),
  "what is encrypted for many keys": rows(
    ["a", "b", "c", "d", "e", "f"].map((one) => secret(`for-${one}`, KEYS.age!(`other-${one}`))),
    known,
  ),
  "what is encrypted for five keys": rows(
    ["age", "kms", "gcp", "azure", "vault"].map((list) => secret(`for-${list}`, KEYS[list]!(`other-${list}`))),
    known,
  ),
  "what goes with its maker and comes to Git": rows([
    ...made("owned"),
    ...made("owned-by-word", ", creationPolicy: Owner"),
    ...made("orphan", ", creationPolicy: Orphan"),
    ...made("merged", ", creationPolicy: Merge"),
    ["es-kept", "ExternalSecret", [KEPT, ...external("target: {name: kept}, ")], undefined],
    ["kept", "Secret", undefined, ["stringData: {a: b}"]],
    ["es-there", "ExternalSecret", external("target: {name: there}, "), undefined],
    ["there", "Secret", ["stringData: {a: c}"], ["stringData: {a: b}"]],
    ["es-left", "ExternalSecret", external("target: {name: left}, "), undefined],
    ["left", "Secret", undefined, [DISABLED, "stringData: {a: b}"]],
    reads("reader-of-left", "left"),
    ["es-twice", "ExternalSecret", external("target: {name: twice}, "), undefined],
    ["es-twice-more", "ExternalSecret", external("target: {name: twice}, "), undefined],
    ["twice", "Secret", undefined, ["stringData: {a: b}"]],
    ["games/sealed-in-git", "SealedSecret", sealed, undefined],
    ["games/sealed-in-git", "Secret", undefined, ["stringData: {a: b}"]],
  ]),
  "values that were sealed for another place": rows([
    ["games/seal-old", "SealedSecret", sealedAs("a"), undefined],
    ["games/seal-new", "SealedSecret", undefined, sealedAs("a")],
    ["media/seal-far", "SealedSecret", sealedAs("b"), undefined],
    ["games/seal-far", "SealedSecret", undefined, sealedAs("b", "namespace-wide")],
    ["games/seal-near", "SealedSecret", sealedAs("c", "namespace-wide"), undefined],
    ["games/seal-next", "SealedSecret", undefined, sealedAs("c", "namespace-wide")],
    ["games/seal-wide", "SealedSecret", sealedAs("d", "cluster-wide"), undefined],
    ["media/seal-wide", "SealedSecret", undefined, sealedAs("d", "cluster-wide")],
    ["games/seal-narrowed", "SealedSecret", sealedAs("e", "cluster-wide"), sealedAs("e")],
    ["games/seal-anew", "SealedSecret", sealedAs("f"), sealedAs("g")],
    ["games/seal-one", "SealedSecret", sealedAs("h"), sealedAs("h")],
  ]),
  "what goes with its maker and is made by another one": rows(
    [
      ...moves("read"),
      reads("reader", "read"),
      ...moves("read-by-many"),
      ...["a", "b", "c", "d"].map((one) => reads(`reader-${one}`, "read-by-many")),
      ...moves("unread"),
      ...moves("filled", ", creationPolicy: Merge"),
      reads("reader-of-filled", "filled"),
      [
        "turns",
        "ExternalSecret",
        external("target: {name: turned}, "),
        external("target: {name: turned, creationPolicy: Merge}, "),
      ],
      reads("reader-of-turned", "turned"),
      ["old-left", "ExternalSecret", external("target: {name: left}, "), undefined],
      ["new-left", "ExternalSecret", undefined, [DISABLED, ...external("target: {name: left}, ")]],
      reads("reader-of-left", "left"),
      generator("old-parts", "parts", true),
      generator("new-parts", "parts", false),
    ],
    { ...h, ...parts },
  ),
};
