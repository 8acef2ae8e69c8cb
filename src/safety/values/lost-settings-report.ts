import { formatLoc, type Loc, lineOf } from "../../contract/errors.ts";
import type { SaidFinding } from "../../contract/finding.ts";
import { groupBy } from "../../contract/group-by.ts";
import { listSome, withOthers } from "../../contract/list-some.ts";
import type { Tree } from "../../files/tree.ts";
import type { LostSetting } from "../../references/settings/lost-settings.ts";
import { positionAt } from "../../yaml/lines.ts";

/** From so many on that lose the same, they are one finding. */
const MANY = 6;
const SHOWN = 3;

/** Settings that a FluxKustomization loses or lacks, and variables that are emptied. */
export function reportLostSettings(lost: readonly LostSetting[], after: Tree): SaidFinding[] {
  return [...groupBy(lost, ({ field, joins }) => `${field} ${joins ?? false}`).values()].flatMap((own) => {
    const shown = own.length < MANY ? own : own.slice(0, 1);
    const others = withOthers(own.slice(shown.length).map(({ name }) => `Kustomization ${name}`));
    return shown.map((one): SaidFinding => {
      const at = locateNeed(after, one);
      const { what, next } = say(one, own.length - shown.length);
      const why = `${formatLoc(at)} ${one.field === "shell" || one.field === "unset" ? "holds one" : one.joins ? "needs it" : "still needs it"}.`;
      return {
        rule: "setting-lost",
        level: "blocker",
        resource: `Kustomization ${one.name}`,
        ...others,
        at,
        what,
        why,
        next,
      };
    });
  });
}

function say({ name, field, names = [], joins }: LostSetting, more: number): { what: string; next: string } {
  const who = `Kustomization ${name}`;
  const all = more > 0 ? `${who} and ${more} more Kustomizations` : who;
  const [loses, gets, begins, leaves] =
    more > 0 ? ["lose", "get", "begin", "leave"] : ["loses", "gets", "begins", "leaves"];
  const written = names.map((one) => `\${${one}}`);
  const variables = listSome(written, SHOWN);
  switch (field) {
    case "decryption": {
      const effect = `kustomize-controller writes the ciphertext of a Secret with stringData over its value and reports Ready; at anything else that is encrypted it stops, and applies nothing more for ${who}`;
      return {
        what: joins
          ? `${all} ${gets} an encrypted file and no spec.decryption: ${effect}.`
          : `${all} ${loses} spec.decryption: ${effect}.`,
        next: joins ? "Set spec.decryption on it, or on the parent that patches it in." : keep("decryption"),
      };
    }
    case "keys":
      return {
        what: `${all} ${loses} the Secret with the keys (spec.decryption.secretRef): kustomize-controller cannot decrypt, and applies nothing more for ${who}.`,
        next: "Keep spec.decryption.secretRef, unless the controller itself is given the keys.",
      };
    case "postBuild": {
      const effect = `Flux applies the variables in what ${who} delivers as they are written`;
      return {
        what: joins
          ? `${all} ${gets} a file with variables and no spec.postBuild: ${effect}.`
          : `${all} ${loses} spec.postBuild: ${effect}.`,
        next: joins ? "Set spec.postBuild on it as on the Kustomization that the file comes from." : keep("postBuild"),
      };
    }
    case "variables":
      return {
        what: `${all} ${loses} the value of ${variables}: Flux puts nothing in its place, or from Flux 2.9 on builds no more.`,
        next: "Keep the key, give the variable a default, or take it out of the files that use it.",
      };
    case "unset":
      return {
        what: `${all} ${gets} a file that uses ${variables}, and nothing sets ${names.length > 1 ? "them" : "it"}: Flux puts nothing in its place, or from Flux 2.9 on builds no more.`,
        next: "Correct the name, set it in spec.postBuild, give it a default, or write $${NAME} where a shell is to fill it in.",
      };
    case "literal":
      return {
        what: `${all} ${leaves} ${variables} as ${names.length > 1 ? "they are" : "it is"} written from now on: an object is annotated with kustomize.toolkit.fluxcd.io/substitute: disabled.`,
        next: "Take the annotation out, or write the value out.",
      };
    case "shell":
      return {
        what: `${all} ${begins} to substitute variables, and nothing sets ${variables}: Flux empties it, also in scripts, or from Flux 2.9 on builds no more.`,
        next: "Write $${NAME} where a shell is to fill it in, or annotate the object with kustomize.toolkit.fluxcd.io/substitute: disabled.",
      };
  }
}

function keep(field: string): string {
  return `Keep spec.${field} on it, or on the parent that patches it in.`;
}

function locateNeed(tree: Tree, { file, field, names = [] }: LostSetting): Loc {
  const text = tree.read(file) ?? "";
  const found =
    field === "decryption" || field === "keys"
      ? text.search(/^[ \t]*"?sops"?:/m)
      : names.length > 0
        ? text.indexOf(`\${${names[0]}}`)
        : text.search(/\$\{[A-Za-z_]/);
  return lineOf(file, positionAt(text, Math.max(0, found)).line);
}
