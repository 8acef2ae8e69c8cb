import { describe, expect, test } from "vitest";
import { homeTree, kustomization, object, release } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { CHESS, CHESS_APP, inShort } from "./tree.ts";

const LIST = `${CHESS_APP}/kustomization.yaml`;
const HELM = `${CHESS_APP}/helmrelease.yaml`;
const WEB = `${CHESS_APP}/web.yaml`;
const FILE = `${CHESS_APP}/secret.sops.env`;
const CIPHER = "ENC[AES256_GCM,data:AA==,type:str]";
const DOTENV = `TOKEN=${CIPHER}\nOTHER=${CIPHER}\nsops_version=3.9.0\n`;
const NOT_HASHED = "generatorOptions: {disableNameSuffixHash: true}";
const decrypts = `${homeTree()[CHESS]}  decryption: {provider: sops, secretRef: {name: sops-age}}\n`;

const list = (source: string, ...more: string[]) =>
  kustomization(
    ["helmrelease.yaml", "web.yaml"],
    [`secretGenerator: [{name: own, ${source}}]`, "configurations: [fields.yaml]", ...more],
  );
const web = (container: string, volume = "emptyDir: {}") =>
  object("Deployment", "web", "apps/v1", [
    "spec:",
    "  selector: {matchLabels: {app: web}}",
    "  template:",
    "    metadata: {labels: {app: web}}",
    `    spec: {containers: [{name: web, image: web, ${container}}], volumes: [{name: v, ${volume}}]}`,
  ]);
const takes = (key: string) => web(`env: [{name: A, valueFrom: {secretKeyRef: {name: own, key: ${key}}}}]`);
const tree = (source: string, file: string, pod: string, helm = release("chess"), ...more: string[]): Files => ({
  ...homeTree(),
  ...{ [CHESS]: decrypts, [LIST]: list(source, ...more), [FILE]: file, [WEB]: pod, [HELM]: helm },
  [`${CHESS_APP}/fields.yaml`]:
    "nameReference: [{kind: Secret, version: v1, fieldSpecs: [{path: spec/valuesFrom/name, kind: HelmRelease}]}]\n",
});
const KINDS = [
  ["with a hash", []],
  ["without a hash", [NOT_HASHED]],
] as const;

describe.each(KINDS)("a Secret from an encrypted file, %s", (_, more) => {
  const idle = web("stdin: true");
  const yaml = `a: ${CIPHER}\nsops: {version: 3.9.0}\n`;

  test.each([
    ["a release", idle, release("chess", ["valuesFrom: [{kind: Secret, name: own}]"]), "HelmRelease games/chess"],
    ["a variable of a pod", takes("values.yaml"), undefined, "Deployment games/web"],
    [
      "a list of its volume",
      web("stdin: true", "secret: {secretName: own, items: [{key: values.yaml, path: a}]}"),
      undefined,
      "Deployment games/web",
    ],
    [
      "a mount",
      web("volumeMounts: [{name: v, mountPath: /a, subPath: values.yaml}]", "secret: {secretName: own}"),
      undefined,
      "Deployment games/web",
    ],
  ])("gives its key another name, and %s takes the old one", (_title, pod, helm, lost) => {
    const before = tree("files: [values.yaml=secret.sops.env]", yaml, pod, helm, ...more);
    expect(inShort(before, { [LIST]: list("files: [val.yaml=secret.sops.env]", ...more) })).toBe(
      `unsafe | reference-breaks ${lost}`,
    );
    expect(inShort(before, { [FILE]: yaml.replace("AA==", "BB==") })).toBe("safe");
  });

  test("says in an env file which keys it has", () => {
    const before = tree("envs: [secret.sops.env]", DOTENV, idle, undefined, ...more);
    expect(inShort(before, { [WEB]: takes("TOKEN") })).toBe("safe");
    for (const key of ["TOKNE", "sops_version"])
      expect(inShort(before, { [WEB]: takes(key) })).toBe("unsafe | reference-missing Deployment games/web");
    expect(inShort({ ...before, [WEB]: takes("TOKEN") }, { [FILE]: DOTENV.replace("TOKEN", "TOKENS") })).toBe(
      "unsafe | reference-breaks Deployment games/web",
    );
  });

  test("does not say it where all of it is encrypted, or it is not there", () => {
    const before = tree(
      "envs: [secret.sops.env]",
      `data: ${CIPHER}\nsops: {version: 3.9.0}\n`,
      idle,
      undefined,
      ...more,
    );
    expect(inShort(before, { [WEB]: takes("TOKEN") })).toBe("safe");
    const { [FILE]: _file, ...absent } = before;
    expect(inShort(absent, { [WEB]: takes("TOKEN") })).toBe("safe");
  });

  test("keeps what is not known of it where another kustomization adds to it", () => {
    const before: Files = {
      ...tree("envs: [secret.sops.env]", `data: ${CIPHER}\nsops: {version: 3.9.0}\n`, idle, undefined, ...more),
      [`${CHESS_APP}/base/kustomization.yaml`]: kustomization(
        [],
        ["secretGenerator: [{name: own, envs: [../secret.sops.env]}]", ...more],
      ),
      [LIST]: list("behavior: merge, literals: [a=b]", ...more).replace("  - web.yaml", "  - web.yaml\n  - base"),
    };
    expect(inShort(before, { [WEB]: takes("TOKEN") })).toBe("safe");
    expect(inShort(before, { [WEB]: takes("a") })).toBe("safe");
  });
});
