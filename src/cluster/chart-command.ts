/** The chart by whatever its repository is called: `fluxcd/flux2`, `"$REPO"/flux2`, `oci://mirror.example.org/charts/flux2`. */
const CHART = /^["']?(?:[\w.-]+\/|["']?\$[\w${(}):-]+["']?\/|\{\{[^\s{}]+\}\}\/|oci:\/\/\S+\/)flux2["']?$/;

/** Whether a command has Helm install the community chart, from a repository of any name, a mirror of it included. */
export function helmInstallsChart(line: string): boolean {
  if (!line.includes("flux2")) return false;
  return line
    .replace(/\{\{[^{}]*\}\}/g, (template) => template.replace(/\s/g, ""))
    .split(/[|;&]/)
    .some((command) => {
      const helm = /(?:^|[\s/"'`(@-])helm\s/.exec(command);
      const words = helm ? command.slice(helm.index).trim().split(/\s+/) : [];
      if (!words.some((word) => word === "install" || word === "upgrade")) return false;
      const hasRepository = words.some((word) => /^--repo(?:=|$)/.test(word));
      return words.some((word) => CHART.test(word) || (hasRepository && /^["']?flux2["']?$/.test(word)));
    });
}
