import { answer, type Logger, pathOf, type RequestHandler } from "@herald-lb/daemon";
import type { ApiError } from "@herald-lb/k8s-glue/client";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import type { Result } from "@herald-lb/sansio";
import {
  type AdmissionRequest,
  type AdmissionResponse,
  readAdmissionReview,
  writeAdmissionReview,
} from "./admission-review.ts";
import { kindsReviewedWith, reviewAdmission } from "./review.ts";

/** The kind that is reviewed at each path: MetalLB's paths, and one for the older version of a peer. */
const PATHS: Readonly<Record<string, string>> = {
  "/validate-metallb-io-v1beta1-ipaddresspool": "IPAddressPool",
  "/validate-metallb-io-v1beta1-l2advertisement": "L2Advertisement",
  "/validate-metallb-io-v1beta1-bgpadvertisement": "BGPAdvertisement",
  "/validate-metallb-io-v1beta1-bgppeer": "BGPPeer",
  "/validate-metallb-io-v1beta2-bgppeer": "BGPPeer",
  "/validate-metallb-io-v1beta1-bfdprofile": "BFDProfile",
  "/validate-metallb-io-v1beta1-community": "Community",
};
/** The largest body, in octets: two versions of an object, each as large as etcd takes them, and the review around them. */
const MAX_BODY = 8 << 20;

/** The parts that reviews are made with. */
export interface ReviewServerOptions {
  readonly namespace: string;
  /** Lists the objects of these kinds from the API server itself: a cache may lack an object that was made a moment ago. */
  readonly list: (kinds: readonly string[]) => Promise<Result<readonly KubernetesObject[], ApiError>>;
  readonly onReview: (request: AdmissionRequest, response: AdmissionResponse) => void;
  readonly log: Logger;
}

/** Creates the handler of AdmissionReviews. Where no review is possible it answers with an HTTP error, and `failurePolicy` decides. */
export function reviewServer(options: ReviewServerOptions): RequestHandler {
  const { namespace, list, onReview, log } = options;
  const review = async (kind: string, body: string): Promise<{ status: number; text: string }> => {
    const read = readAdmissionReview(body);
    if (!read.ok) return { status: 400, text: `${read.error}\n` };
    if (read.value.kind !== kind) return { status: 400, text: `this path is for ${kind}\n` };
    const live = await list(kindsReviewedWith(read.value));
    if (!live.ok) {
      const { code, message } = live.error;
      log.error(
        { code, error: message },
        "review failed: the live objects cannot be listed; the webhook's failurePolicy decides",
      );
      return { status: 500, text: `${message}\n` };
    }
    const response = reviewAdmission(read.value, live.value, namespace);
    onReview(read.value, response);
    return { status: 200, text: writeAdmissionReview(response) };
  };
  return (request, response) => {
    const path = pathOf(request);
    const kind = Object.hasOwn(PATHS, path) ? PATHS[path] : undefined;
    if (kind === undefined) answer(response, 404, "not found\n");
    else if (request.method !== "POST") answer(response, 405, "a review is sent by POST\n");
    else {
      textOf(request)
        .then((body) => (body === null ? { status: 413, text: "too large\n" } : review(kind, body)))
        .then(({ status, text }) => answer(response, status, text, status === 200 ? "application/json" : undefined))
        .catch((error: unknown) => {
          log.error({ error: String(error) }, "review failed; the webhook's failurePolicy decides");
          answer(response, 500, "the review failed\n");
        });
    }
  };
}

/** The body of a request; null for one that is larger than any review. */
async function textOf(body: AsyncIterable<Uint8Array>): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_BODY) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
