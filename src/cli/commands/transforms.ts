import { OCI_TRANSFORMS } from "../../../transforms/oci-index.ts";
import type { Outcome } from "../exit.ts";
import type { Flags } from "../flags.ts";
import type { Session } from "../session.ts";
import { saveText } from "./show.ts";

/** `fluxlift transforms`: the codemods in the order they run, those of `migrate` before those of `oci`. */
export async function runTransforms(session: Session, flags: Flags): Promise<Outcome> {
  const { transforms } = await session.loader.load();
  const rows = [...transforms, ...OCI_TRANSFORMS].map(({ id, title, phases, docs }) => ({
    id,
    title,
    phases: [...phases],
    docs,
  }));
  const text =
    flags.format === "json"
      ? `${JSON.stringify(rows, null, 2)}\n`
      : rows.map((row) => `${pad(row.id, rows)}  ${row.phases.join(", ").padEnd(25)}  ${row.title}\n`).join("");
  if (flags.output === undefined) session.io.out(text);
  else saveText(session.io, flags.output, text);
  return "done";
}

function pad(id: string, rows: { id: string }[]): string {
  return id.padEnd(Math.max(...rows.map((row) => row.id.length)));
}
