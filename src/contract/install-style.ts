import type { Loc } from "./errors.ts";

const STYLES: Record<string, string> = {
  gotk: "gotk-components.yaml of flux bootstrap",
  "oci-manifests": "flux-manifests artifact",
  "remote-install": "flux2 manifests/install",
  "community-chart": "flux2 Helm chart",
  operator: "Flux Operator",
};

/** What an owner calls a style of install. `flux install --export`, or a rendered chart, gives the same objects under any name of a file. */
export function sayStyle(style: string, at?: Loc): string {
  if (style === "gotk" && at && !/(?:^|\/)gotk-components\.yaml$/.test(at.file)) return "manifests of flux install";
  return STYLES[style] ?? style;
}
