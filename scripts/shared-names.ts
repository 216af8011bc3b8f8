/** Why a name may be declared by more than one package, by name. A name that is not here, or here in vain, fails the check. */
export const REASONS: Readonly<Record<string, string>> = {};
