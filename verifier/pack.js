// Packs, read and verified step by step: docs/spec/pack.md. The rules at the head of core.js hold here, and this one:
// a pack is hostile until the last step holds. Nothing that a caller may show leaves verifyPack before.

import {
    array, blob, canonical, DEEPEST, digits, equal, fields, integer, levels, parseJson, refuse, Refused, rising, text,
    unhex, utf8,
} from "./core.js";
import {
    Channel, checkBelongs, checkFollows, entitled, firstKeys, isRestore, keysAfter, refused,
} from "./channel.js";
import { checkBody, checkGenesis, checkSignatures, entryOf, fieldDigest, readGenesis, ZERO_16 } from "./entry.js";
import { includes, noteKey, openCheckpoint, parseNote, proofPlaces, rootOf } from "./log.js";

const PACK_MOST = 268_435_456, ENTRIES_MOST = 100_000, FIELDS_MOST = 4_096, HASHES_EACH = 64, PACK_LEVELS = 40;
const VALUE_LEVELS = 31; // a field's digest is over canonical JSON in which its value lies one level deep
const TOLD_EACH = 250; // entries between two reports of how far it has come
export const STEPS = ["genesis", "chain", "keys", "signature", "checkpoint", "inclusion", "cosignature", "body",
    "completeness"];

// --- Reading ---------------------------------------------------------------------------------------------------------

/** The pack that these bytes are, of which nothing is verified. A Refused says why it is unreadable. */
function parsePack(bytes) {
    if (bytes.length > PACK_MOST) refuse("limit_exceeded", "pack", `want at most ${PACK_MOST} bytes`);
    const value = parseJson(bytes, PACK_LEVELS);
    if (!(value instanceof Map)) refuse("bad_value", "pack", "want an object");
    if (value.has("format") && value.get("format") !== "tansiq-pack/1") refuse("unknown_format", "format", "another");
    const ofThread = value.get("thread") !== null;
    fields(value, "pack", ["format", "genesis", "thread", "checkpoint", "entries", ...(ofThread ? ["hashes"] : [])]);
    const thread = ofThread ? digits(value.get("thread"), "thread", 16) : null;
    const outer = fields(value.get("genesis"), "genesis", ["roots", "signed"]), signed = outer.get("signed");
    if (levels(signed) > DEEPEST) refuse("limit_exceeded", "genesis.signed", `want at most ${DEEPEST} levels`);
    const genesis = readGenesis(signed, utf8(canonical(signed)), outer.get("roots"));
    const note = text(value.get("checkpoint"), "checkpoint", Infinity);
    const list = array(value.get("entries"), "entries", ENTRIES_MOST);
    const entries = list.map((one, k) => parsePacked(one, k, ofThread));
    rising(entries.map(({ index }) => index), "entries.index");
    const hashes = ofThread ? array(value.get("hashes"), "hashes", HASHES_EACH * entries.length) : [];
    return { genesis, thread, note, entries, hashes: hashes.map((hash) => blob(hash, "hashes", 32)) };
}

/** An entry of the pack: its header, with what stands beside it. */
function parsePacked(value, k, ofThread) {
    const where = `entries[${k}]`;
    fields(value, where, ["body", "signatures", "signed", ...(ofThread ? ["index"] : [])]);
    const index = ofThread ? BigInt(integer(value.get("index"), `${where}.index`, 0)) : BigInt(k);
    const entry = entryOf(value.get("signed"));
    const signatures = array(value.get("signatures"), `${where}.signatures`, 2);
    const shown = array(value.get("body"), `${where}.body`, FIELDS_MOST).map((field) => {
        fields(field, `${where}.body`, ["name", "salt", "value"]);
        const name = text(field.get("name"), `${where}.body.name`, 200), salt = field.get("salt");
        if (name === "") refuse("bad_value", `${where}.body.name`, "want a text");
        blob(salt, `${where}.body.salt`, 16);
        if (levels(field.get("value")) > VALUE_LEVELS) refuse("limit_exceeded", `${where}.body.value`, "too deep");
        return { name, salt, value: field.get("value") };
    });
    rising(shown.map((field) => fieldDigest(field.salt, field.name, field.value)), `${where}.body`);
    const made = signatures.map((one) => blob(one, `${where}.signatures`));
    if (made.length !== entry.keys.length) refuse("bad_value", `${where}.signatures`, "not as many as keys");
    return { ...entry, number: k + 1, index, shown, signatures: made, dropped: false };
}

// --- Verifying -------------------------------------------------------------------------------------------------------

