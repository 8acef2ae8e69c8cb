import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { OwnedObject } from "../../src/change/types.ts";
import { findDecrypted, findSpoilt, findUnencrypted } from "../../src/references/secrets/ciphertext.ts";

/** An object as YAML, encrypted where it has a `sops` block. */
function owned(text: string | undefined): OwnedObject {
  const body = text === undefined ? undefined : parse(text);
  const plain = { key: "|Secret|a|b", kind: "Secret", namespace: "a", name: "b", spared: false, body };
  return body?.sops ? { ...plain, encrypted: true } : plain;
}
const one = (name: string) => `'ENC[AES256_GCM,data:${name},iv:x,tag:y,type:str]'`;
const SOPS = "sops: {mac: 'ENC[AES256_GCM,data:mac,type:str]'}";
const CLOSED = `stringData: {a: ${one("a")}, b: ${one("b")}}\n${SOPS}`;
const closedBy = (regex: string) => CLOSED.replace("{mac:", () => `{encrypted_regex: '${regex}', mac:`);

describe("ciphertext that an edit by hand spoils", () => {
  test.each<[what: string, old: string | undefined, now: string | undefined, found: unknown]>([
    ["stays as it is", CLOSED, CLOSED, undefined],
    ["loses its keys", CLOSED, `stringData: {a: ${one("a")}}`, { how: "bare", path: "stringData.a" }],
    ["comes without its keys", undefined, `stringData: {a: ${one("a")}}`, { how: "bare", path: "stringData.a" }],
    ["had none before", `stringData: {a: ${one("a")}}`, `stringData: {b: ${one("b")}}`, undefined],
    [
      "was in the clear before",
      "stringData: {a: x}",
      `stringData: {a: ${one("a")}}`,
      { how: "bare", path: "stringData.a" },
    ],
    ["is only spoken of", undefined, `data: {a: 'see ${one("a").slice(1)}}`, undefined],
    ["is none", CLOSED, "stringData: {a: x}", undefined],
    ["moves to another key", CLOSED, CLOSED.replace("{a:", "{c:"), { how: "torn", path: "stringData.c" }],
    [
      "is copied to another key, and stays",
      CLOSED,
      CLOSED.replace("stringData: {", `stringData: {c: ${one("a")}, `),
      { how: "torn", path: "stringData.c" },
    ],
    ["moves to another map", CLOSED, CLOSED.replace("stringData", "data"), { how: "torn", path: "data.a" }],
    ["is new", CLOSED, CLOSED.replace("stringData: {", `stringData: {c: ${one("c")}, `), undefined],
    ["comes encrypted", undefined, CLOSED, undefined],
    [
      "is left out by another pattern",
      closedBy("^(data|stringData)$"),
      closedBy("^data$"),
      { how: "apart", path: "stringData.a" },
    ],
    ["is left out as before", closedBy("^data$"), closedBy("^(data|x)$"), undefined],
    ["is meant by a longer pattern", closedBy("^(data|stringData)$"), closedBy("^(a|b)$"), undefined],
    ["was in the clear", "stringData: {c: x}", CLOSED, undefined],
    ["cannot be read", CLOSED, undefined, undefined],
    [
      "changes its place in a list, which counts for nothing",
      `spec: {list: [${one("a")}, {k: ${one("b")}}]}\n${SOPS}`,
      `spec: {list: [{k: ${one("b")}}, ${one("a")}]}\n${SOPS}`,
      undefined,
    ],
    [
      "goes from one list to another",
      `spec: {list: [{k: ${one("b")}}]}\n${SOPS}`,
      `spec: {more: [{k: ${one("b")}}]}\n${SOPS}`,
      { how: "torn", path: "spec.more.k" },
    ],
    // What the block itself says is no value.
    ["is a mac that stands elsewhere", CLOSED, CLOSED.replace("mac:", "old:"), undefined],
  ])("%s", (_, old, now, found) => {
    expect(findSpoilt(old === undefined ? undefined : owned(old), owned(now))).toEqual(found);
  });
});

