import { describe, expect, test } from "vitest";
import { homeTree, ks, kustomization, object } from "./home-tree.ts";
import { type Edits, type Files, judge } from "./judge.ts";

const APP = "kubernetes/apps/media/player/app";
const LISTING = `${APP}/kustomization.yaml`;
const CLAIM = "PersistentVolumeClaim media/player";

/** The line at which the loss of an object begins, and what the report says of it. */
function begins(edits: Edits, tree: Files = homeTree(), resource = CLAIM): string {
  const { safety } = judge(tree, edits);
  const { origin } = safety.dangers.find((one) => one.resource === resource)!;
  return origin ? `${origin.at.file}:${origin.at.line} ${origin.says}` : "";
}

describe("a loss begins", () => {
  test("at the entry that a list lost, also where the file is deleted too", () => {
    const line = `${LISTING}:5 no longer lists pvc.yaml`;
    const short = { [LISTING]: kustomization(["helmrelease.yaml"]) };
    expect(begins(short)).toBe(line);
    expect(begins({ ...short, [`${APP}/pvc.yaml`]: undefined })).toBe(line);
  });

  test("at the entry of the folder that it came from, or of a base of that", () => {
    const tree: Files = { ...homeTree(), [LISTING]: kustomization(["helmrelease.yaml", "../data"]) };
    delete tree[`${APP}/pvc.yaml`];
    const data = "kubernetes/apps/media/player/data";
    tree[`${data}/kustomization.yaml`] = kustomization(["../claims"]);
    tree["kubernetes/apps/media/player/claims/kustomization.yaml"] = kustomization(["pvc.yaml"]);
    tree["kubernetes/apps/media/player/claims/pvc.yaml"] = object("PersistentVolumeClaim", "player");
    expect(begins({ [LISTING]: kustomization(["helmrelease.yaml"]) }, tree)).toBe(
      `${LISTING}:5 no longer lists ../data`,
    );
    expect(
      begins(
        {
          [`${data}/kustomization.yaml`]: kustomization(["other.yaml"]),
          [`${data}/other.yaml`]: object("ConfigMap", "o"),
        },
        tree,
      ),
    ).toBe(`${data}/kustomization.yaml:4 no longer lists ../claims`);
  });

  test("at what goes first, for what that takes along", () => {
    const line = "kubernetes/apps/media/kustomization.yaml:5 no longer lists player/ks.yaml";
    expect(begins({ "kubernetes/apps/media/kustomization.yaml": kustomization(["namespace.yaml"]) })).toBe(line);
    const space = { "kubernetes/apps/media/kustomization.yaml": kustomization(["player/ks.yaml"]) };
    expect(begins(space)).toBe("kubernetes/apps/media/kustomization.yaml:4 no longer lists namespace.yaml");
  });

  test("at the field of the Kustomization that decides", () => {
    const file = "kubernetes/apps/media/player/ks.yaml";
    const other = { [file]: ks("player", "kubernetes/apps/games/chess/app", ["targetNamespace: media"]) };
    expect(begins(other)).toBe(`${file}:9 changes spec.path of Kustomization flux-system/player`);
    const moved = { [file]: ks("player", APP, ["targetNamespace: games"]) };
    expect(begins(moved)).toBe(`${file}:14 changes spec.targetNamespace of Kustomization flux-system/player`);
  });

  test("at a document that goes or becomes another", () => {
    const tree: Files = { ...homeTree(), [LISTING]: "" };
    delete tree[LISTING];
    expect(begins({ [`${APP}/pvc.yaml`]: undefined }, tree)).toBe(`${APP}/pvc.yaml:2 the change deletes`);
    const renamed = { [`${APP}/pvc.yaml`]: object("PersistentVolumeClaim", "video") };
    expect(begins(renamed)).toBe(`${APP}/pvc.yaml:2 holds PersistentVolumeClaim player no more`);
    const two = {
      ...homeTree(),
      [`${APP}/pvc.yaml`]: object("ConfigMap", "a") + object("PersistentVolumeClaim", "player"),
    };
    expect(begins({ [`${APP}/pvc.yaml`]: object("ConfigMap", "a") }, two)).toBe(
      `${APP}/pvc.yaml:7 holds PersistentVolumeClaim player no more`,
    );
  });

  test("at the file that leaves out more", () => {
    const tree: Files = { ...homeTree(), [`${APP}/kustomization.yaml`]: "" };
    delete tree[`${APP}/kustomization.yaml`];
    expect(begins({ ".sourceignore": "pvc.yaml\n" }, tree)).toBe(".sourceignore:1 the change edits");
  });

  test("nowhere that is named, where it cannot be told", () => {
    const settings = "kubernetes/flux/vars/cluster-settings.yaml";
    const tree = homeTree();
    tree["kubernetes/flux/config/extra.yaml"] = object("PersistentVolumeClaim", "data-${DOMAIN}", "v1", [
      "  namespace: media",
    ]);
    tree["kubernetes/flux/config/kustomization.yaml"] = kustomization(["cluster.yaml", "flux.yaml", "extra.yaml"]);
    const edits = { [settings]: tree[settings]!.replace("example.invalid", "other.invalid") };
    expect(begins(edits, tree, "PersistentVolumeClaim media/data-example.invalid")).toBe("");
  });
});

test("the finding names the line once, and not where it stands there itself", () => {
  const why = (edits: Edits) =>
    judge(homeTree(), edits)
      .findings.map((one) => one.why)
      .join("\n");
  const listed = why({ [LISTING]: kustomization(["helmrelease.yaml"]), [`${APP}/pvc.yaml`]: undefined });
  expect(listed).toContain(`It begins at ${LISTING}:5:3, which no longer lists pvc.yaml.`);
  expect(listed.match(/It begins/g)).toHaveLength(1);
  expect(why({ [`${APP}/pvc.yaml`]: object("PersistentVolumeClaim", "video") })).not.toContain("It begins");
});
