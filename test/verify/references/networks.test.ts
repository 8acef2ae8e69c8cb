import { expect, test } from "vitest";
import { homeTree, kustomization, object, release } from "../home-tree.ts";
import { inShort, PLAYER_APP, says } from "./tree.ts";

const [LIST, HELM, NETWORK] = ["kustomization", "helmrelease", "network"].map(
  (name) => `${PLAYER_APP}/${name}.yaml`,
) as [string, string, string];
const network = (name: string) =>
  object("NetworkAttachmentDefinition", name, "k8s.cni.cncf.io/v1", ["spec: {config: '{}'}"]);
const player = (networks: string) =>
  release("player", [`values: {pod: {annotations: {k8s.v1.cni.cncf.io/networks: '${networks}'}}}`]);
const tree = (networks: string, name = "multus-lan") => ({
  ...homeTree(),
  [HELM]: player(networks),
  [NETWORK]: network(name),
  [LIST]: kustomization(["helmrelease.yaml", "network.yaml"]),
});

const FORMS = [
  "multus-lan",
  "multus-lan@eth1",
  "media/multus-lan",
  "other/iot, media/multus-lan@net1",
  '[{"name": "multus-lan"}]',
  '[\n{"name":"multus-lan","namespace":"media","ips":["10.0.0.9/24"]}]',
];

test.each(FORMS)("a network that pods join goes: %j", (networks) => {
  const renamed = { [NETWORK]: network("multus-iot") };
  expect(inShort(tree(networks), renamed)).toMatch(/^unsafe \|.*reference-breaks/);
  expect(inShort(tree(networks), { ...renamed, [HELM]: player(networks.replace("multus-lan", "multus-iot")) })).toMatch(
    /^deletes/,
  );
  expect(inShort(tree(networks), { [NETWORK]: network("multus-lan").replace("'{}'", "'{\"a\": 1}'") })).toMatch(
    /^safe/,
  );
});

test("a network whose name has a letter too few is missing", () => {
  const said = says(tree("media/multus-lan"), { [HELM]: player("media/multus-la") });
  expect(said.verdict).toBe("unproven");
  expect(said.findings.map(({ what }) => what)).toContainEqual(
    expect.stringContaining("joins NetworkAttachmentDefinition media/multus-la, and nothing makes that"),
  );
});

test.each(["games/multus-lan", "bridge-wan", '[{"name": "${NET}"}]', "{{ .Release.Name }}", '[{"name":', "a b"])(
  "%j names another network, or nobody knows which",
  (networks) => {
    expect(inShort(tree(networks), { [NETWORK]: network("multus-iot") })).toMatch(/^deletes/);
    expect(says(tree("multus-lan"), { [HELM]: player(networks) }).rules.join()).not.toContain("reference");
  },
);

test("a network that goes with the app that joins it draws no word", () => {
  const gone = { [HELM]: undefined, [NETWORK]: undefined, [LIST]: kustomization(["pvc.yaml"]) };
  expect(says(tree("multus-lan"), gone).rules.join()).not.toContain("reference");
});

test("a virtual machine names its networks in its spec", () => {
  const machine = object("VirtualMachine", "vm", "kubevirt.io/v1", [
    "spec: {template: {spec: {networks: [{name: lan, multus: {networkName: media/multus-lan}}]}}}",
  ]);
  expect(inShort({ ...tree("none-here"), [HELM]: machine }, { [NETWORK]: network("multus-iot") })).toMatch(
    /^unsafe \|.*reference-breaks/,
  );
});
