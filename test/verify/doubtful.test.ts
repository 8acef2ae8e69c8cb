// What goes and comes by two names, of which one holds a variable that cannot be read: it may be one object.
import { expect, test } from "vitest";
import { homeTree, ks, kustomization, object } from "./home-tree.ts";
import { judge } from "./judge.ts";

const APP = "kubernetes/apps/media/player/app";
const UNSEEN = "postBuild: {substituteFrom: [{kind: Secret, name: unseen}]}";
const player = (...lines: string[]) => ks("player", APP, lines);

/** `kind name`, `kind namespace/name`, with the namespace of the app where none is said. */
function made(text: string): string {
  const [kind = "", full = ""] = text.split(" ");
  const [name, namespace = "media"] = full.split("/").reverse();
  return object(kind, name!, kind === "Role" ? "rbac.authorization.k8s.io/v1" : "v1", [`  namespace: ${namespace}`]);
}

function told(was: string, is: string, ...lines: string[]) {
  const tree = (text: string) => ({
    [`${APP}/pvc.yaml`]: text.split(" + ").map(made).join(""),
    "kubernetes/apps/media/player/ks.yaml": player(...lines),
  });
  const before = { ...homeTree(), ...tree(was), [`${APP}/kustomization.yaml`]: kustomization(["pvc.yaml"]) };
  const { safety } = judge(before, tree(is));
  const open = safety.unknown.map(({ what, look }) => `${what} | ${look}`);
  return { open, goes: safety.dangers.map(({ outcome, resource }) => `${outcome} ${resource}`) };
}

test.each([
  ["PersistentVolumeClaim ${NAME}", "PersistentVolumeClaim player"],
  ["PersistentVolumeClaim player", "PersistentVolumeClaim ${NAME}"],
  ["PersistentVolumeClaim a-${NAME}-data", "PersistentVolumeClaim a-player-data"],
  ["PersistentVolumeClaim a-player-data", "PersistentVolumeClaim a-${NAME}-data"],
  ["PersistentVolumeClaim a-${NAME}", "PersistentVolumeClaim ${NAME}-data"],
  ["PersistentVolumeClaim ${NAME}-data", "PersistentVolumeClaim a-${NAME}"],
  ["PersistentVolumeClaim ${SPACE}/data", "PersistentVolumeClaim media/data"],
  ["PersistentVolumeClaim media/data", "PersistentVolumeClaim ${SPACE}/data"],
])("%s may be %s", (was, is) => {
  const print = (text: string) => text.replace(/ (?!.*\/)/, " media/");
  expect(told(was, is, UNSEEN)).toEqual({
    open: [
      `${print(was)} goes, unless it is ${print(is)} under another name, which a value decides that cannot be read here (${APP}/pvc.yaml:1). | compare the names with the variable filled in`,
    ],
    goes: [],
  });
});

test.each([
  ["PersistentVolumeClaim a-${NAME}", "PersistentVolumeClaim b-player"],
  ["PersistentVolumeClaim ${NAME}-a", "PersistentVolumeClaim player-b"],
  ["PersistentVolumeClaim b-player", "PersistentVolumeClaim a-${NAME}"],
  ["PersistentVolumeClaim player-b", "PersistentVolumeClaim ${NAME}-a"],
  ["PersistentVolumeClaim ${NAME}", "Secret player"],
  ["PersistentVolumeClaim ${NAME}", "PersistentVolumeClaim games/player"],
  ["PersistentVolumeClaim data", "PersistentVolumeClaim player"],
  ["PersistentVolumeClaim data", "PersistentVolumeClaim data-data"],
])("%s is not %s", (was, is) => {
  expect(told(was, is, UNSEEN)).toEqual({ open: [], goes: [`deleted ${was.replace(" ", " media/")}`] });
});

test("what stays under a name with a variable is not what goes", () => {
  const kept = "PersistentVolumeClaim ${NAME}";
  expect(told(`PersistentVolumeClaim player + ${kept}`, kept, UNSEEN)).toEqual({
    open: [],
    goes: ["deleted PersistentVolumeClaim media/player"],
  });
});

test("what a variable names that nothing fills in is refused where it comes, and goes where it went", () => {
  expect(told("PersistentVolumeClaim player", "PersistentVolumeClaim ${NAME}")).toEqual({
    open: [
      `PersistentVolumeClaim media/player goes, unless the API server refuses PersistentVolumeClaim media/\${NAME}, whose variable nothing fills in, and Flux prunes nothing then (${APP}/pvc.yaml:1). | set spec.postBuild on Kustomization flux-system/player`,
    ],
    goes: [],
  });
  expect(told("Role player", "Role ${NAME}").goes).toEqual(["deleted Role media/player"]);
});
