import type { Transform } from "../../transforms/contract.ts";
import removeBootstrap from "../../transforms/remove-bootstrap/index.ts";

/** What migrate's cleanup must have nothing left to do in. Its other transforms only tidy up, or serve a rebuild. */
export const REMOVAL_TRANSFORMS: readonly Transform[] = [removeBootstrap];