/** Raised where a step does not hold: the step, the entry from 1 or null, and the refusal. */
class NotProved extends Error {
    constructor(step, entry, refusal) {
        super(`${step}, entry ${entry}: ${refusal.message}`);
        Object.assign(this, { step, entry, refusal });
    }
}

/** The act's answer; what it refuses is that this step does not hold, at this entry. */
function at(step, entry, act) {
    try {
        return act();
    } catch (error) {
        throw error instanceof Refused ? new NotProved(step, entry, error) : error;
    }
}

/** What the pack proves to somebody who trusts these roots, given as fingerprints in hexadecimal digits:
 * `{unreadable}` with a Refused, `{failure}` with step, entry, code, field and the steps that held, or `{pack}` of
 * which every step holds. `tell` hears now and then how many entries are done, and how many there are. */
export function verifyPack(bytes, trusted, tell = () => {}) {
    let pack;
    try {
        pack = parsePack(bytes);
    } catch (error) {
        if (error instanceof Refused) return { unreadable: error, failure: null, pack: null };
        throw error;
    }
    try {
        verifySteps(pack, new Set(trusted), tell);
    } catch (error) {
        if (!(error instanceof NotProved)) throw error;
        const { step, entry, refusal: { code, field } } = error;
        return { unreadable: null, failure: { step, entry, code, field, held: pack.held }, pack: null };
    }
    return { unreadable: null, failure: null, pack };
}

function verifySteps(pack, trusted, tell) {
    pack.held = [];
    at("genesis", null, () => {
        checkGenesis(pack.genesis);
        const stranger = pack.genesis.members.find((member) => !trusted.has(member));
        if (stranger) refuse("untrusted_root", "genesis.roots", stranger);
    });
    pack.held.push("genesis");
    pack.places = new Places(pack.genesis, pack.entries);
    if (pack.thread === null) verifyChannel(pack, tell); else verifyThread(pack, tell);
    pack.held.push("chain", "keys", "signature");
    verifyHead(pack);
    pack.entries.forEach((entry) => at("body", entry.number, () => {
        const { contradicting } = checkBody(entry.body, entry.shown);
        if (contradicting.length) refuse("bad_value", "body", "a field of no digest, or a second of one name");
    }));
    pack.held.push("body");
    if (pack.thread === null) return;
    at("completeness", null, () => {
        const any = pack.entries.some(({ thread }) => thread === pack.thread);
        if (!any) refuse("missing_field", "entries", "none is of the thread");
    });
    pack.entries.forEach((entry) => at("completeness", entry.number, () => checkOfThread(entry, pack)));
}

const signed = (entry) => entry.signatures.map((signature, k) => ({ key: entry.keys[k], signature }));

/** Each entry has its turn, and those who wait hear of it. */
function eachEntry(entries, tell, check) {
    for (const entry of entries) {
        if (entry.number % TOLD_EACH === 0) tell(entry.number, entries.length);
        check(entry);
    }
}

/** The entry is of this channel and was not there before. */
function checkOnce(entry, genesis, met) {
    checkBelongs(entry, genesis);
    if (met.has(entry.digest)) refuse("broken_chain", "entry", "twice");
    met.add(entry.digest);
}

/** The whole log, taken as its owner took it: an entry that came beyond a gap may be dropped when the gap closes, and
 * one whose gap never closes is dropped if its keys are not good by what is there. */
function verifyChannel(pack, tell) {
    const { genesis, entries, places } = pack, channel = new Channel(genesis), met = new Set();
    eachEntry(entries, tell, (entry) => {
        const { number, party } = entry, keyOf = (key) => places.keyNamed(party, key);
        at("chain", number, () => {
            checkOnce(entry, genesis, met);
            channel.checkPlace(entry);
        });
        at("keys", number, () => {
            if (!entry.keys.every(keyOf)) refuse("not_entitled", "keys", "named by nobody");
            channel.checkEntitled(entry);
        });
        at("signature", number, () => checkSignatures(entry, signed(entry), keyOf));
        channel.hold(entry);
    });
    for (const entry of entries) entry.dropped = channel.dropped.has(entry.digest);
    pack.places = new Places(genesis, entries.filter(({ dropped }) => !dropped));
    for (const entry of channel.gapped.values()) entry.dropped = !pack.places.isEntitled(entry);
    pack.chains = channel.chains();
}

/** Entries of a thread, of which each is judged by what is in the pack. */
function verifyThread({ genesis, entries, places }, tell) {
    const met = new Set();
    eachEntry(entries, tell, (entry) => {
        const { number, party } = entry;
        at("chain", number, () => {
            checkOnce(entry, genesis, met);
            places.checkPlace(entry);
        });
        at("keys", number, () => places.checkKeys(entry));
        at("signature", number, () => checkSignatures(entry, signed(entry), (key) => places.keyNamed(party, key)));
    });
}

