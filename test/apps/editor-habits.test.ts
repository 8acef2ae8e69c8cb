import { describe, expect, test } from "vitest";
import { detectStyle } from "../../src/yaml/style.ts";
import { learnAnchors } from "../../transforms/shared/apps/learn-anchors.ts";
import {
  isHintAboveStart,
  learnSchemas,
  type SchemaKind,
  type SchemaSample,
} from "../../transforms/shared/apps/learn-schemas.ts";
import { printUnderSchema } from "../../transforms/shared/apps/under-schema.ts";

const kustomization = (name: string, namespace: string, target: string) =>
  `kind: Kustomization\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\nspec:\n  targetNamespace: ${target}\n`;

test("anchors by the name that the owner gives them, where most files have one", () => {
  const plain = kustomization("films", "media", "media");
  const named = kustomization("&release music", "media", "media");
  const both = kustomization("&release photos", "&here media", "*here");
  expect(learnAnchors([named, both, plain])).toEqual({ app: "release" });
  expect(learnAnchors([both, both, plain])).toEqual({ app: "release", namespace: "here" });
  expect(learnAnchors([plain, named])).toEqual({});
  expect(learnAnchors([kustomization("&a films", "&b media", "elsewhere")])).toEqual({ app: "a" });
});

describe("schema lines", () => {
  const VERSIONS: Record<SchemaKind, string> = {
    FluxKustomization: "kustomize.toolkit.fluxcd.io/v1",
    HelmRelease: "helm.toolkit.fluxcd.io/v2",
    OCIRepository: "source.toolkit.fluxcd.io/v1",
    HelmRepository: "source.toolkit.fluxcd.io/v1beta2",
    Kustomization: "kustomize.config.k8s.io/v1beta1",
  };
  const learn = (texts: Partial<Record<SchemaKind, string[]>>) => {
    const entries = Object.entries(VERSIONS).map(([kind, apiVersion]) => {
      return [kind, { texts: texts[kind as SchemaKind] ?? [], apiVersion }];
    });
    return learnSchemas(Object.fromEntries(entries) as Record<SchemaKind, SchemaSample>);
  };
  const hint = (url: string) => `# yaml-language-server: $schema=https://${url}`;
  const flux = (url: string, version = VERSIONS.FluxKustomization) =>
    `---\n${hint(url)}\napiVersion: ${version}\nkind: Kustomization\n`;

  test.each([
    ["schemas.example/fluxcd/kustomization-kustomize-v1.json", "schemas.example/fluxcd/ocirepository-source-v1.json"],
    [
      "crds.example/kustomize.toolkit.fluxcd.io/kustomization_v1.json",
      "crds.example/source.toolkit.fluxcd.io/ocirepository_v1.json",
    ],
  ])("of a kind that the tree has not yet, from the catalogue of %s", (shown, wanted) => {
    const found = learn({ FluxKustomization: [flux(shown)] });
    expect(found.OCIRepository).toBe(hint(wanted));
    expect(found.Kustomization).toBeUndefined();
  });

  test("above the mark of the document, as the owner has them", () => {
    const line = hint("schemas.example/fluxcd/kustomization-kustomize-v1.json");
    const above = `${line}\n---\napiVersion: ${VERSIONS.FluxKustomization}\nkind: Kustomization\n`;
    const below = flux("schemas.example/fluxcd/kustomization-kustomize-v1.json");
    expect(learn({ FluxKustomization: [above] }).FluxKustomization).toBe(line);
    expect([[above, above, below], [above, below], [], ["# Ours\n---\na: 1\n"]].map(isHintAboveStart)).toEqual([
      true,
      false,
      false,
      false,
    ]);
    const value = { kind: "Kustomization" };
    const style = detectStyle([above]);
    const print = (isSchemaAbove: boolean, head = {}) =>
      String(printUnderSchema(value, style, { schema: line, isSchemaAbove, ...head }));
    expect(print(true, { above: ["# Ours"], behind: ["# Why"] })).toBe(
      `# Ours\n${line}\n---\n# Why\nkind: Kustomization\n`,
    );
    expect(print(false, { before: ["# Ours"] })).toBe(`---\n# Ours\n${line}\nkind: Kustomization\n`);
  });

  test("of another version than the owner's objects", () => {
    const older = `${hint("schemas.example/fluxcd/ocirepository-source-v1beta2.json")}\napiVersion: source.toolkit.fluxcd.io/v1beta2\nkind: OCIRepository\n`;
    const found = learn({
      FluxKustomization: [flux("schemas.example/fluxcd/kustomization-kustomize-v1.json")],
      OCIRepository: [older],
    });
    expect(found.OCIRepository).toBe(hint("schemas.example/fluxcd/ocirepository-source-v1.json"));
  });

  test("of the version that the owner's objects have, where the line was left behind", () => {
    const left = (file: string) => `${hint(file)}\napiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\n`;
    const said = (file: string) => learn({ OCIRepository: [left(file)] }).OCIRepository;
    expect(said("crds.example/source.toolkit.fluxcd.io/ocirepository_v1beta2.json")).toBe(
      hint("crds.example/source.toolkit.fluxcd.io/ocirepository_v1.json"),
    );
    const other = "crds.example/fluxcd/source_v1beta2.json";
    expect(said(other)).toBe(hint(other));
  });

  test("none where the owner writes none, or the catalogue is not known", () => {
    const bare = "apiVersion: source.toolkit.fluxcd.io/v1beta2\nkind: OCIRepository\n";
    const known = flux("schemas.example/fluxcd/kustomization-kustomize-v1.json");
    expect(learn({ FluxKustomization: [known], OCIRepository: [bare, bare] }).OCIRepository).toBeUndefined();
    expect(learn({ FluxKustomization: [flux("x.example/fluxcd-ks.json")] }).OCIRepository).toBeUndefined();
  });
});
