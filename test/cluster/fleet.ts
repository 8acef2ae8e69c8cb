/** What one cluster of a made-up fleet is like. */
export interface Member {
  /** Folder that holds `flux/`, `apps/` and `bootstrap/`; `kubernetes/<name>` unless told. */
  dir?: string;
  /** Path that the root builds, where it is not `<dir>/flux`: an archived copy still names the old place. */
  builds?: string;
  version?: string;
}

export const list = (...resources: string[]) =>
  `---\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n${resources.map((item) => `  - ${item}\n`).join("")}`;

/** A FluxKustomization; `more` is text below `spec`. */
export const flux = (name: string, path: string, source = "GitRepository home-ops", more = "") => {
  const [kind, of] = source.split(" ");
  return `---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: ${name}\n  namespace: flux-system\nspec:\n  interval: 30m\n  path: ${path}\n  prune: true\n  sourceRef:\n    kind: ${kind}\n    name: ${of}\n${more}`;
};

export const gitRepository = (name: string, url: string) =>
  `---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: ${name}\n  namespace: flux-system\nspec:\n  interval: 30m\n  url: ${url}\n  ref:\n    branch: main\n`;

const manifests = (version: string) =>
  `---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: flux-manifests\n  namespace: flux-system\nspec:\n  interval: 10m\n  url: oci://ghcr.io/fluxcd/flux-manifests\n  ref:\n    tag: ${version}\n`;

const configMap = (name: string) =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: default\ndata:\n  a: b\n`;

const helmfile = `---
repositories:
  - name: cilium
    url: https://helm.cilium.io

releases:
  - name: cilium
    namespace: kube-system
    chart: cilium/cilium
    version: 1.15.3
`;

export const URL = "https://github.com/owner/home-ops";

/** Files of a home-ops tree with one folder a cluster, each with an install, apps, a bootstrap folder and a helmfile. */
export function fleet(members: Record<string, Member>): Record<string, string> {
  const files: Record<string, string> = {};
  for (const [name, { dir = `kubernetes/${name}`, builds, version = "v2.6.4" }] of Object.entries(members)) {
    const path = builds ?? dir;
    const put = (file: string, text: string) => {
      files[`${dir}/${file}`] = text;
    };
    put("flux/config/kustomization.yaml", list("./flux.yaml", "./cluster.yaml"));
    put("flux/config/cluster.yaml", gitRepository("home-ops", URL) + flux("cluster", `./${path}/flux`));
    put("flux/config/flux.yaml", manifests(version) + flux("flux", "./", "OCIRepository flux-manifests"));
    put("flux/apps.yaml", flux("cluster-apps", `./${path}/apps`));
    for (const app of ["echo", "web"]) {
      put(`apps/default/${app}/ks.yaml`, flux(app, `./${path}/apps/default/${app}/app`));
      put(`apps/default/${app}/app/kustomization.yaml`, list("./cm.yaml"));
      put(`apps/default/${app}/app/cm.yaml`, configMap(app));
    }
    put("apps/default/kustomization.yaml", list("./echo/ks.yaml", "./web/ks.yaml"));
    put("bootstrap/flux/kustomization.yaml", list(`github.com/fluxcd/flux2/manifests/install?ref=${version}`));
    put("bootstrap/helmfile.yaml", helmfile);
  }
  return files;
}
