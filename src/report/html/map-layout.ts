import { getOrMake } from "../../contract/group-by.ts";
import type { Libraries } from "./libraries.ts";
import type { Box, Flow } from "./owners.ts";

/** Pixels. A letter of 12 px is never wider than this in a monospaced face. */
const LETTER = 7.3;
export const LINE = 17;
const PAD = 12;
const HEAD = 34;
export const LONGEST = 40;

export interface PlacedBox {
  box: Box;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A stroke from the side of one box through its label to the side of another; `y` of the three, and how wide it is. */
export interface Stroke {
  flow: Flow;
  x: readonly [from: number, label: number, to: number];
  y: readonly [from: number, label: number, to: number];
  width: number;
}

export interface MapLayout {
  width: number;
  height: number;
  boxes: PlacedBox[];
  strokes: Stroke[];
}

/** Wider where there are more objects, so that one and a thousand fit the same picture. */
function strokeWidth({ count }: Flow): number {
  return Math.min(16, Math.round(10 * (1.5 + 1.6 * Math.log2(Math.max(1, count)))) / 10);
}

/** Text of a label beside the longest word for a fate. */
const LABEL = { width: 128, height: 20 };

/** Places boxes in two columns, before and after, so that few strokes cross. */
export function layOutMap(flows: readonly Flow[], { dagre }: Libraries): MapLayout {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 14, edgesep: 12, ranksep: 36, marginx: 1, marginy: 1 });
  const ends = flows.map((flow) => [keyOf("before", flow.from), keyOf("after", flow.to)] as const);
  const boxes = new Map(
    flows.flatMap((flow, i) => [[ends[i]![0], flow.from] as const, [ends[i]![1], flow.to] as const]),
  );
  const widths = { before: 0, after: 0 };
  for (const [key, box] of boxes) widths[sideOf(key)] = Math.max(widths[sideOf(key)], widthOf(box));
  for (const [key, { lines }] of boxes) {
    const own = flows.filter((_, i) => ends[i]!.includes(key));
    const strokes = own.reduce((sum, flow) => sum + strokeWidth(flow) + 4, 0);
    graph.setNode(key, { width: widths[sideOf(key)], height: Math.max(lines.length * LINE + PAD, strokes + 4) });
  }
  for (const [i, flow] of flows.entries())
    graph.setEdge(ends[i]![0], ends[i]![1], { ...LABEL, labelpos: "c" }, flow.fate);
  dagre.layout(graph);
  const placed = new Map([...boxes].map(([key, box]) => [key, place(box, graph.node(key))]));
  const labels = flows.map((flow, i) => graph.edge(ends[i]![0], ends[i]![1], flow.fate) as { x: number; y: number });
  const ports = (side: 0 | 1) =>
    spreadPorts(
      flows,
      (i) => placed.get(ends[i]![side])!,
      (i) => labels[i]!.y,
    );
  const [left, right] = [ports(0), ports(1)];
  const all = [...placed.values()];
  return {
    boxes: all,
    strokes: flows.map((flow, i) => {
      const [from, to] = [placed.get(ends[i]![0])!, placed.get(ends[i]![1])!];
      const label = { x: round(labels[i]!.x), y: round(labels[i]!.y + HEAD) };
      return {
        flow,
        x: [from.x + from.width, label.x, to.x],
        y: [left[i]!, label.y, right[i]!],
        width: strokeWidth(flow),
      };
    }),
    width: Math.ceil(Math.max(...all.map(({ x, width }) => x + width)) + 1),
    height: Math.ceil(
      Math.max(...all.map(({ y, height }) => y + height), ...labels.map(({ y }) => y + HEAD + LINE)) + 1,
    ),
  };
}

function keyOf(side: "before" | "after", { lines }: Box): string {
  return `${side} ${lines.join("\n")}`;
}

function sideOf(key: string): "before" | "after" {
  return key.startsWith("before") ? "before" : "after";
}

function widthOf({ lines }: Box): number {
  return Math.ceil(Math.max(...lines.map((line) => Math.min(LONGEST, [...line].length))) * LETTER + 2 * PAD);
}

function place(box: Box, { x, y, width, height }: { x: number; y: number; width: number; height: number }): PlacedBox {
  return { box, x: round(x - width / 2), y: round(y - height / 2 + HEAD), width: round(width), height: round(height) };
}

/** Where each stroke meets its box: one under the other, in the order of their labels. */
function spreadPorts(
  flows: readonly Flow[],
  boxOf: (i: number) => PlacedBox,
  heightOf: (i: number) => number,
): number[] {
  const ports: number[] = [];
  const byBox = new Map<PlacedBox, number[]>();
  for (const i of flows.keys()) getOrMake(byBox, boxOf(i), () => []).push(i);
  for (const [{ y, height }, own] of byBox) {
    own.sort((a, b) => heightOf(a) - heightOf(b));
    const total = own.reduce((sum, i) => sum + strokeWidth(flows[i]!) + 4, -4);
    let at = y + (height - total) / 2;
    for (const i of own) {
      const width = strokeWidth(flows[i]!);
      ports[i] = round(at + width / 2);
      at += width + 4;
    }
  }
  return ports;
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
