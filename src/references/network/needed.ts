/** Without these no commit arrives that could undo it. */
export const NEEDED = ["source-controller", "kustomize-controller"];
export const DNS = 53;

/** What a policy that goes over others denies one of them. */
export function sayDenied(name: string | undefined, isOut: boolean, isIn: boolean): string[] {
  if (name === undefined) return [];
  if (isOut) return [`denies ${name} what it has to reach`];
  return isIn && name === "source-controller"
    ? [`denies the other controllers ${name}, from which they get their sources`]
    : [];
}

export type Direction = "Egress" | "Ingress";
