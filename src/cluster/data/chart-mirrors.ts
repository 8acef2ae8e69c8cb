import type { ChartMirror } from "../../contract/options.ts";

/**
 * Chart repositories whose owners also publish the same charts as OCI artifacts, as their own documentation says. `charts`
 * names the ones that are known to be there; without it every chart of the repository is. Errs towards leaving charts
 * where they are: a repository that moved only some of its charts lists them one by one.
 */
export const CHART_MIRRORS: readonly ChartMirror[] = [
  {
    repository: "https://prometheus-community.github.io/helm-charts",
    oci: "oci://ghcr.io/prometheus-community/charts",
  },
  {
    repository: "https://stefanprodan.github.io/podinfo",
    oci: "oci://ghcr.io/stefanprodan/charts",
    charts: ["podinfo"],
  },
  {
    repository: "https://bjw-s-labs.github.io/helm-charts",
    oci: "oci://ghcr.io/bjw-s-labs/helm",
    charts: ["app-template"],
  },
  { repository: "https://charts.jetstack.io", oci: "oci://quay.io/jetstack/charts", charts: ["cert-manager"] },
  { repository: "https://kyverno.github.io/kyverno", oci: "oci://ghcr.io/kyverno/charts", charts: ["kyverno"] },
  { repository: "https://traefik.github.io/charts", oci: "oci://ghcr.io/traefik/helm", charts: ["traefik"] },
  { repository: "https://helm.traefik.io/traefik", oci: "oci://ghcr.io/traefik/helm", charts: ["traefik"] },
  {
    repository: "https://charts.external-secrets.io",
    oci: "oci://ghcr.io/external-secrets/charts",
    charts: ["external-secrets"],
  },
  {
    repository: "https://argoproj.github.io/argo-helm",
    oci: "oci://ghcr.io/argoproj/argo-helm",
    charts: ["argo-cd", "argo-events", "argo-rollouts", "argo-workflows"],
  },
  {
    repository: "https://cloudnative-pg.github.io/charts",
    oci: "oci://ghcr.io/cloudnative-pg/charts",
    charts: ["cloudnative-pg"],
  },
  {
    repository: "https://stakater.github.io/stakater-charts",
    oci: "oci://ghcr.io/stakater/charts",
    charts: ["reloader"],
  },
  {
    repository: "https://emberstack.github.io/helm-charts",
    oci: "oci://ghcr.io/emberstack/helm-charts",
    charts: ["reflector"],
  },
  {
    repository: "https://docs.renovatebot.com/helm-charts",
    oci: "oci://ghcr.io/renovatebot/charts",
    charts: ["renovate"],
  },
  {
    repository: "https://aquasecurity.github.io/helm-charts",
    oci: "oci://ghcr.io/aquasecurity/helm-charts",
    charts: ["trivy-operator"],
  },
];
