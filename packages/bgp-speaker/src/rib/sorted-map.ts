/**
 * A map from strings that is never changed in place: `insert` and `remove` make a new one that shares all but the path to
 * the change. A treap whose priorities are hashes of the keys, so that equal contents have one shape.
 */
export type SortedMap<Value> = Node<Value> | null;

interface Node<Value> {
  readonly key: string;
  readonly value: Value;
  readonly priority: number;
  readonly size: number;
  readonly left: SortedMap<Value>;
  readonly right: SortedMap<Value>;
}

/** The value under `key`; undefined when there is none. */
export function lookUp<Value>(map: SortedMap<Value>, key: string): Value | undefined {
  let node = map;
  while (node !== null) {
    if (key === node.key) return node.value;
    node = key < node.key ? node.left : node.right;
  }
  return undefined;
}

/** The map with `value` under `key`. */
export function insert<Value>(map: SortedMap<Value>, key: string, value: Value): SortedMap<Value> {
  return insertNode(map, key, value, priorityOf(key));
}

/** The map without `key`. */
export function remove<Value>(map: SortedMap<Value>, key: string): SortedMap<Value> {
  if (map === null) return null;
  if (key === map.key) return merge(map.left, map.right);
  if (key < map.key) {
    const left = remove(map.left, key);
    return left === map.left ? map : withChildren(map, left, map.right);
  }
  const right = remove(map.right, key);
  return right === map.right ? map : withChildren(map, map.left, right);
}

/** The number of keys. */
export function sizeOf(map: SortedMap<unknown>): number {
  return map === null ? 0 : map.size;
}

/** Keys and values in the order of the keys. */
export function* entriesOf<Value>(map: SortedMap<Value>): Generator<readonly [string, Value]> {
  if (map === null) return;
  yield* entriesOf(map.left);
  yield [map.key, map.value];
  yield* entriesOf(map.right);
}

function insertNode<Value>(map: SortedMap<Value>, key: string, value: Value, priority: number): Node<Value> {
  if (map === null) return { key, value, priority, size: 1, left: null, right: null };
  if (key === map.key) return { ...map, value };
  if (isAbove(priority, key, map)) {
    const [left, right] = split(map, key);
    return { key, value, priority, size: 1 + sizeOf(left) + sizeOf(right), left, right };
  }
  return key < map.key
    ? withChildren(map, insertNode(map.left, key, value, priority), map.right)
    : withChildren(map, map.left, insertNode(map.right, key, value, priority));
}

function withChildren<Value>(node: Node<Value>, left: SortedMap<Value>, right: SortedMap<Value>): Node<Value> {
  return { ...node, left, right, size: 1 + sizeOf(left) + sizeOf(right) };
}

/** Splits at a key; the half that should hold it comes out without it. */
function split<Value>(map: SortedMap<Value>, key: string): readonly [SortedMap<Value>, SortedMap<Value>] {
  if (map === null) return [null, null];
  if (key === map.key) return [map.left, map.right];
  if (key < map.key) {
    const [left, right] = split(map.left, key);
    return [left, withChildren(map, right, map.right)];
  }
  const [left, right] = split(map.right, key);
  return [withChildren(map, map.left, left), right];
}

function merge<Value>(left: SortedMap<Value>, right: SortedMap<Value>): SortedMap<Value> {
  if (left === null) return right;
  if (right === null) return left;
  return isAbove(left.priority, left.key, right)
    ? withChildren(left, left.left, merge(left.right, right))
    : withChildren(right, merge(left, right.left), right.right);
}

function isAbove(priority: number, key: string, node: Node<unknown>): boolean {
  return priority === node.priority ? key < node.key : priority > node.priority;
}

/** FNV-1a with a final mix: neighbouring prefixes differ in few bits, and a treap wants them far apart. */
function priorityOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
