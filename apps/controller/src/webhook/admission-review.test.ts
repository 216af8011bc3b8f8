import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAdmissionReview } from "./admission-review.ts";
import { NAMESPACE } from "./review.test.fixture.ts";
import { reviewAdmission } from "./review.ts";

describe("readAdmissionReview", () => {
  const request = { uid: "u", operation: "CREATE", kind: { kind: "BGPPeer" }, namespace: "n", name: "x", object: {} };
  const body = (change: object): string =>
    JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: { ...request, ...change } });

  it("reads what the API server sends", () => {
    expect(readAdmissionReview(body({ oldObject: null }))).toEqual({
      ok: true,
      value: { ...request, kind: "BGPPeer", oldObject: null },
    });
  });

  it.each([
    { name: "no JSON", text: "{" },
    { name: "a list", text: "[]" },
    { name: "another version", text: '{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview"}' },
    { name: "no request", text: '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}' },
    { name: "no uid", text: body({ uid: "" }) },
    { name: "an unknown operation", text: body({ operation: "LOOK" }) },
    { name: "no kind", text: body({ kind: "BGPPeer" }) },
    { name: "a number for a name", text: body({ name: 1 }) },
    { name: "a text for an object", text: body({ object: "x" }) },
    { name: "a list for an object", text: body({ object: [] }) },
    { name: "an object whose metadata is a number", text: body({ object: { metadata: 1 } }) },
  ])("refuses $name", ({ text }) => {
    expect(readAdmissionReview(text).ok).toBe(false);
  });

  it("never throws, and neither does the review of what it read", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          "IPAddressPool",
          "BGPPeer",
          "BGPAdvertisement",
          "Community",
          "L2Advertisement",
          "BFDProfile",
          "Else",
        ),
        fc.jsonValue(),
        (kind, spec) => {
          const object = {
            apiVersion: "metallb.io/v1beta1",
            kind,
            metadata: { name: "x", namespace: NAMESPACE },
            spec,
          };
          const read = readAdmissionReview(body({ kind: { kind }, namespace: NAMESPACE, object }));
          expect(read.ok).toBe(true);
          if (read.ok) expect(reviewAdmission(read.value, [], NAMESPACE).uid).toBe("u");
        },
      ),
    );
  });
});