describe("a value in the clear where all is encrypted", () => {
  const sops = (rule: string) => `sops: {${rule}}`;
  const DATA = sops("encrypted_regex: '^(data|stringData)$'");
  const asked = (now: string, old?: string) => findUnencrypted(old === undefined ? undefined : owned(old), owned(now));

  test.each<[what: string, text: string, path: unknown]>([
    ["a text", `stringData: {a: ${one("a")}, b: x}\n${DATA}`, ["stringData", "b"]],
    ["a number", `stringData: {b: 5}\n${DATA}`, ["stringData", "b"]],
    ["an item of a list", `stringData: [${one("a")}, x]\n${DATA}`, ["stringData", 1]],
    ["deep inside", `stringData: {a: {b: [{c: x}]}}\n${DATA}`, ["stringData", "a", "b", 0, "c"]],
    ["beside what is encrypted", `type: x\nstringData: {a: ${one("a")}}\n${DATA}`, undefined],
    ["nothing at all", `stringData: {a: '', b: null, c: {}}\n${DATA}`, undefined],
    ["under a suffix", `spec: {a_secret: x}\n${sops("encrypted_suffix: _secret")}`, ["spec", "a_secret"]],
    ["under another suffix", `spec: {a_secret_not: x}\n${sops("encrypted_suffix: _secret")}`, undefined],
    ["by no rule", `stringData: {a: x}\n${sops("mac: x")}`, undefined],
    ["by an empty rule", `stringData: {a: x}\n${sops("encrypted_regex: ''")}`, undefined],
    ["by an empty suffix", `stringData: {a: x}\n${sops("encrypted_suffix: ''")}`, undefined],
    ["by a rule that is no text", `stringData: {a: x}\n${sops("encrypted_regex: 5")}`, undefined],
    ["by two rules", `stringData: {a: x}\n${sops("encrypted_regex: Data, encrypted_suffix: Data")}`, undefined],
    ["by what is left out", `stringData: {a: x}\n${sops("encrypted_regex: Data, unencrypted_regex: b")}`, undefined],
    ["by comments", `stringData: {a: x}\n${sops("encrypted_regex: Data, encrypted_comment_regex: b")}`, undefined],
    [
      "by comments left out",
      `stringData: {a: x}\n${sops("encrypted_regex: Data, unencrypted_comment_regex: b")}`,
      undefined,
    ],
    [
      "where Flux does not decrypt",
      `metadata: {annotations: {kustomize.toolkit.fluxcd.io/decrypt: disabled}}\nstringData: {a: x}\n${DATA}`,
      undefined,
    ],
    [
      "where Flux decrypts",
      `metadata: {annotations: {kustomize.toolkit.fluxcd.io/decrypt: enabled}}\nstringData: {a: x}\n${DATA}`,
      ["stringData", "a"],
    ],
    ["without a block", "stringData: {a: x}", undefined],
  ])("%s", (_, text, path) => {
    expect(asked(text)).toEqual(path);
    // What stood there before stands.
    expect(asked(text, text)).toBeUndefined();
  });

  test("is told from one of before", () => {
    const was = `stringData: {a: x}\n${DATA}`;
    expect(asked(`stringData: {a: y, b: z}\n${DATA}`, was)).toEqual(["stringData", "b"]);
  });
});

describe("a secret that comes in the clear", () => {
  test.each<[now: string | undefined, path: unknown]>([
    ["stringData: {a: x}", "stringData.a"],
    ["data: {a: eA==}", "data.a"],
    ["data: {b: eA==}", "data.b"],
    ["data: {a: eA==}\nstringData: {a: x}", "data.a"],
    ["stringData: {a: 5}", "stringData.a"],
    ["stringData: {c: x}", undefined],
    ["stringData: {a: ''}", undefined],
    ["stringData: {a: '${KEY}'}", undefined],
    ["stringData: {a: {b: c}}", undefined],
    [CLOSED, undefined],
    [undefined, undefined],
  ])("as %s", (now, path) => {
    expect(findDecrypted(owned(CLOSED), owned(now))).toBe(path);
    expect(findDecrypted(undefined, owned(now))).toBeUndefined();
    expect(findDecrypted(owned("stringData: {a: x}"), owned(now))).toBeUndefined();
  });

  test.each<[old: string, now: string, path: unknown]>([
    ["data: {tls.crt: X}", "data: {tls.crt: eA==}", "data.tls.crt"],
    ["data: {tls.crt: X}", "data: {tls: {crt: eA==}}", "data.tls.crt"],
    ["data: {tls.crt: X}", "data: {tls: eA==}", undefined],
    ["spec: {a: {b: X}}", "spec: {a: {b: y}}", "spec.a.b"],
    // Only a Secret has both.
    ["spec: {data: {b: X}}", "stringData: {b: y}", undefined],
    ["key: X", "key: y", "key"],
  ])("%s as %s", (old, now, path) => {
    expect(findDecrypted(owned(`${old.replace("X", one("x"))}\n${SOPS}`), owned(now))).toBe(path);
  });
});