/** The steps about the head: it is the owner's, all entries lie under it, and whose cosignatures it has. */
function verifyHead(pack) {
    const { genesis, places } = pack, [origin] = pack.note.split("\n", 1), note = utf8(pack.note);
    const name = (member) => `tansiq/${genesis.id}/${member}`;
    const keysOf = (member, use, type) => [...places.everHad(member).values()]
        .filter((one) => one.use === use && one.state !== "revoked")
        .map(({ key }) => noteKey(name(member), type, key.bytes));
    pack.owner = genesis.members.find((member) => name(member) === origin) ?? null;
    const logKeys = at("checkpoint", null, () => {
        parseNote(note);
        if (pack.owner === null) refuse("foreign_channel", "checkpoint", "not the log of a member of this channel");
        const keys = keysOf(pack.owner, "log", 1);
        pack.head = openCheckpoint(note, keys);
        return keys;
    });
    pack.held.push("checkpoint");
    verifyInclusion(pack);
    pack.held.push("inclusion");
    const others = genesis.members.filter((member) => member !== pack.owner);
    const witnesses = others.flatMap((member) => keysOf(member, "witness", 4));
    const cosigned = at("cosignature", null, () => {
        const opened = openCheckpoint(note, logKeys, witnesses);
        return opened.ignored ? refuse("not_entitled", "checkpoint", "a line by a stranger") : opened.cosigned;
    });
    pack.held.push("cosignature");
    const memberOf = new Map(genesis.members.map((member) => [name(member), member]));
    pack.cosigned = cosigned.map((one) => ({ member: memberOf.get(one.name), timeS: one.timeS }));
}

function verifyInclusion(pack) {
    const refuseProof = () => refuse("bad_proof", "hashes", "not under this root");
    const { entries, head: { size, root } } = pack;
    const leaves = entries.map((entry) => unhex(entry.digest));
    if (pack.thread === null) {
        at("completeness", null, () => {
            if (BigInt(entries.length) < size) refuse("missing_field", "entries", "fewer than the checkpoint says");
            if (BigInt(entries.length) > size) refuse("bad_value", "entries", "more than the checkpoint says");
        });
        at("inclusion", null, () => equal(rootOf(leaves), root) || refuseProof());
        return;
    }
    const placesOf = (entry) => proofPlaces(entry.index, size).map((place) => place.join("-")), known = new Map();
    for (const entry of entries) {
        at("inclusion", entry.number, () => entry.index < size || refuse("bad_proof", "index", "past the head"));
        for (const place of placesOf(entry)) if (!known.has(place)) known.set(place, pack.hashes[known.size]);
    }
    at("inclusion", null, () => known.size === pack.hashes.length || refuseProof());
    entries.forEach((entry, k) => at("inclusion", entry.number, () => {
        const proof = placesOf(entry).map((place) => known.get(place));
        if (!includes(leaves[k], entry.index, size, root, proof)) refuseProof();
    }));
}

/** The entry belongs in a pack of this thread. Whether it follows there is told by facts.js, and fails nothing. */
function checkOfThread({ thread: of, understood, type, refs }, { thread, places }) {
    if (of === thread) return;
    const refers = type === "RECEIPT" && places.byDigest.get(refs[0])?.thread === thread;
    if (!understood || !(refers || type === "KEY" || type === "RESTORE")) {
        refuse("bad_value", "entries", "neither of the thread nor about it");
    }
}

// --- Places ----------------------------------------------------------------------------------------------------------

/** Where the entries of a pack stand in their chains, as far as those are there, and what keys their parties had. */
class Places {
    constructor(genesis, entries) {
        this.genesis = genesis;
        this.entries = entries;
        this.byDigest = new Map(entries.map((entry) => [entry.digest, entry]));
        this.first = new Map(genesis.members.map((member) => [member, firstKeys(genesis, member)]));
        this.before = new Map(); // digest: the party's keys at that place
        this.changes = new Map(genesis.members.map((member) => [member, []])); // its KEY entries, by rising seq
        this.named = new Map(); // party and fingerprint: the key, as the genesis or any KEY entry names it
        this.began = new Map(); // party and incarnation: the RESTORE
        this.index();
    }

