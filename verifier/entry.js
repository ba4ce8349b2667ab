// Entries, envelopes, bodies and the genesis: docs/spec/envelope.md and channel.md. The rules at the head of core.js
// hold here. Ids and digests are kept as hexadecimal digits.

import {
    array, blob, canonical, compareBytes, DEEPEST, digits, fields, hex, inOrder, integer, join, levels, parseJson,
    refuse, rising, text, unique, utf8,
} from "./core.js";
import { publicKey, sha256, verify, X25519 } from "./crypto.js";
import { leafHash } from "./log.js";

// --- Entries and envelopes (docs/spec/envelope.md) -------------------------------------------------------------------

export const ZERO_16 = "0".repeat(32);
const ZERO_32 = "0".repeat(64);
const HEADER = ["v", "type", "channel", "party", "office", "keys", "incarnation", "seq", "prev", "issued_at", "seen",
    "refs", "body"];
const THREAD = ["thread", "thread_prev", "thread_seq"];
const PLAIN = ["ADOPT", "CEASE", "CLOSE", "DISTRESS", "NOTICE"];
const ANSWERS = ["READ-BACK", "ACKNOWLEDGE", "DECLINE", "DELETED"], CONTROLLED = ["KEY", "RESTORE", "RECEIPT"];
const USES = ["entry", "log", "witness", "transport", "encryption"];
const SIGNED_MOST = 1_048_576;

/** The header that the signed bytes are. `understood` is false of a later version and of an unknown type. */
export function parseEntry(signed) {
    if (signed.length > SIGNED_MOST) refuse("limit_exceeded", "signed", `want at most ${SIGNED_MOST} bytes`);
    return parseHeader(parseJson(signed), signed);
}

/** The same of the JSON that stands in a pack: its canonical form is what was signed. */
export function entryOf(value) {
    if (levels(value) > DEEPEST) refuse("limit_exceeded", "signed", `want at most ${DEEPEST} levels`);
    const signed = utf8(canonical(value));
    if (signed.length > SIGNED_MOST) refuse("limit_exceeded", "signed", `want at most ${SIGNED_MOST} bytes`);
    return parseHeader(value, signed);
}

function parseHeader(value, signed) {
    if (!(value instanceof Map)) refuse("bad_value", "entry", "want an object");
    const of = (name) => value.get(name), type = of("type");
    const controlled = CONTROLLED.includes(type), known = controlled || PLAIN.includes(type) || ANSWERS.includes(type);
    const later = typeof of("v") === "number" && of("v") > 1;
    const threaded = THREAD.some((name) => value.has(name)) ? THREAD : [];
    const wanted = [...HEADER, ...threaded, ...(controlled ? ["control"] : [])];
    fields(value, "entry", wanted, { optional: known ? [] : ["control"], more: later });
    integer(of("v"), "v", 1);
    if (typeof type !== "string" || !/^[A-Z][A-Z0-9-]{0,31}$/.test(type)) {
        refuse("bad_value", "type", "want a word of A-Z, 0-9 and -");
    }
    const understood = known && !later, ids = parseIds(value), byRoot = ids.keys.includes(ids.party);
    const header = {
        ...ids, type, understood, byRoot, signed, digest: hex(leafHash(signed)), office: of("office"),
        seq: integer(of("seq"), "seq", 1), issuedAt: integer(of("issued_at"), "issued_at", -Infinity),
        ...(threaded.length ? parseThread(value) : { thread: null }),
        seen: rising(array(of("seen"), "seen", 64).map(parseSeen), "seen", (a, b) => inOrder([a.party, b.party])),
    };
    if (understood && ANSWERS.includes(type) && ids.refs.length !== 1) refuse("bad_value", "refs", "want exactly one");
    checkSigners(header);
    return { ...header, control: understood && controlled ? parseControl(of("control"), header) : null };
}

function parseIds(value) {
    const id = (name, bytes) => digits(value.get(name), name, bytes);
    const list = (name, most) => array(value.get(name), name, most).map((one) => digits(one, name, 32));
    const keys = rising(list("keys", 2), "keys");
    if (keys.length === 0) refuse("bad_value", "keys", "want one or two");
    return {
        channel: id("channel", 16), party: id("party", 32), keys, incarnation: id("incarnation", 16),
        prev: id("prev", 32), refs: unique(list("refs", 1000), "refs"), body: rising(list("body", 4096), "body"),
    };
}

/** The root signs alone, for no office, and nothing but its own types. */
function checkSigners({ byRoot, keys, office, understood, type }) {
    text(office, "office", 200);
    if (byRoot && keys.length > 1) refuse("not_entitled", "keys", "the root signs alone");
    if (byRoot !== (office === "")) refuse("bad_value", "office", "want no office exactly where the root signs");
    if (understood && byRoot && !["KEY", "RESTORE"].includes(type)) {
        refuse("not_entitled", "keys", "the root signs nothing but KEY and RESTORE");
    }
}

