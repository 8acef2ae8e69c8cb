import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { codeOf } from "./write-disk.ts";

/** The process that writes, so that others can tell a write that is under way from one that was interrupted. */
export interface Writer {
  host: string;
  /** Which process ids count, where a machine has several sets of them: containers may share its name. */
  space?: string;
  pid: number;
  /** When it started, in the clock ticks of Linux: process ids come round again. */
  started?: string;
}

export function thisWriter(): Writer {
  return describe(process.pid);
}

/**
 * Whether a writer still runs; undefined where this cannot be known: it ran on another machine, in another container, or did
 * not say. A process that finds its own unfinished write is not writing any more.
 */
export function isAtWork(writer: Writer | undefined): boolean | undefined {
  if (!writer || writer.host !== hostname()) return undefined;
  if (writer.space !== undefined && writer.space !== readSpace()) return undefined;
  if (writer.pid === process.pid || !isRunning(writer.pid)) return false;
  return describe(writer.pid).started === writer.started;
}

function describe(pid: number): Writer {
  const [space, started] = [readSpace(), startOf(pid)];
  return {
    host: hostname(),
    ...(space === undefined ? {} : { space }),
    pid,
    ...(started === undefined ? {} : { started }),
  };
}

/** The namespace of this process, on Linux; see pid_namespaces(7). */
function readSpace(): string | undefined {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return undefined;
  }
}

/** Whether a process of this machine runs. Zero and less mean groups of processes to the system, which this one is in. */
export function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** Field 22 of proc_pid_stat(5); the second one is the program's name, which may hold spaces and brackets. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
