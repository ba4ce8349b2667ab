// What the page is told of the packs that it was given, as plain values: it is worked out in a worker, so that the page
// answers meanwhile, and nothing of a pack leaves here unless every step holds. The rules at the head of core.js hold.

import { compare } from "./agreement.js";
import { hex, Refused } from "./core.js";
import { sha256 } from "./crypto.js";
import { factsOf } from "./facts.js";
import { verifyPack } from "./pack.js";

export const BYTES_MOST = 268_435_456;

const plain = (refusal) => refusal && { code: refusal.code, field: refusal.field };

/** The verdict on a file, whose bytes are null where it is too large to read, and the pack if it is proved. */
function judgeOne({ name, bytes }, trusted, tell) {
    if (bytes === null) {
        const unreadable = { code: "limit_exceeded", field: "pack" };
        return { verdict: { name, digest: null, unreadable, failure: null, facts: null }, pack: null };
    }
    const { unreadable, failure, pack } = verifyPack(bytes, trusted, tell), facts = pack && factsOf(pack);
    return { verdict: { name, digest: hex(sha256(bytes)), unreadable: plain(unreadable), failure, facts }, pack };
}

function judgeTogether(one, other) {
    if (!one || !other) return { why: "bothFirst" };
    try {
        return { ...compare(one, other), members: one.genesis.members, owner: one.owner };
    } catch (error) {
        if (error instanceof Refused) return { why: "twoChannels" };
        throw error;
    }
}

/** The verdicts on these files, and on the two together if there are two. `tell` hears how far which pack has come. */
export function judge(files, trusted, tell) {
    const judged = files.map((file, k) => judgeOne(file, trusted, (done, all) => tell({ pack: k + 1, done, all })));
    const [one, other] = judged.map(({ pack }) => pack);
    const together = files.length === 2 ? judgeTogether(one, other) : null;
    return { verdicts: judged.map(({ verdict }) => verdict), together };
}
