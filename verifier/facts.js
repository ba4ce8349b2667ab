// What a pack of which every step holds says, and what in it was receipted, answered or made void: docs/spec/pack.md,
// "What a verdict says". The rules at the head of core.js hold here. Nothing here decides whether a pack is proved.

import { keysAfter, namesEntry } from "./channel.js";
import { checkBody, ZERO_16 } from "./entry.js";

/** The digests of the party's entries that these entries cover in their `seen`. */
function coverage(entries, party, places) {
    const covered = new Set(), walked = new Set();
    const named = (one, seq) => {
        const entry = places.byDigest.get(one.digest);
        return entry?.party === party && namesEntry(one, seq, entry) ? entry : null;
    };
    for (const part of entries.flatMap(({ seen }) => seen).filter((one) => one.party === party)) {
        for (let one = named(part, part.seq); one && !walked.has(one.digest); one = places.prevOf(one)) {
            walked.add(one.digest);
        }
        for (const run of part.beyond) {
            const within = (one) => one && one.seq >= run.first && one.incarnation === run.incarnation;
            for (let one = named(run, run.last); within(one); one = places.prevOf(one)) covered.add(one.digest);
        }
    }
    return new Set([...covered, ...walked]);
}

/** The digests of the party's entries that are this one or follow it. */
function following(entry, entries, places) {
    const answer = new Map([[entry.digest, true]]);
    for (const start of entries) {
        const way = places.down(start, answer), last = way.at(-1) ?? start;
        const onwards = answer.get(places.prevOf(last)?.digest ?? last.digest) ?? false;
        for (const one of way) answer.set(one.digest, onwards);
    }
    return new Set([...answer].filter(([, follows]) => follows).map(([digest]) => digest));
}

/** The digests of the entries that a revocation has made void: docs/spec/channel.md, "Keys by position". */
function voidEntries({ entries, places }) {
    const held = entries.filter(({ dropped }) => !dropped), lost = new Set();
    for (const revocation of held.filter((entry) => keysAfter(entry, places.keysBefore(entry)).revokes)) {
        const { party, control: { key, incarnation, lastGood } } = revocation;
        const own = held.filter((entry) => entry.party === party).sort((a, b) => a.seq - b.seq);
        const after = following(revocation, own, places);
        const leading = new Set(places.down(revocation, new Map()).map(({ digest }) => digest));
        const follows = (one, seq) =>
            after.has(one.digest) && namesEntry(one, seq, places.byDigest.get(one.digest));
        const within = ({ first, incarnation: of }) => first <= revocation.seq && of === revocation.incarnation;
        const reaches = (run) => follows(run, run.last) && within(run);
        const coversIt = ({ seen }) => seen.some((part) => part.party === party
            && (follows(part, part.seq) || part.beyond.some(reaches)));
        const saved = coverage(held.filter((entry) => entry.party !== party && !coversIt(entry)), party, places);
        const bad = new Set([key]);
        for (const entry of own) {
            if (!entry.keys.some((one) => bad.has(one)) || saved.has(entry.digest)) continue;
            const placed = entry.incarnation === incarnation || leading.has(entry.digest);
            if (entry.seq <= lastGood && placed) continue;
            lost.add(entry.digest);
            if (entry.control?.act === "add") bad.add(entry.control.added.key.fingerprint);
        }
    }
    return lost;
}

/** The digests of the thread's entries that follow from their member's first on, through entries in the pack. */
function followingInThread({ entries, places, thread }) {
    const follow = new Set();
    for (const entry of entries.filter((one) => one.thread === thread).sort((a, b) => a.threadSeq - b.threadSeq)) {
        const { digest, party, threadSeq } = entry, before = places.byDigest.get(entry.threadPrev);
        const follows = before && before.party === party && before.threadSeq === threadSeq - 1
            && follow.has(before.digest);
        if (threadSeq === 1 || follows) follow.add(digest);
    }
    return follow;
}

/** How far each member's entries in the thread follow each other, and how many do not. */
function throughOf({ genesis, entries, thread }, follow) {
    return genesis.members.map((member) => {
        const own = entries.filter((entry) => entry.party === member && entry.thread === thread);
        const following = own.filter(({ digest }) => follow.has(digest));
        const last = following.reduce((most, { threadSeq }) => Math.max(most, threadSeq), 0);
        return { member, last, loose: own.length - following.length };
    });
}

/** Runs `[first, last]` of the numbers in the member's chain that lie below entries of the pack and are not in it. An
 * entry of another incarnation may stand at such a number: it hides none where it cannot lie below. */
