// How two members' records of one channel stand to each other, and what two packs say together: docs/spec/channel.md,
// "Agreement of two records", and docs/spec/pack.md, "Two packs". The rules at the head of core.js hold here.

import { equal, inOrder, refuse, unhex } from "./core.js";
import { isRestore, namesEntry, positionOf, signedTwice } from "./channel.js";
import { rootOf } from "./log.js";

const lowestFirst = (a, b) => inOrder([a.seq, b.seq], [a.incarnation, b.incarnation], [a.digest, b.digest]);

/** What the owner signed or receipted of the sender: entries by digest, and stretches in which any counts. */
class Known {
    constructor(held, genesisDigest) {
        this.held = held; // digest: entry, of both records
        this.genesisDigest = genesisDigest;
        this.named = new Map(); // digest: { digest, seq, incarnation }
        this.walked = new Set(); // digests from which the way down has been gone to its end
        this.stretches = []; // { incarnation, first, before }: below an entry that neither record holds
    }

    /** The entry of that digest and place counts, and those that it follows: down to the first, or within the run. */
    down({ digest, incarnation }, seq, run = null) {
        const first = run?.first ?? 1, within = (at) => at.seq >= first && (!run || at.incarnation === run.incarnation);
        for (let at = { digest, seq, incarnation }; within(at) && at.digest !== this.genesisDigest;) {
            if (!run && this.walked.has(at.digest)) return;
            if (!run) this.walked.add(at.digest);
            this.named.set(at.digest, at);
            const entry = this.held.get(at.digest);
            if (!entry) {
                this.stretches.push({ incarnation: at.incarnation, first, before: at.seq });
                return;
            }
            const prev = this.held.get(entry.prev);
            if (isRestore(entry) && !prev) return;
            at = { digest: entry.prev, seq: entry.seq - 1, incarnation: prev?.incarnation ?? entry.incarnation };
        }
    }

    add(entry, sender) {
        if (entry.party === sender) this.down(entry, entry.seq);
        const names = (one, seq) => {
            const held = this.held.get(one.digest);
            return !held || (held.party === sender && namesEntry(one, seq, held));
        };
        for (const part of entry.seen.filter(({ party }) => party === sender)) {
            if (names(part, part.seq)) this.down(part, part.seq);
            for (const run of part.beyond) if (names(run, run.last)) this.down(run, run.last, run);
        }
    }

    has({ digest, seq, incarnation }) {
        const within = (one) => one.incarnation === incarnation && one.first <= seq && seq < one.before;
        return this.named.has(digest) || this.stretches.some(within);
    }
}

/** The sender's entries in two records, each `{owner, entries, counts}`: the verdict, and the entry concerned. */
function senderVerdict(sender, records, genesisDigest) {
    const all = new Map(records.flatMap(({ entries }) => entries.map((entry) => [entry.digest, entry])));
    const own = records.map(({ entries }) => new Map(
        entries.filter(({ party }) => party === sender).map((entry) => [entry.digest, entry])));
    const lackers = (digest) => records.filter((_, k) => !own[k].has(digest)).map(({ owner }) => owner);
    const [twice] = signedTwice([...own[0].values(), ...own[1].values()]).sort(([a], [b]) => lowestFirst(a, b));
    if (twice) {
        const digests = twice.map(({ digest }) => digest).sort(), [{ seq, incarnation }] = twice;
        return { verdict: "signed twice", seq, incarnation, digests, lacking: [] };
    }
    const missing = records.flatMap(({ owner, counts }, k) => {
        const known = new Known(all, genesisDigest);
        for (const entry of all.values()) if (entry.party === owner && counts(entry)) known.add(entry, sender);
        const other = [...own[1 - k].values()].filter((entry) => known.has(entry));
        const lacked = [...known.named.values(), ...other].filter(({ digest }) => !own[k].has(digest));
        return lacked.map((one) => ({ ...one, owner }));
    });
    const flying = [...own[0].values(), ...own[1].values()].filter(({ digest }) => lackers(digest).length);
    for (const [verdict, found] of [["missing", missing], ["in flight", flying]]) {
        const [lowest] = found.sort(lowestFirst);
        if (!lowest) continue;
        const { digest, seq, incarnation } = lowest;
        const owners = new Set(missing.filter((one) => one.digest === digest).map(({ owner }) => owner));
        const lacking = lackers(digest).filter((owner) => verdict === "in flight" || owners.has(owner));
        return { verdict, seq, incarnation, digests: [digest], lacking: lacking.sort() };
    }
    return { verdict: "same", seq: null, incarnation: null, digests: [], lacking: [] };
}

