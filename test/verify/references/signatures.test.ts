import { expect, test } from "vitest";
import { kustomization, object } from "../home-tree.ts";
import { APP, type Case, CLUSTER, HR, h, LIST, sayOf } from "../odd-tree.ts";

const oci = (more: string, url = "oci://ghcr.io/example/chart") =>
  object("OCIRepository", "chart", "source.toolkit.fluxcd.io/v1", [
    `spec: {interval: 1h, url: '${url}', ref: {tag: 3.0.0}${more}}`,
  ]);
const SOURCE = `${APP}/source.yaml`;
const LISTED = { [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "source.yaml"]) };
const tree = (more: string, url?: string) => ({ ...h, ...LISTED, [SOURCE]: oci(more, url) });
const signed = (...subjects: string[]) =>
  `, verify: {provider: cosign, matchOIDCIdentity: [${subjects.map((one) => `{issuer: a, subject: ${one}}`).join(", ")}]}`;
const COSIGN = ", verify: {provider: cosign}";
const LOGIN = ", secretRef: {name: mirror}";
const MIRROR = "oci://mirror.example.invalid/example/chart";
const secret = (user: string) => object("Secret", "mirror", "v1", [`stringData: {user: ${user}}`]);

const git = (verify: string) => ({
  ...h,
  ...LISTED,
  [SOURCE]: object("GitRepository", "other", "source.toolkit.fluxcd.io/v1", [
    `spec: {interval: 1h, url: 'https://git.example.invalid/other', ref: {tag: v1}, verify: ${verify}}`,
  ]),
});
const maker = (key: string) =>
  object("ExternalSecret", "login", "external-secrets.io/v1", [
    `spec: {target: {name: mirror}, secretStoreRef: {name: vault}, dataFrom: [{extract: {key: ${key}}}]}`,
  ]);

const CASES: Case[] = [
  ["an artifact has to be signed from then on", "unproven", tree(""), { [SOURCE]: oci(COSIGN) }],
  ["it has to be signed by another one", "unproven", tree(signed("one")), { [SOURCE]: oci(signed("two")) }],
  ["it has to be signed by one more, or either", "safe", tree(signed("one")), { [SOURCE]: oci(signed("one", "two")) }],
  ["one of two signers goes", "unproven", tree(signed("one", "two")), { [SOURCE]: oci(signed("one")) }],
  ["anybody may have signed it", "safe", tree(signed("one")), { [SOURCE]: oci(COSIGN) }],
  ["nobody has to have signed it any more", "safe", tree(COSIGN), { [SOURCE]: oci("") }],
  [
    "it says who checks it as the CRD fills it in",
    "safe",
    tree(", verify: {secretRef: {name: keys}}"),
    {
      [SOURCE]: oci(", verify: {provider: cosign, secretRef: {name: keys}}"),
    },
  ],
  [
    "commits are checked as before, in the words of today",
    "safe",
    git("{mode: head, secretRef: {name: keys}}"),
    git("{mode: HEAD, secretRef: {name: keys}}"),
  ],
  [
    "tags need no signature any more",
    "safe",
    git("{mode: TagAndHEAD, secretRef: {name: keys}}"),
    git("{secretRef: {name: keys}}"),
  ],
  [
    "tags need one as well",
    "unproven",
    git("{secretRef: {name: keys}}"),
    git("{mode: TagAndHEAD, secretRef: {name: keys}}"),
  ],
  ["a new source has to be signed", "safe", h, tree(COSIGN)],
  [
    "what Flux publishes itself has to be signed",
    "safe",
    tree("", "oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator"),
    { [SOURCE]: oci(COSIGN, "oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator") },
  ],
  [
    "the chart of a release has to be signed",
    "unproven",
    h,
    { [HR]: h[HR]!.replace("chart: app,", "chart: app, verify: {provider: cosign},") },
  ],
  [
    "commits have to be signed by a key in Git",
    "unproven | safety-unknown GitRepository flux-system/home",
    { ...h, [CLUSTER]: h[CLUSTER]! + object("Secret", "keys", "v1", ["  namespace: flux-system", "data: {a: Yg==}"]) },
    {
      [CLUSTER]:
        h[CLUSTER]!.replace("  ref:", "  verify: {mode: HEAD, secretRef: {name: keys}}\n  ref:") +
        object("Secret", "keys", "v1", ["  namespace: flux-system", "data: {a: Yg==}"]),
    },
  ],
  ["a source goes to another host with its login", "unproven", tree(LOGIN, MIRROR), { [SOURCE]: oci(LOGIN) }],
  ["it goes there without one", "safe", tree(LOGIN, MIRROR), { [SOURCE]: oci("") }],
  ["it goes to another folder of its host", "safe", tree(LOGIN), { [SOURCE]: oci(LOGIN, "oci://ghcr.io/example/two") }],
  [
    "the login is in use for that host",
    "safe",
    { ...tree(LOGIN, MIRROR), [SOURCE]: oci(LOGIN, MIRROR) + oci(LOGIN).replace("name: chart", "name: other") },
    { [SOURCE]: oci(LOGIN) + oci(LOGIN).replace("name: chart", "name: other") },
  ],
  [
    "it says the port that it has anyway",
    "safe",
    tree(LOGIN),
    { [SOURCE]: oci(LOGIN, "oci://ghcr.io:443/example/chart") },
  ],
  ["it goes to another port", "unproven", tree(LOGIN), { [SOURCE]: oci(LOGIN, "oci://ghcr.io:8443/example/chart") }],
  [
    "what makes the login under another name changes as well",
    "safe",
    { ...tree(LOGIN, MIRROR), [SOURCE]: oci(LOGIN, MIRROR) + maker("one") },
    { [SOURCE]: oci(LOGIN) + maker("two") },
  ],
  [
    "the login changes as well",
    "safe",
    { ...tree(LOGIN, MIRROR), [SOURCE]: oci(LOGIN, MIRROR) + secret("one") },
    { [SOURCE]: oci(LOGIN) + secret("two") },
  ],
];

test.each(CASES)("%s: %s", (_, expected, before, change) => {
  expect(sayOf(before, change)).toBe(expected);
});