function parseThread(value) {
    const thread = digits(value.get("thread"), "thread", 16);
    const prev = digits(value.get("thread_prev"), "thread_prev", 32);
    const seq = integer(value.get("thread_seq"), "thread_seq", 1);
    if ((seq === 1) !== (prev === ZERO_32)) refuse("bad_value", "thread_prev", "zeros are for the first");
    return { thread, threadPrev: prev, threadSeq: seq };
}

function parseSeen(part) {
    fields(part, "seen", ["beyond", "digest", "incarnation", "party", "seq"]);
    const beyond = array(part.get("beyond"), "seen.beyond", 64).map((run) => {
        fields(run, "seen.beyond", ["digest", "first", "incarnation", "last"]);
        const first = integer(run.get("first"), "seen.beyond.first", 1);
        const last = integer(run.get("last"), "seen.beyond.last", first);
        const incarnation = digits(run.get("incarnation"), "seen.beyond.incarnation", 16);
        return { digest: digits(run.get("digest"), "seen.beyond.digest", 32), first, last, incarnation };
    });
    rising(beyond, "seen.beyond", (a, b) => inOrder([a.incarnation, b.incarnation], [a.first, b.first],
        [a.last, b.last], [a.digest, b.digest]));
    const seq = integer(part.get("seq"), "seen.seq", 0);
    const incarnation = digits(part.get("incarnation"), "seen.incarnation", 16);
    const digest = digits(part.get("digest"), "seen.digest", 32);
    return { party: digits(part.get("party"), "seen.party", 32), seq, incarnation, digest, beyond };
}

function parseControl(control, { type, byRoot, refs }) {
    if (type === "KEY") return parseKeyControl(control);
    if (type === "RESTORE") {
        if (!byRoot) refuse("not_entitled", "keys", "a RESTORE is signed by the root");
        return { shown: integer(fields(control, "control", ["shown"]).get("shown"), "control.shown", 0) };
    }
    fields(control, "control", ["body", "received_at"]);
    if (!["checked", "absent"].includes(control.get("body"))) refuse("bad_value", "control.body", "checked or absent");
    if (refs.length !== 1) refuse("bad_value", "refs", "a RECEIPT has exactly one");
    const receivedAt = integer(control.get("received_at"), "control.received_at", -Infinity);
    return { body: control.get("body"), receivedAt };
}

function parseKeyControl(control) {
    const act = control instanceof Map ? control.get("act") : refuse("bad_value", "control", "want an object");
    if (act === undefined) refuse("missing_field", "control.act", "absent");
    if (act === "revoke") {
        fields(control, "control", ["act", "incarnation", "key", "last_good"]);
        return { act, key: digits(control.get("key"), "control.key", 32),
            incarnation: digits(control.get("incarnation"), "control.incarnation", 16),
            lastGood: integer(control.get("last_good"), "control.last_good", 0) };
    }
    if (act !== "add") refuse("bad_value", "control.act", "want add or revoke");
    fields(control, "control", ["act", "added", "retires"]);
    const retires = control.get("retires") === null ? null : digits(control.get("retires"), "control.retires", 32);
    return { act, added: parseNamed(fields(control.get("added"), "control.added", ["key", "office", "use"])), retires };
}

/** A key with its use and office, as a genesis and a KEY entry name it. */
function parseNamed(value) {
    const key = publicKey(blob(value.get("key"), "key"), "key"), use = value.get("use");
    if (!USES.includes(use)) refuse("bad_value", "use", `want one of ${USES}`);
    if ((key.type === X25519) !== (use === "encryption")) refuse("bad_key", "key", `not a key for ${use}`);
    const office = text(value.get("office"), "office", 200);
    if ((office === "") !== (use !== "entry")) refuse("bad_value", "office", "want one exactly for the use entry");
    return { key, use, office };
}

/** The signed bytes and the signatures of an envelope; nothing is verified yet. */
export function parseEnvelope(bytes) {
    const value = fields(parseJson(bytes), "envelope", ["signatures", "signed", "v"]);
    if (integer(value.get("v"), "envelope.v", 1) !== 1) refuse("out_of_range", "envelope.v", "want 1");
    const signatures = parseSignatures(value.get("signatures"));
    return { signed: blob(value.get("signed"), "envelope.signed"), signatures };
}

export function parseSignatures(value) {
    return array(value, "signatures", 64).map((one) => {
        fields(one, "signatures", ["key", "signature"]);
        const signature = blob(one.get("signature"), "signatures.signature");
        return { key: digits(one.get("key"), "signatures.key", 32), signature };
    });
}

