/** The user of a bearer token. */
export interface Identity {
  readonly username: string;
  readonly groups: readonly string[];
}

/** Bearer tokens and their users. */
export type TokenTable = Readonly<Record<string, Identity>>;

const serviceAccount = (name: string): Identity => ({
  username: `system:serviceaccount:metallb-system:${name}`,
  groups: ["system:serviceaccounts", "system:serviceaccounts:metallb-system", "system:authenticated"],
});

/** The default tokens: `admin`, `controller`, `speaker`. They are no secrets: the server is for a lab. */
export const labTokens: TokenTable = {
  admin: { username: "admin", groups: ["system:masters", "system:authenticated"] },
  controller: serviceAccount("controller"),
  speaker: serviceAccount("speaker"),
};

/** The identity of an `Authorization` header: anonymous without one, undefined for an unknown token. */
export function identify(tokens: TokenTable, authorization: string | undefined): Identity | undefined {
  if (authorization === undefined) return { username: "system:anonymous", groups: ["system:unauthenticated"] };
  const token = /^Bearer (.+)$/i.exec(authorization)?.[1] ?? "";
  return Object.hasOwn(tokens, token) ? tokens[token] : undefined;
}
