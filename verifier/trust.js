// The roots that the reader trusts: docs/reference/verify.md. The rules at the head of core.js hold here.

export const TRUST_HEAD = "tansiq-trust/1";
const OF_A_FILE = /^([0-9a-f]{64}) (\S.*)$/, PASTED = /^((?:[0-9a-f]{8} ?){7}[0-9a-f]{8})(?:\s+(.+))?$/;

/** The roots of a trust file, or of lines that were pasted, with their names; or the first line that cannot be read. */
export function parseTrust(text) {
    const lines = text.split("\n"), strict = lines[0] === TRUST_HEAD, roots = new Map();
    if (strict && lines.at(-1) === "") lines.pop();
    for (const [k, given] of lines.entries()) {
        const line = strict ? given : given.trim();
        if ((strict && k === 0) || (!strict && (line === "" || line === TRUST_HEAD))) continue;
        const found = (strict ? OF_A_FILE : PASTED).exec(line);
        const fingerprint = found?.[1].replaceAll(" ", ""), name = found?.[2] ?? null;
        const again = roots.has(fingerprint) || (name !== null && [...roots.values()].includes(name));
        if (!found || again) return { roots: new Map(), badLine: k + 1 };
        roots.set(fingerprint, name);
    }
    return { roots, badLine: null };
}
