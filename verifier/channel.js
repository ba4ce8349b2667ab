// A channel's chains: docs/spec/channel.md. The rules at the head of core.js hold here.

import { canonical, inOrder, refuse, Refused } from "./core.js";
import { checkSignatures, parseEntry, parseEnvelope, parseGenesis, ZERO_16 } from "./entry.js";

const URGENT = ["CEASE", "DISTRESS"];

/** By fingerprint, what the party's keys are before its first entry. */
export function firstKeys(genesis, member) {
    const own = genesis.keys.filter(({ party }) => party === member);
    return new Map(own.map(({ key, use, office }) => [key.fingerprint, { key, use, office, state: "good", by: null }]));
}

/** The entry is of this channel, by a member, and names every other one in `seen`; else `foreign_channel`. */
export function checkBelongs(entry, genesis) {
    if (entry.channel !== genesis.id) refuse("foreign_channel", "channel", entry.channel);
    if (!genesis.members.includes(entry.party)) refuse("foreign_channel", "party", entry.party);
    const others = genesis.members.filter((member) => member !== entry.party);
    if (canonical(entry.seen.map(({ party }) => party)) !== canonical(others)) {
        refuse("foreign_channel", "seen", "want every other member and nobody else");
    }
}

/** The entry stands right after the one before it, which is null after the genesis; else `broken_chain`. */
export function checkFollows(entry, before) {
    if (before && before.party !== entry.party) refuse("broken_chain", "prev", "an entry of another party");
    if (entry.seq !== (before?.seq ?? 0) + 1) refuse("broken_chain", "seq", `after ${before?.seq ?? 0}`);
    const incarnation = before?.incarnation ?? ZERO_16;
    if ((entry.incarnation !== incarnation) !== isRestore(entry)) {
        refuse("broken_chain", "incarnation", "changed by a RESTORE and by nothing else");
    }
}

export const isRestore = (entry) => entry.understood && entry.type === "RESTORE";

/** Whether a part of `seen`, or a run of it, names this entry: what names no entry receipts nothing. */
export const namesEntry = ({ digest, incarnation }, seq, entry) =>
    entry.digest === digest && entry.incarnation === incarnation && entry.seq === seq;

/** What a channel's envelopes, taken one by one, come to. Take, then ask: chains, voidEntries, convictions. */
export class Channel {
    constructor(genesis) {
        this.genesis = genesis;
        this.joined = new Map(); // digest: { entry, parent, keys after it }, a tree over the genesis for each party
        this.gapped = new Map(); // digest: entry whose signatures hold, of a key that the party is known to have named
        this.waiting = new Map(); // digest that is not in a chain: those of gapped entries that follow it
        this.strange = new Map(); // digest: { entry, signatures } by a key that nobody is known to have named yet
        this.named = new Map(); // party: fingerprint: { key, by: how many held KEY entries name it }, the genesis too
        this.first = new Map(); // party: its keys at the genesis
        this.order = []; // every held entry, as it came
        this.dropped = new Set(); // the digests of those that were held until their gap closed
        genesis.members.forEach((member, k) => {
            const first = firstKeys(genesis, member);
            this.first.set(member, first);
            const known = [...first.values()].map(({ key }) => [key.fingerprint, { key, by: 1 }]);
            this.named.set(member, new Map([...known, [member, { key: genesis.roots[k].key, by: 1 }]]));
        });
    }

    static of(genesisBytes) {
        return new Channel(parseGenesis(genesisBytes));
    }

    /** Where the envelope came to lie: IN_CHAIN, BEYOND_GAP, KEY_UNKNOWN, KNOWN. A Refused changes nothing. */
    take(bytes) {
        const { signed, signatures } = parseEnvelope(bytes), entry = parseEntry(signed);
        checkBelongs(entry, this.genesis);
        if (this.entryOf(entry.digest)) return "KNOWN";
        if (!this.holdsPrev(entry) && entry.keys.some((key) => !this.keyOf(entry.party, key))) {
            this.strange.set(entry.digest, { entry, signatures });
            return "KEY_UNKNOWN";
        }
        this.checkPlace(entry);
        this.checkKeys(entry);
        this.checkSigned(entry, signatures);
        return this.hold(entry);
    }

    /** The entry, of which all is checked, lies where it belongs from now on. */
    hold(entry) {
        const inChain = this.holdsPrev(entry);
        if (inChain) this.join(entry); else this.wait(entry);
        this.keep(entry);
        if (inChain) this.closeGaps(entry.digest);
        this.settle();
        return inChain ? "IN_CHAIN" : "BEYOND_GAP";
    }

    wait(entry) {
        this.gapped.set(entry.digest, entry);
        if (!this.waiting.has(entry.prev)) this.waiting.set(entry.prev, []);
        this.waiting.get(entry.prev).push(entry.digest);
    }

