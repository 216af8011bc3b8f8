/** A graph by its arrows: for each node the nodes that it points to. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The circles of a graph: for each group of nodes that all reach each other one shortest way round, whose last node is its first. A
 * graph without circles gives none.
 */
export function circlesOf(graph: Graph): readonly (readonly string[])[] {
  const told = new Set<string>();
  const circles: (readonly string[])[] = [];
  for (const start of [...graph.keys()].toSorted()) {
    if (told.has(start)) continue;
    const circle = shortestWay(graph, start, start);
    if (circle === null) continue;
    circles.push(circle);
    for (const other of reachedFrom(graph, start)) {
      if (reachedFrom(graph, other).has(start)) told.add(other);
    }
  }
  return circles;
}

/** The shortest way of at least one arrow, both ends included; null where there is none. */
function shortestWay(graph: Graph, from: string, to: string): readonly string[] | null {
  const ways: string[][] = [[from]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const next of graph.get(way.at(-1) as string) ?? []) {
      if (next === to) return [...way, next];
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return null;
}

function reachedFrom(graph: Graph, start: string): ReadonlySet<string> {
  const reached = new Set<string>([start]);
  for (const node of reached) for (const next of graph.get(node) ?? []) reached.add(next);
  return reached;
}
