import { expect, test } from "vitest";
import transform from "../../transforms/docs-mentions/index.ts";
import { clusterFiles, contextOf, runTransform } from "./support.ts";

const mentions = (page: string, text: string): string[] => {
  const { findings } = runTransform(transform, contextOf({ ...clusterFiles("kubernetes"), [page]: text }));
  return findings.flatMap((one) => (one.rule === "docs-name-removed" ? [one.what] : []));
};

test.each(["kubectl apply --kustomize ./bootstrap/flux", "`./bootstrap`/flux and `./bootstrap/flux`"])(
  "a page names what goes from its own folder: %s",
  (line) => {
    expect(mentions("kubernetes/README.md", `# Start\n\n${line}\n`).join()).toContain("kubernetes/README.md:3");
  },
);

test("a page at the top of the repository names a folder beside it", () => {
  const top = (text: string) => text.replaceAll("kubernetes/", "");
  const moved = Object.entries(clusterFiles("kubernetes")).map(([path, text]) => [top(path), top(text)]);
  const files = { ...Object.fromEntries(moved), "README.md": "# Start\n\nkubectl apply -k ./bootstrap\n" };
  const { findings } = runTransform(transform, contextOf(files));
  expect(JSON.stringify(findings)).toContain("README.md:3 (./bootstrap)");
});

test("a page beside what goes names one folder of it", () => {
  expect(mentions("kubernetes/bootstrap/README.md", "kubectl apply -k ./flux\n").join()).toContain("README.md:1");
});

test.each([
  "kubectl apply --server-side --kustomize flux",
  "kustomize build flux | kubectl apply -f -",
  "oc apply -k flux/",
])("a command of such a page names it without a dot: %s", (line) => {
  expect(mentions("kubernetes/bootstrap/README.md", `# Start\n\n${line}\n`).join()).toContain("README.md:3 (flux");
});

test("of a folder that keeps a secret, only what builds it is named", () => {
  const page = "kubectl apply -k ./flux\nsops -d flux/age-key.sops.yaml | kubectl apply -f -\n";
  const files = {
    ...clusterFiles("kubernetes"),
    "kubernetes/bootstrap/flux/age-key.sops.yaml":
      "apiVersion: v1\nkind: Secret\nmetadata:\n  name: sops-age\nsops: {}\n",
    "kubernetes/bootstrap/README.md": page,
  };
  const { findings } = runTransform(transform, contextOf(files));
  const said = JSON.stringify(findings);
  expect(said).toContain("README.md:1 (./flux)");
  expect(said).not.toContain("README.md:2");
});

test.each(["kubectl get -f flux-operator", "kubectl get ns flux", "Then install flux", "kubectl apply -k ../flux"])(
  "a word is no path: %s",
  (line) => {
    expect(mentions("kubernetes/bootstrap/README.md", `${line}\n`)).toEqual([]);
  },
);

test.each(["./flux-operator", "../flux", "https://example.org/./flux.html", "./fluxes"])(
  "another path is no mention: %s",
  (path) => {
    expect(mentions("kubernetes/bootstrap/README.md", `See ${path}\n`)).toEqual([]);
  },
);

test("a page that has the community chart installed is named by those lines", () => {
  const page = [
    "helm repo add fluxcd-community https://fluxcd-community.github.io/helm-charts",
    "helm install flux fluxcd-community/flux2",
    "helm upgrade flux flux2 --repo=https://fluxcd-community.github.io/helm-charts",
    "See https://github.com/fluxcd-community/helm-charts/blob/main/charts/flux2/values.yaml",
    "helm install sync fluxcd-community/flux2-sync",
  ].join("\n");
  const [said = ""] = mentions("docs/start.md", page);
  expect([...said.matchAll(/start\.md:(\d)/g)].map(([, line]) => line)).toEqual(["2", "3"]);
});
