// The log, its proofs, and checkpoints: docs/spec/log.md and checkpoint.md. The rules at the head of core.js hold here.

import { equal, hex, join, refuse, textOf, unbase64, utf8 } from "./core.js";
import { ED25519, ed25519Verify, publicKey, sha256 } from "./crypto.js";

// --- The log (docs/spec/log.md) --------------------------------------------------------------------------------------
// Sizes and indices are BigInt: a log may be larger than a number counts exactly.

const SIZE_MOST = 2n ** 63n - 1n;
const EMPTY_ROOT = sha256(new Uint8Array());
const node = (left, right) => sha256(join(Uint8Array.of(1), left, right));

export const leafHash = (signed) => sha256(join(Uint8Array.of(0), signed));

/** The root of these leaf hashes, by the definition. */
export function rootOf(leaves, from = 0, to = leaves.length) {
    if (to - from < 2) return from < to ? leaves[from] : EMPTY_ROOT;
    let split = 1;
    while (split * 2 < to - from) split *= 2;
    return node(rootOf(leaves, from, from + split), rootOf(leaves, from + split, to));
}

/** The places of an inclusion proof's hashes, lowest first: of which entries each is the root, [from, before]. */
export function proofPlaces(index, size) {
    const places = [];
    let from = 0n, to = size;
    while (to - from > 1n) {
        let split = 1n;
        while (split * 2n < to - from) split *= 2n;
        const middle = from + split, left = index < middle;
        places.unshift(left ? [middle, to] : [from, middle]);
        [from, to] = left ? [from, middle] : [middle, to];
    }
    return places;
}

const allHashes = (...hashes) => hashes.every((hash) => hash instanceof Uint8Array && hash.length === 32);

export function includes(leaf, index, size, root, proof) {
    if (index < 0n || index >= size || size > SIZE_MOST || !allHashes(leaf, root, ...proof)) return false;
    let hash = leaf, at = index, last = size - 1n;
    for (const p of proof) {
        if (last === 0n) return false;
        if (at % 2n || at === last) {
            hash = node(p, hash);
            for (; at && at % 2n === 0n; last /= 2n) at /= 2n;
        } else {
            hash = node(hash, p);
        }
        at /= 2n;
        last /= 2n;
    }
    return last === 0n && equal(hash, root);
}

export function extendsLog(oldSize, oldRoot, size, root, proof) {
    if (oldSize < 0n || oldSize > size || size > SIZE_MOST || !allHashes(oldRoot, root, ...proof)) return false;
    if ((oldSize === 0n && !equal(oldRoot, EMPTY_ROOT)) || (size === 0n && !equal(root, EMPTY_ROOT))) return false;
    if (oldSize === 0n || oldSize === size) return proof.length === 0 && (oldSize === 0n || equal(oldRoot, root));
    const rest = (oldSize & (oldSize - 1n)) === 0n ? [oldRoot, ...proof] : proof;
    if (rest.length === 0) return false;
    let at = oldSize - 1n, last = size - 1n;
    for (; at % 2n; last /= 2n) at /= 2n;
    let before = rest[0], now = rest[0];
    for (const p of rest.slice(1)) {
        if (last === 0n) return false;
        if (at % 2n || at === last) {
            [before, now] = [node(p, before), node(p, now)];
            for (; at && at % 2n === 0n; last /= 2n) at /= 2n;
        } else {
            now = node(now, p);
        }
        at /= 2n;
        last /= 2n;
    }
    return last === 0n && equal(before, oldRoot) && equal(now, root);
}

function tilePath(level, number, width) {
    const groups = [String(number % 1000).padStart(3, "0")];
    for (let n = Math.floor(number / 1000); n; n = Math.floor(n / 1000)) {
        groups.unshift(`x${String(n % 1000).padStart(3, "0")}`);
    }
    return `tile/${level}/${groups.join("/")}${width < 256 ? `.p/${width}` : ""}`;
}

/** The tiles of the log of these leaf hashes, lowest level first. */
export function tilesOf(leaves) {
    const out = [];
    for (let level = 0, hashes = leaves; hashes.length; level++) {
        for (let at = 0; at < hashes.length; at += 256) {
            const held = hashes.slice(at, at + 256);
            out.push({ path: tilePath(level, at / 256, held.length), bytes: join(...held) });
        }
        const complete = Math.floor(hashes.length / 256), below = hashes;
        hashes = Array.from({ length: complete }, (_, k) => rootOf(below.slice(256 * k, 256 * k + 256)));
    }
    return out;
}

// --- Signed notes (docs/spec/checkpoint.md) --------------------------------------------------------------------------

