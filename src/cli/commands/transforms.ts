import { OCI_TRANSFORMS } from "../../../transforms/oci-index.ts";
import { joinShown, padShown, shown, visible } from "../../contract/visible.ts";
import { printJson } from "../../report/json.ts";
import type { Outcome } from "../exit.ts";
import type { Flags } from "../flags.ts";
import type { Session } from "../session.ts";
import { ownTransforms } from "./own.ts";
import { deliver } from "./show.ts";

/** `fluxlift transforms`: the codemods in the order they run, those of `migrate` before those of `oci`. */
export async function runTransforms(session: Session, flags: Flags): Promise<Outcome> {
  const { transforms } = await session.loader.load();
  const rows = [...transforms, ...OCI_TRANSFORMS, ...ownTransforms(flags)].map(({ id, title, phases, docs }) => ({
    id,
    title,
    phases,
    docs,
  }));
  const idWidth = Math.max(...rows.map(({ id }) => id.length));
  const text =
    flags.format === "json"
      ? printJson(rows)
      : joinShown(
          rows.map(
            (row) =>
              shown`${padShown(visible(row.id), idWidth)}  ${padShown(visible(row.phases.join(", ")), 25)}  ${visible(row.title)}\n`,
          ),
          "",
        );
  deliver(session.io, flags, text);
  return "done";
}