    /** Fills what is asked of all entries. A KEY comes after those with a smaller seq: its keys may rest on them. */
    index() {
        const { genesis: { keys, members, roots }, named } = this;
        for (const { party, key } of keys) named.set(`${party} ${key.fingerprint}`, key);
        members.forEach((member, k) => named.set(`${member} ${member}`, roots[k].key));
        for (const entry of this.entries.filter(({ party }) => members.includes(party))) {
            const { party, control } = entry, place = `${party} ${entry.incarnation}`;
            if (isRestore(entry) && !this.began.has(place)) this.began.set(place, entry);
            if (control?.act) this.changes.get(party).push(entry);
            if (control?.act === "add") named.set(`${party} ${control.added.key.fingerprint}`, control.added.key);
        }
        for (const changes of this.changes.values()) {
            changes.sort((a, b) => a.seq - b.seq);
            for (const change of changes) this.keysBefore(change);
        }
    }

    keyNamed(party, fingerprint) {
        return this.named.get(`${party} ${fingerprint}`);
    }

    /** The entry before this one in its party's chain, if the pack has it. */
    prevOf(entry) {
        const prev = this.byDigest.get(entry.prev);
        return prev && prev.party === entry.party ? prev : null;
    }

    /** The entries on the way down, this one first, until one that is answered, or the last that is there. */
    down(entry, answered) {
        const way = [];
        for (let one = entry; one && !answered.has(one.digest); one = this.prevOf(one)) way.push(one);
        return way;
    }

    keysBefore(entry) {
        for (const one of this.down(entry, this.before).reverse()) {
            const prev = this.prevOf(one), atGenesis = one.prev === this.genesis.digest;
            const open = () => (atGenesis ? this.first.get(one.party) : this.acrossGap(one));
            this.before.set(one.digest, prev ? this.changed(prev, this.before.get(prev.digest)) : open());
        }
        return this.before.get(entry.digest);
    }

    /** These keys of the party, changed by its entry: one that nobody was entitled to sign changes nothing. */
    changed(entry, keys) {
        return entry.control?.act && this.isEntitled(entry) ? keysAfter(entry, keys).keys : keys;
    }

    /** The party's keys above a gap: the KEY entries that are there count as far as they can lie below it. */
    acrossGap({ party, incarnation, seq }) {
        const restored = this.began.get(`${party} ${incarnation}`)?.seq ?? Infinity;
        const elsewhere = incarnation === ZERO_16 ? 0 : Math.min(seq, restored);
        const below = (one) => one.seq < (one.incarnation === incarnation ? seq : elsewhere);
        const changes = this.changes.get(party).filter(below);
        return changes.reduce((keys, one) => this.changed(one, keys), this.first.get(party));
    }

    checkKeys(entry) {
        const keys = this.keysBefore(entry);
        if (!entry.byRoot) entry.keys.forEach((key) => entitled(entry, keys.get(key)));
    }

    isEntitled(entry) {
        return !refused(() => this.checkKeys(entry));
    }

    /** The entry follows from the one that it names, as far as that is there. */
    checkPlace(entry) {
        const prev = this.byDigest.get(entry.prev) ?? null;
        if (prev || entry.prev === this.genesis.digest) checkFollows(entry, prev);
        if (!isRestore(entry)) return;
        const [, ...below] = this.down(entry, new Map()), past = [ZERO_16, ...below.map((one) => one.incarnation)];
        if (past.includes(entry.incarnation)) refuse("broken_chain", "incarnation", "not a new one");
    }

    /** Every key that the member ever had in the pack; revoked is one that any entry revokes. */
    everHad(member) {
        const all = new Map(this.first.get(member));
        for (const entry of this.entries) {
            if (entry.party !== member || !entry.control?.act) continue;
            for (const [name, key] of this.changed(entry, this.keysBefore(entry))) {
                if (all.get(name)?.state !== "revoked") all.set(name, key);
            }
        }
        return all;
    }
}

// --- Many at once ----------------------------------------------------------------------------------------------------

/** A verdict in the words of the vectors. */
export function stated({ unreadable, failure }) {
    if (unreadable) return { unreadable: unreadable.code };
    return failure ? { step: failure.step, entry: failure.entry, code: failure.code } : { proved: true };
}

/** The verdicts on a list of `{pack, trust}`. One with `changes`, each `[at, cut, put]` in UTF-16 units, stands for the
 * packs that each of them alone makes of it. */
export const statedOf = (list) => list.flatMap(({ pack, trust, changes }) => {
    const made = changes?.map(([from, cut, put]) => pack.slice(0, from) + put + pack.slice(from + cut)) ?? [pack];
    return made.map((one) => stated(verifyPack(utf8(one), trust)));
});