function absentOf(member, { genesis, entries, places }) {
    const own = entries.filter(({ party }) => party === member).sort((a, b) => a.seq - b.seq), runs = [];
    const highest = new Map([[ZERO_16, 0]]); // by incarnation, of the entries so far
    let highestOfAll = 0;
    for (const entry of own) {
        const { seq, incarnation } = entry, below = highest.get(incarnation) ?? highestOfAll;
        const gap = entry.prev !== genesis.digest && !places.prevOf(entry);
        // The number right below is absent even where another entry has it, since that is not the one named.
        if (gap) runs.push([Math.min(below + 1, seq - 1), seq - 1]);
        highest.set(incarnation, seq);
        highestOfAll = seq;
    }
    return inFewest(runs);
}

/** The same numbers in as few runs as hold them, from the lowest up. */
function inFewest(runs) {
    const out = [];
    for (const [first, last] of runs.sort(([a], [b]) => a - b)) {
        const before = out.at(-1);
        if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last); else out.push([first, last]);
    }
    return out;
}

/** Each key that signed the entry: for which office, and who named it: the genesis (null) or an entry's number. */
function signersOf(entry, places) {
    return entry.keys.map((fingerprint) => {
        const held = places.keysBefore(entry).get(fingerprint);
        const namedBy = held?.by ? held.by.number : null, root = fingerprint === entry.party;
        return { fingerprint, root, office: held?.office ?? "", state: held?.state ?? "good", namedBy };
    });
}

/** Which members have receipted the entry, and by what. Entries that are nobody's word, or void, receipt nothing. */
function receiptsOf(entry, { genesis, receiptFor, covered }) {
    return genesis.members.filter((member) => member !== entry.party).flatMap((member) => {
        const receipt = receiptFor.get(`${member} ${entry.digest}`);
        if (receipt) return [{ member, number: receipt.number, ...receipt.control }];
        return covered.get(`${member} ${entry.party}`).has(entry.digest) ? [{ member, number: null }] : [];
    });
}

function factOf(entry, pack, context) {
    const { places } = pack, { dropped } = entry, numberOf = (digest) => context.numbers.get(digest) ?? null;
    const { leftOut } = checkBody(entry.body, entry.shown);
    return {
        number: entry.number, party: entry.party, office: entry.office, type: entry.type, understood: entry.understood,
        seq: entry.seq, issuedAt: entry.issuedAt, digest: entry.digest,
        control: entry.control, dropped, void: context.lost.has(entry.digest),
        loose: pack.thread !== null && entry.thread === pack.thread && !context.follow.has(entry.digest),
        signers: dropped ? [] : signersOf(entry, places), refs: entry.refs.map(numberOf),
        shown: dropped ? [] : entry.shown.map(({ name, value }) => ({ name, value })),
        leftOut: dropped ? entry.body.length : leftOut.length, fields: entry.body.length,
        receipts: dropped ? [] : receiptsOf(entry, { ...context, genesis: pack.genesis }),
        answers: context.answers.get(entry.digest) ?? [],
    };
}

/** One that says `checked` goes before one that says `absent`; else the first stays. */
const saysMore = (receipt, held) => !held || (held.control.body === "absent" && receipt.control.body === "checked");

const ANSWERING = ["READ-BACK", "ACKNOWLEDGE", "DECLINE", "DELETED"];

/** Everything that may be shown of a proved pack. */
export function factsOf(pack) {
    const { genesis, entries, places, owner, head, cosigned, thread } = pack, lost = voidEntries(pack);
    const follow = thread === null ? null : followingInThread(pack);
    const heard = entries.filter((entry) => !entry.dropped && !lost.has(entry.digest));
    const receiptFor = new Map(), answers = new Map(), covered = new Map();
    for (const entry of heard.filter(({ understood }) => understood)) {
        const [ref] = entry.refs, { party, type, number } = entry;
        const held = receiptFor.get(`${party} ${ref}`);
        if (type === "RECEIPT" && saysMore(entry, held)) receiptFor.set(`${party} ${ref}`, entry);
        if (ANSWERING.includes(type)) answers.set(ref, [...(answers.get(ref) ?? []), { type, party, number }]);
    }
    for (const member of genesis.members) {
        const said = heard.filter(({ party }) => party === member);
        for (const sender of genesis.members) covered.set(`${member} ${sender}`, coverage(said, sender, places));
    }
    const numbers = new Map(entries.map(({ digest, number }) => [digest, number]));
    const context = { lost, follow, receiptFor, covered, answers, numbers };
    return {
        channel: genesis.id, track: genesis.track, members: genesis.members, owner, thread,
        size: head.size, root: head.root, cosigned, oneSided: !cosigned.some(({ member }) => member !== owner),
        through: follow && throughOf(pack, follow),
        absent: follow && genesis.members.map((member) => ({ member, runs: absentOf(member, pack) })),
        entries: entries.map((entry) => factOf(entry, pack, context)),
    };
}