/** The signatures are those of exactly the entry's keys, in their order. `keyOf` gives a key by its fingerprint. */
export function checkSignatures(entry, signatures, keyOf) {
    if (signatures.length !== entry.keys.length || signatures.some(({ key }, k) => key !== entry.keys[k])) {
        refuse("bad_signature", "signatures", "not those of exactly the keys of the entry, in their order");
    }
    for (const { key, signature } of signatures) {
        const found = keyOf(key) ?? refuse("not_entitled", "keys", "a key that nobody named");
        if (!verify(found, entry.byRoot ? "root" : "entry", entry.signed, signature)) {
            refuse("bad_signature", "signatures", "not the key's over these bytes");
        }
    }
}

// --- Bodies (docs/spec/envelope.md) ----------------------------------------------------------------------------------

export const fieldDigest = (salt, name, value) =>
    hex(sha256(join(utf8("tansiq-field-v1\n"), utf8(canonical([salt, name, value])))));

/** Which fields the entry's digests prove, which digests have no field, which fields contradict the entry. */
export function checkBody(digestList, bodyFields) {
    const proved = [], contradicting = [], held = new Set(digestList), left = new Set(digestList), names = new Set();
    for (const { salt, name, value } of bodyFields) {
        const digest = fieldDigest(salt, name, value);
        if (held.has(digest) && !names.has(name)) proved.push(name); else contradicting.push(name);
        left.delete(digest);
        names.add(name);
    }
    return { proved, leftOut: digestList.filter((digest) => left.has(digest)), contradicting };
}

// --- Genesis (docs/spec/channel.md) ----------------------------------------------------------------------------------

/** A genesis as it travels, read and verified. */
export function parseGenesis(bytes) {
    const value = fields(parseJson(bytes), "genesis", ["roots", "signed", "v"]);
    if (integer(value.get("v"), "genesis.v", 1) !== 1) refuse("out_of_range", "genesis.v", "want 1");
    const signed = blob(value.get("signed"), "genesis.signed");
    return checkGenesis(readGenesis(parseJson(signed), signed, value.get("roots")));
}

/** The form of a genesis: what its members signed, and the roots and signatures beside it. Nothing is verified yet. */
export function readGenesis(value, signed, rootList) {
    const inner = parseGenesisSigned(value), digest = hex(sha256(signed));
    const roots = array(rootList, "genesis.roots", 64).map((root) => {
        fields(root, "genesis.roots", ["key", "signature"]);
        const key = publicKey(blob(root.get("key"), "roots.key"));
        return { key, signature: blob(root.get("signature"), "roots.signature") };
    });
    return { ...inner, signed, roots, digest, id: digest.slice(0, 32) };
}

/** The roots are the members', in their order, and each has signed. */
export function checkGenesis(genesis) {
    const named = genesis.roots.map(({ key }) => key.fingerprint), { members } = genesis;
    if (named.length !== members.length || named.some((name, k) => name !== members[k])) {
        refuse("bad_signature", "genesis.roots", "not every member's root, in their order");
    }
    for (const { key, signature } of genesis.roots) {
        const signed = verify(key, "genesis", genesis.signed, signature);
        if (!signed) refuse("bad_signature", "genesis.roots", key.fingerprint);
    }
    return genesis;
}

function parseGenesisSigned(value) {
    fields(value, "genesis", ["v", "members", "track", "nonce", "keys", "predecessor"]);
    if (integer(value.get("v"), "v", 1) !== 1) refuse("out_of_range", "v", "want 1");
    const members = array(value.get("members"), "members", 64).map((member) => digits(member, "members", 32));
    if (members.length < 2) refuse("bad_value", "members", "want two or more");
    rising(members, "members");
    if (text(value.get("track"), "track", 200) === "") refuse("bad_value", "track", "want a text");
    digits(value.get("nonce"), "nonce", 16);
    const predecessor = value.get("predecessor");
    if (predecessor !== null) digits(predecessor, "predecessor", 32);
    const lists = array(value.get("keys"), "keys", 1024);
    if (lists.length !== members.length) refuse("bad_value", "keys", "want a list for each member");
    const keys = lists.flatMap((list, k) => parseKeysOf(list).map((named) => ({ ...named, party: members[k] })));
    if (keys.length > 1024) refuse("limit_exceeded", "keys", "want at most 1,024");
    unique(keys.map(({ key }) => key.fingerprint), "keys");
    if (keys.some(({ key }) => members.includes(key.fingerprint))) refuse("bad_value", "keys", "a root has one use");
    return { members, track: value.get("track"), keys, predecessor };
}

function parseKeysOf(list) {
    const keys = array(list, "keys", 1024).map((one) => parseNamed(fields(one, "keys", ["key", "office", "use"])));
    return rising(keys, "keys", (a, b) => inOrder([a.use, b.use]) || compareBytes(utf8(a.office), utf8(b.office))
        || compareBytes(a.key.encoded, b.key.encoded));
}
