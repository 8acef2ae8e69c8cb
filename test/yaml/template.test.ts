import { describe, expect, it } from "vitest";
import { isSopsEncrypted } from "../../src/yaml/secret.ts";
import { detectTemplate } from "../../src/yaml/template.ts";

describe("detectTemplate", () => {
  it.each([
    ["a: {{ x }}\n", "jinja", 1, 4],
    ["a: 1\n{% for i in l %}\n- x\n{% endfor %}\n", "jinja", 2, 1],
    ["{# note #}\na: 1\n", "jinja", 1, 1],
    ["a: 1\n{{- if .Values.x }}\nb: 2\n{{- end }}\n", "go-template", 2, 1],
    ["a:\n  - {{ $x }}\n", "go-template", 2, 5],
    ['{ { include "x" . } }\n', "go-template", 1, 1],
    ["a: foo/{{ .x }}: b: c\n", "go-template", 1, 8],
    ["a: 1\n#% if x %#\nb: 2\n#% endif %#\n", "makejinja", 2, 1],
    ["a: #{ x }#\n", "makejinja", 1, 4],
    ["\uFEFFa: 1\nb: {{ x }}\n", "jinja", 2, 4],
  ] as const)("sees a template in %j", (text, kind, line, col) => {
    expect(detectTemplate(text)).toEqual({ kind, line, col });
  });

  it.each([
    "a: '{{ $labels.pod }} is down'\n",
    "a: |\n  {{ $value }}\n  {% raw %}\n",
    "a: >-\n  x\n\n  {{ y }}\n",
    "a: echo {{.NAME}}\n",
    "a: ${x} # see {{ docs }}\n",
    'a: "#{ x }#"\n',
    "a: {b: {c: {}}}\n",
    '{"a":{"b":1},"c":[{"d":{}}]}\n',
    "# {{ commented }}\na: 1\n",
    '\uFEFF- a: [{ "b": "{{ x }}" }]\n',
    "a: '{{ x }}'\nb: 1\nc: [\n",
  ])("sees plain YAML in %j", (text) => {
    expect(detectTemplate(text)).toBeUndefined();
  });
});

describe("isSopsEncrypted", () => {
  it("knows metadata with a MAC, encrypted values, and JSON", () => {
    expect(isSopsEncrypted("a: ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\n")).toBe(true);
    expect(isSopsEncrypted("a: 1\nsops:\n    age: []\n    mac: ENC[x]\n")).toBe(true);
    expect(isSopsEncrypted('{\n  "sops": {\n    "mac": "ENC[x]"\n  }\n}\n')).toBe(true);
  });

  it("does not take rules about SOPS for encrypted text", () => {
    expect(isSopsEncrypted("creation_rules:\n  - encrypted_regex: ^data$\n    age: x\n")).toBe(false);
    expect(isSopsEncrypted("decryption:\n  provider: sops\n  secretRef:\n    name: sops-age\n")).toBe(false);
    expect(isSopsEncrypted("sops:\n  mac: none\n")).toBe(false);
  });
});
