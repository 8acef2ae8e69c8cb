/** `cat <<EOF` that writes to the terminal alone; what it is piped into, or written to, may run. */
const PRINTS = /^[^#|;&]*(?:^|[\s{(])cat(?:\s+-|\s*[12]?>&[12])*\s*<<-?\s*(["']?)\\?(\w+)\1(?:\s*[12]?>&[12])*\s*$/;

/** Tells of each line of a text, from the first on, whether the script only prints it: the words of a usage run nothing. */
export function makePrinted(): (line: string) => boolean {
  let end: string | undefined;
  return (line) => {
    if (end === undefined) {
      end = PRINTS.exec(line)?.[2];
      return false;
    }
    if (line.trim() === end) end = undefined;
    return end !== undefined;
  };
}
