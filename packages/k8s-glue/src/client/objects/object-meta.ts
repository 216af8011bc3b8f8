/** A reference to the owner of an object, as in `metadata.ownerReferences`. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** The fields of `metadata` that are read or written. Times are RFC 3339 text, as they are in JSON. */
export interface ObjectMeta {
  readonly name?: string;
  readonly generateName?: string;
  /** Absent on objects of the whole cluster. */
  readonly namespace?: string;
  readonly uid?: string;
  /** Opaque; equal text means the same version of the object. */
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly unknown[];
}

/** The fields that every Kubernetes object has. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
}
