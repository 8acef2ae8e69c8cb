import { BRANCH, type Cluster } from "./cluster.ts";
import type { Tree } from "./tree.ts";

/** What people and jobs run on the tree. */
export function automationOf(tree: Tree, clusters: Cluster[]): void {
  const [first] = clusters;
  if (!first) return;
  const dir =
    [...tree.files.keys()]
      .find((path) => path.startsWith(`${first.root}/`) && path.endsWith("kustomization.yaml"))
      ?.replace(/\/kustomization\.yaml$/, "") ?? first.root;
  if (tree.has("taskfile", 0.3))
    tree.files.set(
      "Taskfile.yaml",
      `---\nversion: "3"\n\ntasks:\n  bootstrap:\n    desc: Install Flux\n    cmds:\n      - kubectl apply --server-side --kustomize ${dir}\n      - sops --decrypt secrets/age.sops.yaml | kubectl apply -f -\n\n  reconcile:\n    cmds:\n      - flux reconcile source git ${first.sourceName}\n      - flux reconcile kustomization ${first.rootName} --with-source\n`,
    );
  if (tree.has("script", 0.2))
    tree.files.set(
      "scripts/bootstrap.sh",
      `#!/usr/bin/env bash\nset -euo pipefail\n\nflux check --pre\nflux bootstrap github \\\n  --owner=acme \\\n  --repository=fleet \\\n  --branch=${BRANCH} \\\n  --path=${first.root}\n`,
    );
  if (tree.has("workflow", 0.3))
    tree.files.set(
      ".github/workflows/e2e.yaml",
      `name: e2e\non: [pull_request]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - uses: fluxcd/flux2/action@main\n      - run: |\n          flux install\n          kubectl -n flux-system create secret generic flux-system --from-literal=a=b\n      - run: kubectl apply -k ${dir}\n      - run: flux get all -A\n`,
    );
  if (tree.has("renovate", 0.4))
    tree.files.set(
      "renovate.json",
      `${JSON.stringify({ $schema: "https://docs.renovatebot.com/renovate-schema.json", extends: ["config:recommended"], flux: { fileMatch: ["(^|/)gotk-components\\.ya?ml$", "(^|/)kubernetes/.+\\.ya?ml$"] }, packageRules: [{ matchPackageNames: ["ghcr.io/fluxcd/flux-manifests", "fluxcd/flux2"], groupName: "flux" }] }, undefined, 2)}\n`,
    );
  tree.files.set(
    "README.md",
    `# Fleet\n\nFlux applies \`${first.root}\`.${tree.pick.chance(0.5) ? ` It was installed with \`kubectl apply -k ${dir}\`.` : ""}\n`,
  );
}
