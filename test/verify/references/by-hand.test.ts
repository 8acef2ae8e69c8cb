import { expect, test } from "vitest";
import { APP, CONFIG, kustomization, makeFluxSystem } from "../../gotk/make-gotk.ts";
import { runPhase } from "../../gotk/run-phases.ts";
import { verifyEdits } from "../edited.ts";

const PATCH = `patches:
- target:
    kind: Deployment
    name: kustomize-controller
  patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: all
    spec:
      template:
        spec:
          containers:
          - name: manager
            envFrom:
            - secretRef:
                name: keys
          volumes:
          - name: cas
            configMap:
              name: company-cas
`;

/** The root lists all but the folder of the sync, which bootstrap has applied. */
const tree = () => ({
  ...makeFluxSystem("clusters/home", {
    kustomization: kustomization(`resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n${PATCH}`),
  }),
  "clusters/home/kustomization.yaml": kustomization("resources:\n- apps.yaml\n"),
  "clusters/home/apps.yaml": APP,
  "apps/settings.yaml": CONFIG,
});

test("what the controllers of a Flux that was applied by hand name is there, and another name is looked for", () => {
  const before = tree();
  const { files, changed } = runPhase(before, "install");
  const edits = Object.fromEntries(changed.map((path) => [path, files[path]!]));
  const instance = changed.find((path) => path.endsWith("flux-instance/helmrelease.yaml"))!;
  expect(edits[instance]).toContain("company-cas");
  expect(verifyEdits(edits, before).verdict).toBe("safe");
  const renamed = { ...edits, [instance]: edits[instance]!.replace("company-cas", "other-cas") };
  const { verdict, findings } = verifyEdits(renamed, before);
  expect(verdict).toBe("unproven");
  expect(
    findings.filter(({ rule }) => rule === "safety-unknown").map(({ what }) => /names (\S+)/.exec(what)?.[1]),
  ).toEqual(["ConfigMap/other-cas"]);
});
