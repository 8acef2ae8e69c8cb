import type { InstallWay } from "../../src/contract/install-ways.ts";

/**
 * An item of a list and no more: what goes through the list is not said on the line. `- github.com/fluxcd/flux2/…` is one of a
 * kustomization that is a template yet, or in a text.
 */
const ITEM = /^\s*(?:(?:-\s+)?["']?https?:\/\/|-\s+["']?(?:git::|ssh:\/\/git@)?github\.com\/)[^\s"']+["']?\s*,?\s*$/;

/** A key of YAML or JSON and its value: `src: https://…/install.yaml` of a playbook, `url: …` of what pins or checks it. */
const KEYED =
  /^\s*(?:-\s+)?(?:"[^"]+"|'[^']+'|[\w.-]+)\s*:\s*["']?(?:https?:\/\/|git::|github\.com\/)[^"']*(?:["'][\s,]*)?$/;

/** The value of a setting in Terraform: `url = "https://…/install.yaml"` of `data "http"`, `path = …` of `data "kustomization_build"`. */
const SETTING = /^\s*[\w-]+\s*=\s*"[^"\s]+"\s*,?\s*$/;

/** How a line that is no more than the address of an install has it installed: no command can stand in its place. */
export function wayOfAddress(line: string): InstallWay | undefined {
  if (ITEM.test(line)) return "address";
  return KEYED.test(line) ? "setting" : undefined;
}

export function isTerraformSetting(line: string): boolean {
  return SETTING.test(line);
}
