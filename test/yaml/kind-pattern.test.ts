import { describe, expect, test } from "vitest";
import { kindPattern } from "../../src/yaml/kind-pattern.ts";
import { stopAfter } from "../hostile/growth.ts";

describe("a kind in a text that is not parsed", () => {
  test.each([
    ...[
      "kind: Namespace",
      "kind:   Namespace",
      "kind : Namespace",
      "kind: 'Namespace'",
      '"kind":"Namespace"',
      "'kind' : Namespace",
    ],
    ...[
      "kind: !!str Namespace",
      "kind: &it Namespace",
      "kind: &it !!str Namespace",
      "kind: *it",
      "? kind\n: Namespace",
    ],
    ...[
      "kind:\n  Namespace",
      "kind: >-\n  Namespace",
      "kind: # said below\n  Namespace",
      "kind: &it # a\n  # b\n  Namespace",
    ],
    ...[
      '"\\x6bind": Namespace',
      '"kin\\u0064": Namespace',
      "{metadata: {}, kind: Namespace}",
      "kind: Namespace # it",
      "kind: Namespace\r",
    ],
  ])("%j", (text) => {
    expect(kindPattern("Namespace", "Secret").test(text)).toBe(true);
  });

  test.each([
    "kind: NamespaceList",
    "mankind: Namespace",
    "kinds: Namespace",
    "kind: List\nname: Namespace",
    "Namespace",
  ])("not %j", (text) => {
    expect(kindPattern("Namespace", "Secret").test(text)).toBe(false);
  });

  test.each(["kind:", "kind: &", "kind:&", "kind: #", "kind:\n", '"\\x6b'])("takes no time over many a %j", (text) => {
    expect(stopAfter(() => kindPattern("Namespace").test(text.repeat(200_000)), 30_000)).toBe(false);
  });
});
