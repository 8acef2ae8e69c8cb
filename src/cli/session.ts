import type { EngineLoader } from "./engine.ts";
import type { Io } from "./io.ts";
import type { Timer } from "./timer.ts";

/** What a command gets to work with. */
export interface Session {
  io: Io;
  /** Loads the heavy part (YAML, git, transforms) when a command needs it; `--help` never does. */
  loader: EngineLoader;
  timer: Timer;
}
