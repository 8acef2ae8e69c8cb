import { expect, test } from "vitest";
import { verifyEdits } from "../edited.ts";
import { kustomization, object } from "../home-tree.ts";
import { APP, h, LIST, PLAYER, player } from "../odd-tree.ts";

const [ONE, TWO] = [`${APP}/one.sops.yaml`, `${APP}/two.sops.yaml`];
const secret = (name: string, sops: string) =>
  object("Secret", name, "v1", [
    "stringData: {key: 'ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]'}",
    `sops: {version: 3.9.0, mac: 'ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]', ${sops}}`,
  ]);
const age = (...keys: string[]) => `age: [${keys.map((key) => `{recipient: ${key}, enc: x}`).join(", ")}]`;
const list = (...files: string[]) => kustomization(["helmrelease.yaml", "pvc.yaml", ...files]);
const tree = {
  ...h,
  [PLAYER]: player("decryption: {provider: sops, secretRef: {name: sops-age}}"),
  [LIST]: list("one.sops.yaml"),
  [ONE]: secret("one", age("age1home", "age1me")),
};

test.each([
  ["another key alone", age("age1other"), "unproven"],
  ["a key of the cloud alone", "kms: [{arn: 'arn:aws:kms:x'}]", "unproven"],
  ["one key more", age("age1home", "age1me", "age1other"), "safe"],
  ["one key less", age("age1home"), "safe"],
  ["keys in groups", `key_groups: [{${age("age1other")}}]`, "safe"],
])("a Secret is encrypted for %s", (_, sops, verdict) => {
  expect(verifyEdits({ [ONE]: secret("one", sops) }, tree).verdict).toBe(verdict);
});

test("a new Secret is encrypted for a key that opens nothing here", () => {
  const add = (key: string) => ({ [LIST]: list("one.sops.yaml", "two.sops.yaml"), [TWO]: secret("two", age(key)) });
  expect(verifyEdits(add("age1other"), tree).verdict).toBe("unproven");
  expect(verifyEdits(add("age1me"), tree).verdict).toBe("safe");
  // What another cluster reads, or nobody, says nothing of this one.
  expect(verifyEdits(add("age1other"), { ...tree, "docs/sops.yaml": secret("x", age("age1other")) }).verdict).toBe(
    "unproven",
  );
});

test("many Secrets for a key each are said in one", () => {
  const texts = [...Array(9).keys()].map((at) => secret(`s${at}`, age(`age1other${at}`)));
  const { findings } = verifyEdits({ [LIST]: list("one.sops.yaml", "two.sops.yaml"), [TWO]: texts.join("") }, tree);
  const said = findings.filter(({ what }) => what.includes("is encrypted for"));
  expect(said.map(({ what }) => what)).toEqual([
    expect.stringContaining("is encrypted for age1other0 alone, like 8 more for keys of their own, for which"),
  ]);
});

test("the first of all encrypted Secrets says nothing", () => {
  const { [ONE]: _, ...rest } = tree;
  const plain = { ...rest, [LIST]: list(), "kubernetes/flux/vars/settings.sops.yaml": object("ConfigMap", "x") };
  const said = verifyEdits({ [LIST]: list("one.sops.yaml"), [ONE]: tree[ONE] }, plain);
  expect(said.findings.filter(({ what }) => what.includes("is encrypted for"))).toEqual([]);
});