    holdsPrev(entry) {
        return entry.prev === this.genesis.digest || this.joined.has(entry.prev);
    }

    entryOf(digest) {
        return this.joined.get(digest)?.entry ?? this.gapped.get(digest);
    }

    keyOf(party, fingerprint) {
        return this.named.get(party)?.get(fingerprint)?.key;
    }

    /** The entry follows from the one that it names, as far as that is held; else `broken_chain`. */
    checkPlace(entry) {
        const prev = this.entryOf(entry.prev), parent = this.joined.get(entry.prev);
        if (prev && prev.party !== entry.party) refuse("broken_chain", "prev", "an entry of another party");
        if (!this.holdsPrev(entry)) return;
        checkFollows(entry, parent?.entry ?? null);
        const again = isRestore(entry) && this.pastOf(parent).has(entry.incarnation);
        if (again) refuse("broken_chain", "incarnation", "not a new one");
    }

    /** The incarnations that an entry after this one must not begin. */
    pastOf(parent) {
        return parent?.past ?? new Set([ZERO_16]);
    }

    /** Its keys are good at its place; where that is not known, its party is known to have named them. */
    checkKeys(entry) {
        this.checkEntitled(entry);
        if (entry.keys.some((key) => !this.keyOf(entry.party, key))) refuse("not_entitled", "keys", "named by nobody");
    }

    checkEntitled(entry) {
        const keys = this.keysBefore(entry);
        if (keys && !entry.byRoot) entry.keys.forEach((key) => entitled(entry, keys.get(key)));
    }

    checkSigned(entry, signatures) {
        checkSignatures(entry, signatures, (key) => this.keyOf(entry.party, key));
    }

    /** The party's keys at the entry's place, or null while that is not known. */
    keysBefore(entry) {
        const parent = this.joined.get(entry.prev);
        if (parent && parent.entry.party === entry.party) return parent.keys;
        return entry.prev === this.genesis.digest ? this.first.get(entry.party) : null;
    }

    keep(entry) {
        this.order.push(entry);
        this.strange.delete(entry.digest);
        this.name(entry, 1);
    }

    /** What the entry names is known once more, or once less. */
    name({ control, party }, times) {
        if (control?.act !== "add") return;
        const named = this.named.get(party), { key } = control.added;
        const by = (named.get(key.fingerprint)?.by ?? 0) + times;
        if (by) named.set(key.fingerprint, { key, by }); else named.delete(key.fingerprint);
    }

    /** The entry stands after its predecessor, or is refused. */
    join(entry) {
        this.checkPlace(entry);
        this.checkEntitled(entry);
        const keys = this.keysBefore(entry), before = this.pastOf(this.joined.get(entry.prev));
        const past = isRestore(entry) ? new Set([...before, entry.incarnation]) : before;
        this.joined.set(entry.digest, { entry, past, ...keysAfter(entry, keys) });
    }

    /** What waited for this entry, which has joined, joins as well or is dropped. */
    closeGaps(joined) {
        for (const closed = [joined]; closed.length;) {
            const digest = closed.pop(), after = this.waiting.get(digest) ?? [];
            this.waiting.delete(digest);
            for (const one of after) {
                const entry = this.gapped.get(one);
                this.gapped.delete(one);
                if (refused(() => this.join(entry))) this.drop(entry); else closed.push(one);
            }
        }
    }

    /** What waited for a key that has been named, or for the entry before it, is looked at again. */
    settle() {
        for (let moved = true; moved;) {
            moved = false;
            for (const [digest, { entry, signatures }] of [...this.strange]) {
                const known = entry.keys.every((key) => this.keyOf(entry.party, key));
                if (!known && !this.joined.has(entry.prev)) continue;
                moved = true;
                this.strange.delete(digest);
                if (refused(() => this.checkSigned(entry, signatures))) continue;
                this.keep(entry);
                this.wait(entry);
                if (this.joined.has(entry.prev)) this.closeGaps(entry.prev);
            }
        }
    }

    drop(entry) {
        this.order.splice(this.order.indexOf(entry), 1);
        this.name(entry, -1);
        this.dropped.add(entry.digest);
    }

    /** By party, the digests of its chain from the first entry on. */
    chains() {
        const after = new Map(); // party and digest: its entries in a chain that follow that one, as they came
        for (const entry of this.order.filter(({ digest }) => this.joined.has(digest))) {
            const place = `${entry.party} ${entry.prev}`;
            if (!after.has(place)) after.set(place, []);
            after.get(place).push(entry);
        }
        const follow = (party) => {
            const chain = [];
            for (let at = this.genesis.digest; at; chain.push(at)) at = goesOn(after.get(`${party} ${at}`) ?? []);
            return chain.slice(0, -1);
        };
        return Object.fromEntries(this.genesis.members.map((party) => [party, follow(party)]));
    }

