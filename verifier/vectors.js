// What core.js says of each case of the files in tests/vectors/record: a list, in the order of the cases.
// The file is as JSON.parse gives it, with its integers as texts where they may be larger than a number counts exactly.

import * as core from "./core.js";

/** The verdict, or the code of the refusal. A fault of the program is shown as one. */
function verdict(act) {
    try {
        return act();
    } catch (error) {
        return error instanceof core.Refused ? error.code : `FAULT ${error.stack}`;
    }
}

const hashes = (list) => list.map(core.unhex);
const leaves = (size) => Array.from({ length: Number(size) }, (_, k) => core.leafHash(core.utf8(`entry ${k}`)));
const noteKeys = (keys) => keys.map((key) => core.noteKey(key.name, Number(key.type), core.unhex(key.public_key)));

function entry({ keys, signed, signatures }) {
    const known = new Map(keys.map((key) => core.publicKey(core.unbase64(key))).map((key) => [key.fingerprint, key]));
    const parsed = core.parseEntry(core.unbase64(signed));
    core.checkSignatures(parsed, core.parseSignatures(core.fromPlain(signatures)), (name) => known.get(name));
    return "ok";
}

function body({ body: digests, fields }) {
    const plain = fields.map((field) => ({ ...field, value: core.fromPlain(field.value) }));
    const { proved, leftOut, contradicting } = core.checkBody(digests, plain);
    return { proved, left_out: leftOut, contradicting };
}

function history({ genesis, envelopes }) {
    const channel = verdict(() => new core.Channel(core.utf8(genesis)));
    if (!(channel instanceof core.Channel)) return { genesis: channel };
    const taken = envelopes.map((envelope) => verdict(() => channel.take(core.utf8(envelope))));
    const convictions = channel.convictions(), chains = channel.chains();
    return { genesis: "ok", envelopes: taken, chains, void: channel.voidEntries(), convictions };
}

function checkpoint({ note, note_hex }, file) {
    const { log, cosigners } = file.test_keys, bytes = note_hex ? core.unhex(note_hex) : core.utf8(note);
    const read = core.openCheckpoint(bytes, noteKeys([log]), noteKeys(cosigners));
    const cosigned = read.cosigned.map(({ name, timeS }) => ({ name, time_s: String(timeS) }));
    const { origin, size, root, ignored } = read;
    return { origin, size: String(size), root: core.hex(root), cosigned, ignored: String(ignored) };
}

/** A cosigner's line is deterministic, so one that verifies, with the right name, id and time, is the right one. */
function cosigner({ head, note, proof, time_s, line }, file) {
    const logKeys = noteKeys([file.test_keys.log]), cosigners = noteKeys(file.test_keys.cosigners);
    const last = head && { note: core.utf8(head.note), timeS: BigInt(head.time_s) };
    const request = { head: last, note: core.utf8(note), proof: hashes(proof), timeS: BigInt(time_s), logKeys };
    const answer = core.cosignerAnswer(request);
    if (line === undefined) return { answer };
    const { cosigned } = core.openCheckpoint(core.utf8(note + line), logKeys, cosigners);
    return { answer, line: cosigned.length === 1 && cosigned[0].timeS === BigInt(time_s) };
}

const OF_A_FILE = {
    "canonical/parse.json": ({ bytes }) => core.parseJson(core.unbase64(bytes)) === undefined || "ok",
    "entry/entries.json": entry,
    "entry/bodies.json": body,
    "channel/histories.json": history,
    "checkpoint/checkpoint.json": checkpoint,
    "checkpoint/cosigner.json": cosigner,
    "checkpoint/conviction.json": ({ first, second }, file) =>
        core.splitView(core.utf8(first), core.utf8(second), noteKeys([file.test_keys.log])) && "convicted",
    "tree/roots.json": ({ size }) => core.hex(core.rootOf(leaves(size))),
    "tree/inclusion.json": ({ leaf, index, size, root, proof }) =>
        core.includes(core.unhex(leaf), BigInt(index), BigInt(size), core.unhex(root), hashes(proof)),
    "tree/consistency.json": ({ old_size, old_root, size, root, proof }) =>
        core.extendsLog(BigInt(old_size), core.unhex(old_root), BigInt(size), core.unhex(root), hashes(proof)),
    "tree/tiles.json": ({ size }) => core.tilesOf(leaves(size)).map(({ path, bytes }) =>
        ({ path, bytes: String(bytes.length), sha256: core.hex(core.sha256(bytes)) })),
};

/** By file, by case: what the verifier says. */
export function run(files) {
    const of = ([name, file]) => [name, file.cases.map((one) => verdict(() => OF_A_FILE[name](one, file)))];
    return Object.fromEntries(Object.entries(files).map(of));
}