const LOG_KEY = 1, COSIGNER_KEY = 4;
const NOTE_MOST = 200_000, SIGNATURES_MOST = 64, NAME_MOST = 255;
const NOT_IN_A_NAME = /[+\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** A key of notes. `bad_key` unless it is a good Ed25519 key. */
export function noteKey(name, type, bytes) {
    const { point: a } = publicKey(join(Uint8Array.of(ED25519), bytes), name);
    const id = sha256(join(utf8(`${name}\n`), Uint8Array.of(type), bytes)).slice(0, 4);
    return { name, type, bytes, point: a, id: hex(id) };
}

export function parseNote(bytes) {
    const bad = (why) => refuse("bad_note", "note", why);
    if (bytes.length > NOTE_MOST) refuse("limit_exceeded", "note", `want at most ${NOTE_MOST} bytes`);
    const note = textOf(bytes) ?? bad("not UTF-8");
    if (/[\0-\x09\x0b-\x1f]/.test(note)) bad("a control character");
    const split = note.lastIndexOf("\n\n");
    if (split < 0 || !note.endsWith("\n") || split === note.length - 2) bad("no signatures below a blank line");
    const lines = note.slice(split + 2, -1).split("\n");
    if (lines.length > SIGNATURES_MOST) refuse("limit_exceeded", "note", `want at most ${SIGNATURES_MOST} signatures`);
    if (new Set(lines).size < lines.length) bad("a line of a signature stands twice");
    const signatures = lines.map((line) => {
        const [dash, name, blobText, ...more] = line.split(" "), held = unbase64(blobText);
        if (dash !== "\u2014" || more.length || !held || held.length < 5) bad("not a line of a signature");
        if (name === "" || NOT_IN_A_NAME.test(name) || utf8(name).length > NAME_MOST) bad("not a key's name");
        return { name, id: hex(held.slice(0, 4)), held: held.slice(4) };
    });
    return { text: note.slice(0, split + 1), signatures };
}

function verifyLine(key, text, held) {
    if (key.type === LOG_KEY) return ed25519Verify(key.bytes, key.point, utf8(text), held) ? { key } : null;
    if (held.length !== 72) return null;
    const timeS = new DataView(held.buffer, held.byteOffset).getBigUint64(0);
    const message = utf8(`cosignature/v1\ntime ${timeS}\n${text}`);
    return timeS <= SIZE_MOST && ed25519Verify(key.bytes, key.point, message, held.subarray(8)) ? { key, timeS } : null;
}

/** The note's text, and the lines that known keys verified. */
function openNote(bytes, keys) {
    const { text: body, signatures } = parseNote(bytes), verified = [];
    for (const { name, id, held } of signatures) {
        const known = (one) => one.name === name && one.id === id && [LOG_KEY, COSIGNER_KEY].includes(one.type);
        const key = keys.find(known);
        if (!key) continue;
        verified.push(verifyLine(key, body, held) ?? refuse("bad_signature", "note", `not by ${name}`));
    }
    if (verified.length === 0) refuse("not_signed", "note", "by none of the known keys");
    return { text: body, verified, ignored: signatures.length - verified.length };
}

/** The checkpoint that the log of these keys has signed, who cosigned it, and how many lines say nothing. */
export function openCheckpoint(bytes, logKeys, cosigners = []) {
    const { text: body, verified, ignored } = openNote(bytes, [...logKeys, ...cosigners]);
    if (!verified.some(({ key }) => logKeys.includes(key))) refuse("not_signed", "note", "not by the log");
    const bad = (why) => refuse("bad_checkpoint", "note", why);
    const lines = body.slice(0, -1).split("\n"), [origin, sizeText, rootText] = lines;
    if (lines.length < 3 || lines.includes("")) bad("want three lines or more, none empty");
    if (logKeys.some(({ name }) => name !== origin)) bad("another log's origin");
    if (!/^(0|[1-9][0-9]{0,18})$/.test(sizeText) || BigInt(sizeText) > SIZE_MOST) bad("not a size");
    const size = BigInt(sizeText), root = unbase64(rootText);
    if (root?.length !== 32 || (size === 0n && !equal(root, EMPTY_ROOT))) bad("not a root");
    const cosigned = verified.filter(({ key }) => cosigners.includes(key));
    return { origin, size, root, ignored, cosigned: cosigned.map(({ key, timeS }) => ({ name: key.name, timeS })) };
}

/** What an honest cosigner answers: `cosigned`, or the code. The head is `{note, timeS}` or null. */
export function cosignerAnswer({ head, note, proof, timeS, logKeys }) {
    const asked = openCheckpoint(note, logKeys);
    if (head === null) return proof.length ? "bad_proof" : "cosigned";
    const last = openCheckpoint(head.note, logKeys);
    if (asked.size < last.size) return "rollback";
    if (asked.size === last.size && !equal(asked.root, last.root)) return "split_view";
    if (!extendsLog(last.size, last.root, asked.size, asked.root, proof)) return "bad_proof";
    return timeS < head.timeS ? "clock_behind" : "cosigned";
}

/** True when the two notes convict the log of having two faces; `no_conviction` otherwise. */
export function splitView(first, second, logKeys) {
    const one = openCheckpoint(first, logKeys), other = openCheckpoint(second, logKeys);
    if (one.origin === other.origin && one.size === other.size && !equal(one.root, other.root)) return true;
    return refuse("no_conviction", "note", "not two roots of one size");
}
