import { type ChildProcess, spawn } from "node:child_process";

/**
 * Reads `+ GROUP` and `- GROUP`. Its standard input ends with the bench, in whatever way that ends: then what is still
 * listed is killed, and the folder removed. Dying processes may write into it for a moment.
 */
const SCRIPT = `groups=' '
while read -r sign group; do
  case "$sign$groups" in
    +*) groups="$groups$group " ;;
    *" $group "*) groups="\${groups%% "$group" *} \${groups#* "$group" }" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
[ -n "$1" ] || exit 0
tries=0
until rm -rf -- "$1" 2>/dev/null && [ ! -e "$1" ]; do
  tries=$((tries + 1)); [ $tries -lt 50 ] || exit 1
  sleep 0.1
done
`;

/** Cleans up after a bench that was killed and could not do it itself. It ends when the bench does. */
export class Reaper {
  readonly #child: ChildProcess;

  /** `folder` is removed in the end, unless it is undefined. */
  constructor(folder: string | undefined) {
    this.#child = spawn("sh", ["-c", SCRIPT, "reaper", folder ?? ""], {
      // A session of its own: neither Ctrl-C nor the end of the terminal reaches it.
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.#child.stdin?.on("error", () => {});
    this.#child.unref();
    (this.#child.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  }

  watch(group: number): void {
    this.#child.stdin?.write(`+ ${group}\n`);
  }

  forget(group: number): void {
    this.#child.stdin?.write(`- ${group}\n`);
  }
}