/** For each member, in their order, how two records, each `{owner, entries, counts}`, stand to each other. `counts` says
 * of an entry that the owner signed whether its record answers for it and for all that it receipts. */
export const agreement = (genesis, records) =>
    genesis.members.map((sender) => ({ sender, ...senderVerdict(sender, records, genesis.digest) }));

// --- Two packs -------------------------------------------------------------------------------------------------------

/** Two heads of one log: whether they could be compared, and whether they convict it of having two faces. */
function headsOf(one, other) {
    const [small, large] = one.head.size <= other.head.size ? [one, other] : [other, one];
    if (small.head.size === large.head.size) return {
        compared: true, twoFaced: !equal(small.head.root, large.head.root),
    };
    if (large.thread !== null) return { compared: false, twoFaced: false };
    const leaves = large.entries.map(({ digest }) => unhex(digest));
    return { compared: true, twoFaced: !equal(rootOf(leaves, 0, Number(small.head.size)), small.head.root) };
}

/** The record that the pack of a whole channel is. It ends with its head: it does not answer for what its owner signed
 * behind the last of its own entries, as far as it does not hold it. */
function recordOf({ owner, entries, chains }, all) {
    const own = new Set(entries.filter(({ dropped }) => !dropped).map(({ digest }) => digest));
    const last = all.get(chains[owner].at(-1)) ?? { digest: null, seq: 0 }, known = new Map();
    const behind = (entry) => {
        const way = [];
        let lowest = entry;
        for (; lowest.digest !== last.digest && !known.has(lowest.digest); lowest = all.get(lowest.prev)) {
            way.push(lowest.digest);
            if (!all.has(lowest.prev)) break;
        }
        const answer = known.get(lowest.digest) ?? (lowest.digest === last.digest || lowest.seq > last.seq);
        for (const digest of way) known.set(digest, answer);
        return answer;
    };
    return { owner, entries: entries.filter(({ dropped }) => !dropped),
        counts: (entry) => own.has(entry.digest) || !behind(entry) };
}

/** What two packs say together, of which every step holds. `foreign_channel` unless they are of one channel. */
export function compare(one, other) {
    if (one.genesis.digest !== other.genesis.digest) refuse("foreign_channel", "genesis", "packs of two channels");
    const held = (pack) => pack.entries.filter(({ dropped }) => !dropped);
    const twice = signedTwice([...held(one), ...held(other)]).map((entries) => {
        const [{ party, incarnation, seq }] = entries;
        const at = entries.map(({ digest }) => [one, other].map(
            (pack) => pack.entries.find((entry) => entry.digest === digest)?.number ?? null));
        return { party, incarnation, seq, digests: entries.map(({ digest }) => digest), at };
    }).sort((a, b) => inOrder([a.seq, b.seq], [positionOf(a), positionOf(b)]));
    const sameOwner = one.owner === other.owner, whole = one.thread === null && other.thread === null;
    const heads = sameOwner ? headsOf(one, other) : { compared: false, twoFaced: false };
    const all = new Map([...held(one), ...held(other)].map((entry) => [entry.digest, entry]));
    const records = () => [one, other].map((pack) => recordOf(pack, all));
    const senders = whole && !sameOwner ? agreement(one.genesis, records()) : null;
    const against = senders?.some(({ verdict }) => verdict === "signed twice" || verdict === "missing") ?? false;
    return { agrees: !twice.length && !heads.twoFaced && !against, sameOwner, heads, twice, senders };
}
