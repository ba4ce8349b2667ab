// What the verifier says of each case of the files in tests/vectors/record: a list, in the order of the cases.
// The file is as JSON.parse gives it, with its integers as texts where they may be larger than a number counts exactly.

import { agreement } from "./agreement.js";
import { base64, fromPlain, hex, parseJson, Refused, unbase64, unhex, utf8 } from "./core.js";
import { publicKey, sha256 } from "./crypto.js";
import { Channel } from "./channel.js";
import { checkBody, checkSignatures, parseEntry, parseGenesis, parseSignatures } from "./entry.js";
import {
    cosignerAnswer, extendsLog, includes, leafHash, noteKey, openCheckpoint, rootOf, splitView, tilesOf,
} from "./log.js";
import { statedOf } from "./pack.js";

/** The verdict, or the code of the refusal. A fault of the program is shown as one. */
function verdict(act) {
    try {
        return act();
    } catch (error) {
        return error instanceof Refused ? error.code : `FAULT ${error.stack}`;
    }
}

const hashes = (list) => list.map(unhex);
const leaves = (size) => Array.from({ length: Number(size) }, (_, k) => leafHash(utf8(`entry ${k}`)));
const noteKeys = (keys) => keys.map((key) => noteKey(key.name, Number(key.type), unhex(key.public_key)));

function entryCase({ keys, signed, signatures }) {
    const known = new Map(keys.map((key) => publicKey(unbase64(key))).map((key) => [key.fingerprint, key]));
    const parsed = parseEntry(unbase64(signed));
    checkSignatures(parsed, parseSignatures(fromPlain(signatures)), (name) => known.get(name));
    return "ok";
}

const inBase64 = (list) => list.map((digits) => base64(unhex(digits)));
const inHex = (text) => hex(unbase64(text));

function bodyCase({ body, fields: shown }) {
    const plain = shown.map((field) => ({ ...field, value: fromPlain(field.value) }));
    const { proved, leftOut, contradicting } = checkBody(body.map(inHex), plain);
    return { proved, left_out: inBase64(leftOut), contradicting };
}

function historyCase({ genesis, envelopes }) {
    const channel = verdict(() => Channel.of(utf8(genesis)));
    if (!(channel instanceof Channel)) return { genesis: channel };
    const taken = envelopes.map((envelope) => verdict(() => channel.take(utf8(envelope))));
    const chains = Object.entries(channel.chains()).map(([party, chain]) => [...inBase64([party]), inBase64(chain)]);
    return { genesis: "ok", envelopes: taken, chains: Object.fromEntries(chains),
        void: inBase64(channel.voidEntries()), convictions: channel.convictions() };
}

/** For each member how the records stand that these two owners make of the envelopes that they were given. */
function agreementCase({ genesis, envelopes, records }) {
    const held = records.map(({ owner, given }) => {
        const channel = Channel.of(utf8(genesis));
        for (const number of given) channel.take(utf8(envelopes[number]));
        return { owner: inHex(owner), entries: channel.order, counts: () => true };
    });
    return agreement(parseGenesis(utf8(genesis)), held).map(({ verdict, seq, incarnation, digests, lacking }) => ({
        verdict, seq, incarnation: incarnation && inBase64([incarnation])[0], digests: inBase64(digests),
        lacking: inBase64(lacking),
    }));
}

function checkpointCase({ note, note_hex }, file) {
    const { log, cosigners } = file.test_keys, bytes = note_hex ? unhex(note_hex) : utf8(note);
    const read = openCheckpoint(bytes, noteKeys([log]), noteKeys(cosigners));
    const cosigned = read.cosigned.map(({ name, timeS }) => ({ name, time_s: String(timeS) }));
    const { origin, size, root, ignored } = read;
    return { origin, size: String(size), root: hex(root), cosigned, ignored: String(ignored) };
}

/** A cosigner's line is deterministic, so one that verifies, with the right name, id and time, is the right one. */
function cosignerCase({ head, note, proof, time_s, line }, file) {
    const logKeys = noteKeys([file.test_keys.log]), cosigners = noteKeys(file.test_keys.cosigners);
    const last = head && { note: utf8(head.note), timeS: BigInt(head.time_s) };
    const request = { head: last, note: utf8(note), proof: hashes(proof), timeS: BigInt(time_s), logKeys };
    const answer = cosignerAnswer(request);
    if (line === undefined) return { answer };
    const { cosigned } = openCheckpoint(utf8(note + line), logKeys, cosigners);
    return { answer, line: cosigned.length === 1 && cosigned[0].timeS === BigInt(time_s) };
}

const OF_A_FILE = {
    "keys/public.json": ({ key, type }) => (publicKey(unbase64(key)).type === Number(type) ? "ok" : "bad_key"),
    "canonical/parse.json": ({ bytes }) => parseJson(unbase64(bytes)) === undefined || "ok",
    "entry/entries.json": entryCase,
    "entry/bodies.json": bodyCase,
    "channel/histories.json": historyCase,
    "channel/agreement.json": agreementCase,
    "checkpoint/checkpoint.json": checkpointCase,
    "checkpoint/cosigner.json": cosignerCase,
    "checkpoint/conviction.json": ({ first, second }, file) =>
        splitView(utf8(first), utf8(second), noteKeys([file.test_keys.log])) && "convicted",
    "pack/packs.json": (one) => statedOf([one])[0],
    "tree/roots.json": ({ size }) => hex(rootOf(leaves(size))),
    "tree/inclusion.json": ({ leaf, index, size, root, proof }) =>
        includes(unhex(leaf), BigInt(index), BigInt(size), unhex(root), hashes(proof)),
    "tree/consistency.json": ({ old_size, old_root, size, root, proof }) =>
        extendsLog(BigInt(old_size), unhex(old_root), BigInt(size), unhex(root), hashes(proof)),
    "tree/tiles.json": ({ size }) => tilesOf(leaves(size)).map(({ path, bytes }) =>
        ({ path, bytes: String(bytes.length), sha256: hex(sha256(bytes)) })),
};

/** By file, by case: what the verifier says. */
export function run(files) {
    const of = ([name, file]) => [name, file.cases.map((one) => verdict(() => OF_A_FILE[name](one, file)))];
    return Object.fromEntries(Object.entries(files).map(of));
}
