import { quoteShell } from "./runbook-commands.ts";
import type { ChartApp, Landmarks } from "./runbook-landmarks.ts";
import type { RunbookStep } from "./types.ts";

/**
 * Installs operator and instance by hand with the release names, namespace and values of the generated files, so that
 * helm-controller finds its own release when the files arrive. Helm reads the values from the file that Flux will read.
 */
export function installDirectly(marks: Landmarks): RunbookStep[] {
  const { operator, instance, instanceFile, namespace } = marks;
  const steps: RunbookStep[] = [];
  if (operator) {
    steps.push({
      title: "Install the operator",
      body: [
        "Run this from the root of the checkout that holds the planned files (`fluxlift migrate` writes them); do not merge them yet.",
      ],
      commands: [helmCommand(operator)],
      expect: `\`STATUS: deployed\` for release \`${operator.release}\`.`,
    });
  }
  if (instance) {
    steps.push({
      title: "Install the instance",
      body: ["From here on the operator owns the controllers. Never uninstall this release: that uninstalls Flux."],
      commands: [helmCommand(instance)],
      expect: `\`STATUS: deployed\` for release \`${instance.release}\`.`,
    });
  } else if (instanceFile) {
    steps.push({
      title: "Apply the FluxInstance",
      body: ["From here on the operator owns the controllers. Never delete this object: that uninstalls Flux."],
      commands: [`kubectl -n ${namespace} apply --server-side -f ${quoteShell(instanceFile)}`],
      expect: "`fluxinstance.fluxcd.controlplane.io/flux serverside-applied`",
    });
  }
  return steps;
}

/** `helm upgrade --install` of a generated app, its values read out of the generated HelmRelease. */
export function helmCommand(app: ChartApp): string {
  if (app.file === undefined)
    return `helm upgrade --install ${app.release} ${app.chart} --namespace ${app.namespace} --wait`;
  // Of several documents Helm reads the first, whichever that is.
  const one = app.among ? `select(.kind == "HelmRelease" and .metadata.name == "${app.among}") | ` : "";
  const values = `yq '${one}.spec.values // {}' ${quoteShell(app.file)}`;
  const undouble = app.escaped ? " | sed 's/[$][$]/$/g'" : "";
  const version = app.version ? ` --version ${quoteShell(app.version)}` : "";
  return `${values}${undouble} | helm upgrade --install ${app.release} ${app.chart}${version} --namespace ${app.namespace} --values - --wait`;
}
