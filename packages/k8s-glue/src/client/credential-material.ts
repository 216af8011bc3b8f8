/** The credentials for connections and requests, of one reading. Text is PEM. */
export interface CredentialMaterial {
  /** `https://192.0.2.1:6443`, without a slash at the end. */
  readonly server: string;
  /** Null trusts the system's authorities. */
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  /** The name that the server's certificate must bear; null is the host of `server`. */
  readonly serverName: string | null;
  readonly insecure: boolean;
  /** Headers for every request: Authorization, and impersonation where the kubeconfig asks for it. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A source of credentials that may change while the process runs. */
export interface Credentials {
  /**
   * Reads the credentials. `refused` says that the server answered 401 to the last: caches must be bypassed. Rejects when they
   * cannot be read.
   */
  readonly read: (refused: boolean) => Promise<CredentialMaterial>;
  /** The namespace of the pod or of the kubeconfig's context; null without one. */
  readonly namespace: string | null;
}
