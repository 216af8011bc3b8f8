import { keyOf, type KubernetesObject, splitKey } from "@herald-lb/k8s-glue/objects";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createStore, type StoreChange } from "./store.ts";

interface Labelled extends KubernetesObject {
  readonly app: string;
}

const object = fc
  .record(
    {
      name: fc.constantFrom("a", "b", "c"),
      namespace: fc.constantFrom("", "x", "y"),
      version: fc.integer({ min: 1, max: 4 }),
      app: fc.constantFrom("p", "q"),
    },
    { noNullPrototype: true },
  )
  .map(
    ({ name, namespace, version, app }): Labelled => ({
      metadata: { name, namespace, resourceVersion: `${version}${app}` },
      app,
    }),
  );

const write = fc.oneof(
  object.map((put) => ({ put })),
  object.map((remove) => ({ remove })),
  fc.uniqueArray(object, { selector: keyOf }).map((replace) => ({ replace })),
);

describe("a store", () => {
  it("follows a plain map, tells every difference, and keeps its index", () => {
    fc.assert(
      fc.property(fc.array(write), (writes) => {
        const store = createStore<Labelled>({ app: ({ app }) => [app] });
        const model = new Map<string, Labelled>();
        const told = new Map<string, Labelled>();
        for (const one of writes) {
          let changes: readonly (StoreChange<Labelled> | null)[];
          if ("put" in one) {
            changes = [store.put(one.put)];
            model.set(keyOf(one.put), one.put);
          } else if ("remove" in one) {
            changes = [store.remove(one.remove)];
            model.delete(keyOf(one.remove));
          } else {
            changes = store.replace(one.replace);
            model.clear();
            for (const each of one.replace) model.set(keyOf(each), each);
          }
          for (const change of changes) {
            if (change === null) continue;
            expect(told.has(change.key)).toBe(change.type !== "Added");
            if (change.type === "Deleted") told.delete(change.key);
            else told.set(change.key, change.object);
          }
          expect(told).toEqual(model);
          expect(new Set(store.keys())).toEqual(new Set(model.keys()));
          for (const app of ["p", "q"]) {
            expect(new Set(store.byIndex("app", app).map(keyOf))).toEqual(
              new Set([...model].filter(([, each]) => each.app === app).map(([key]) => key)),
            );
          }
        }
      }),
    );
  });

  it("says nothing about a version that it has", () => {
    const store = createStore();
    store.put({ metadata: { name: "a", resourceVersion: "1" } });
    expect(store.put({ metadata: { name: "a", resourceVersion: "1" } })).toBeNull();
  });

  it("refuses an index that was not declared", () => {
    expect(() => createStore().byIndex("none", "x")).toThrow("none");
  });
});

describe("keys", () => {
  const cases = [
    { name: "of a namespace", key: "x/a", expected: { namespace: "x", name: "a" } },
    { name: "of the cluster", key: "a", expected: { namespace: "", name: "a" } },
  ];
  for (const { name, key, expected } of cases) {
    it(`${name} are split and made again`, () => {
      expect(splitKey(key)).toEqual(expected);
      expect(keyOf({ metadata: expected })).toBe(key);
    });
  }
});