    /** How many proofs there are that two different entries were signed for one position. */
    convictions() {
        return signedTwice(this.order).reduce((sum, { length: n }) => sum + (n * (n - 1)) / 2, 0);
    }

    /** Whether the entry of that digest is the earlier one, or leads to the later one. */
    leads(digest, later) {
        for (let at = later; at; at = this.entryOf(at)?.prev) if (at === digest) return true;
        return false;
    }

    /** Whether the entry, another member's, has the one of that digest in its `seen`. */
    covers(entry, wanted) {
        const part = entry.seen.find(({ party }) => party === wanted.party);
        if (!part) return false;
        const named = (one, seq) => namesEntry(one, seq, this.entryOf(one.digest) ?? {});
        const within = ({ first, last, incarnation }) =>
            first <= wanted.seq && wanted.seq <= last && incarnation === wanted.incarnation;
        return (named(part, part.seq) && this.leads(wanted.digest, part.digest))
            || part.beyond.some((run) => within(run) && named(run, run.last) && this.leads(wanted.digest, run.digest));
    }

    /** The digests of the chain's entries that a revocation in it has made void, for each party in its order. */
    voidEntries() {
        const out = [];
        for (const [party, chain] of Object.entries(this.chains())) {
            const entries = chain.map((digest) => this.entryOf(digest)), revoked = [];
            for (const entry of entries) if (this.joined.get(entry.digest).revokes) revoked.push(entry);
            const lost = new Set(), bad = new Map(revoked.map((entry) => [entry.control.key, entry]));
            for (const entry of entries) {
                const by = entry.keys.map((key) => bad.get(key)).find((one) => one && this.isVoid(entry, one));
                if (!by) continue;
                lost.add(entry.digest);
                if (entry.control?.act === "add") bad.set(entry.control.added.key.fingerprint, by);
            }
            out.push(...[...lost].filter((digest) => this.entryOf(digest).party === party));
        }
        return out;
    }

    isVoid(entry, revocation) {
        const { incarnation, lastGood } = revocation.control;
        const placed = entry.incarnation === incarnation || this.leads(entry.digest, revocation.digest);
        if (entry.seq <= lastGood && placed) return false;
        return !this.order.some((other) => other.party !== entry.party && this.covers(other, entry)
            && !this.covers(other, revocation));
    }
}

/** The digest of the one of these with which the chain goes on: the last RESTORE, else the one that came first. */
function goesOn(after) {
    const restores = after.filter(isRestore);
    restores.sort((a, b) => inOrder([b.issuedAt, a.issuedAt], [b.incarnation, a.incarnation]));
    return (restores[0] ?? after[0])?.digest ?? null;
}

export function refused(act) {
    try {
        act();
        return false;
    } catch (error) {
        if (error instanceof Refused) return true;
        throw error;
    }
}

export const positionOf = ({ party, incarnation, seq }) => `${party} ${incarnation} ${seq}`;

/** The different entries of each position that has more than one of these. */
export function signedTwice(entries) {
    const byPosition = new Map();
    for (const entry of entries) {
        const held = byPosition.get(positionOf(entry)) ?? [];
        if (!held.some(({ digest }) => digest === entry.digest)) byPosition.set(positionOf(entry), [...held, entry]);
    }
    return [...byPosition.values()].filter((held) => held.length > 1);
}

/** The key may sign this entry at this place; else `not_entitled`. */
export function entitled(entry, key) {
    const fits = key && key.use === "entry" && key.office === entry.office;
    const urgent = entry.understood && URGENT.includes(entry.type);
    if (!fits || key.state === "revoked" || (key.state === "retired" && !urgent)) {
        refuse("not_entitled", "keys", key ? `${key.state}, for ${key.use}, of ${key.office}` : "named by nobody here");
    }
}

/** The party's keys after its entry; `revokes` where it took one away. What its signer may not give changes nothing. */
export function keysAfter(entry, keys) {
    const { control } = entry, same = { keys, revokes: false };
    if (entry.type !== "KEY" || !control) return same;
    const after = new Map(keys);
    if (control.act === "revoke") {
        if (!entry.byRoot || !keys.has(control.key)) return same;
        after.set(control.key, { ...keys.get(control.key), state: "revoked" });
        return { keys: after, revokes: true };
    }
    const { added: { key, use, office }, retires } = control, old = keys.get(retires);
    const handover = entry.keys.includes(retires) && old?.use === use && old?.office === office;
    if (keys.has(key.fingerprint) || key.fingerprint === entry.party || !(entry.byRoot || handover)) return same;
    if (retires !== null && !old) return same;
    if (old && old.state === "good") after.set(retires, { ...old, state: "retired" });
    after.set(key.fingerprint, { key, use, office, state: "good", by: entry });
    return { keys: after, revokes: false };
}
