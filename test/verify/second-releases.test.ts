import { expect, test } from "vitest";
import { kustomization, release } from "./home-tree.ts";
import { cm, h, sayOf } from "./odd-tree.ts";

const GAMES = "kubernetes/apps/games";
const EXTRA = `${GAMES}/extra.yaml`;
const LIST = { [`${GAMES}/kustomization.yaml`]: kustomization(["namespace.yaml", "chess/ks.yaml", "extra.yaml"]) };
const add = (text: string) => sayOf(h, { ...LIST, [EXTRA]: text });
const second = (...spec: string[]) =>
  release("second", spec).replace("name: second", "name: second\n  namespace: games");

test("a second HelmRelease of one Helm release", () => {
  const same = second("releaseName: player", "targetNamespace: media", "storageNamespace: media");
  expect(add(same)).toBe("unsafe | second-owner HelmRelease games/second");
  expect(add(second("releaseName: player"))).toBe("safe");
  expect(add(second("releaseName: player", "targetNamespace: media", "storageNamespace: media", "suspend: true"))).toBe(
    "safe",
  );
});

test("a second ConfigMap of one name counts where it says something else", () => {
  const settings = (data: string) => cm("cluster-settings", data, ["  namespace: flux-system"]);
  expect(add(settings("{DOMAIN: other.invalid}"))).toBe("unsafe | second-owner Kustomization flux-system/cluster-apps");
  expect(add(settings("{DOMAIN: example.invalid}"))).toBe("safe");
  expect(add(settings("{OTHER: x}"))).toBe("safe");
});
