// A second implementation of the signed record, written from docs/spec alone: it shares no code with src/tansiq.
// This file has what all others stand on: refusals, bytes, canonical JSON, fields.
//
// Rules for the next editor:
// 1. What it does comes from docs/spec and the vectors, never from reading the other implementation. Where a page
//    leaves a question open, the page is mended first.
// 2. Nothing here is asynchronous: a check whose answer is a forgotten promise would count as passed. That is why
//    SHA-2 and Ed25519 are written out instead of asked of the browser, whose Ed25519 may also differ (cofactor,
//    small-order R). All that is computed on is public, so nothing needs constant time, and nothing here can sign.
// 3. No clock, no randomness, no network, no page: values in, values out.
// 4. A refusal is a Refused with a code of docs/reference/errors.md. Anything else thrown is a fault of ours.
// 5. tools/build_verifier.py puts the files one after the other into one page: a name stands for one thing in all of
//    them, and an import names what it takes from a file in this folder.

export class Refused extends Error {
    constructor(code, field, why) {
        super(`${field}: ${why} [${code}]`);
        this.code = code;
        this.field = field;
    }
}

export const refuse = (code, field, why) => { throw new Refused(code, field, why); };

// --- Bytes -----------------------------------------------------------------------------------------------------------

const encoder = new TextEncoder();
export const utf8 = (text) => encoder.encode(text);

/** The text that the bytes are; a byte order mark is a character like any other. Null unless they are strict UTF-8. */
export function textOf(bytes) {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
        return null;
    }
}

export function join(...parts) {
    const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
        out.set(part, at);
        at += part.length;
    }
    return out;
}

/** Negative, zero or positive, as a sorts before, with or after b. A prefix sorts before what it begins. */
export function compareBytes(a, b) {
    for (let k = 0; k < Math.min(a.length, b.length); k++) if (a[k] !== b[k]) return a[k] - b[k];
    return a.length - b.length;
}

export const equal = (a, b) => compareBytes(a, b) === 0;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
export function hex(bytes) {
    let out = "";
    for (const byte of bytes) out += HEX[byte];
    return out;
}

/** The bytes of lower-case hexadecimal digits, any even number of them; null for every other spelling. */
export function unhex(text) {
    if (typeof text !== "string" || text.length % 2 || !/^[0-9a-f]*$/.test(text)) return null;
    return Uint8Array.from({ length: text.length / 2 }, (_, k) => parseInt(text.slice(2 * k, 2 * k + 2), 16));
}

const SIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function base64(bytes) {
    let out = "";
    for (let k = 0; k < bytes.length; k += 3) {
        const left = bytes.length - k;
        const bits = (bytes[k] << 16) | ((bytes[k + 1] ?? 0) << 8) | (bytes[k + 2] ?? 0);
        out += SIX[bits >> 18] + SIX[(bits >> 12) & 63];
        out += (left > 1 ? SIX[(bits >> 6) & 63] : "=") + (left > 2 ? SIX[bits & 63] : "=");
    }
    return out;
}

const VALUE_OF_SIX = Object.fromEntries([...SIX].map((digit, value) => [digit, value]));

/** The bytes of padded standard base64 in its one spelling; null for every other. */
export function unbase64(text) {
    if (typeof text !== "string" || text.length % 4) return null;
    const digits = text.replace(/={1,2}$/, "");
    if (/[^A-Za-z0-9+/]/.test(digits)) return null;
    const out = new Uint8Array(Math.floor((digits.length * 3) / 4));
    let held = 0, bits = 0, at = 0;
    for (const digit of digits) {
        held = ((held << 6) | VALUE_OF_SIX[digit]) & 0xffff;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        out[at++] = (held >> bits) & 0xff;
    }
    return base64(out) === text ? out : null;
}

// --- Canonical JSON (docs/spec/keys.md) ------------------------------------------------------------------------------

export const DEEPEST = 32;
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const COUNT = /-?(?:0|[1-9][0-9]*)/y, FRACTION = /(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const PLAIN_TEXT = /[^"\\\0-\x1f]*/y;
const WORDS = [["true", true], ["false", false], ["null", null]];

/** Objects are read into a Map: a key may be `__proto__`, or look like a number and be moved to the front. */
class Reader {
    constructor(text, deepest) {
        this.text = text;
        this.deepest = deepest;
        this.at = 0;
    }

    space() {
        while (this.at < this.text.length && " \t\n\r".includes(this.text[this.at])) this.at++;
    }

    bad(code, why) {
        return refuse(code, "", `${why} at character ${this.at}`);
    }

    takes(piece) {
        if (!this.text.startsWith(piece, this.at)) return false;
        this.at += piece.length;
        return true;
    }

    value(depth) {
        this.space();
        const first = this.text[this.at];
        if (first === "{" || first === "[") {
            if (depth === this.deepest) this.bad("limit_exceeded", "too many levels");
            return first === "{" ? this.object(depth + 1) : this.array(depth + 1);
        }
        if (first === '"') return this.string();
        for (const [word, value] of WORDS) if (this.takes(word)) return value;
        for (const word of ["NaN", "Infinity", "-Infinity"]) if (this.takes(word)) this.bad("bad_value", word);
        return this.number();
    }

    object(depth) {
        const out = new Map();
        this.at++;
        this.space();
        if (this.takes("}")) return out;
        for (;;) {
            this.space();
            if (this.text[this.at] !== '"') this.bad("bad_json", "no key");
            const key = this.string();
            if (out.has(key)) this.bad("duplicate_key", key);
            this.space();
            if (!this.takes(":")) this.bad("bad_json", "no colon");
            out.set(key, this.value(depth));
            this.space();
            if (this.takes("}")) return out;
            if (!this.takes(",")) this.bad("bad_json", "no comma");
        }
    }

    array(depth) {
        const out = [];
        this.at++;
        this.space();
        if (this.takes("]")) return out;
        for (;;) {
            out.push(this.value(depth));
            this.space();
            if (this.takes("]")) return out;
            if (!this.takes(",")) this.bad("bad_json", "no comma");
        }
    }

    string() {
        let out = "";
        this.at++;
        for (;;) {
            PLAIN_TEXT.lastIndex = this.at;
            const plain = PLAIN_TEXT.exec(this.text)[0];
            out += plain;
            this.at += plain.length;
            if (this.takes('"')) break;
            if (!this.takes("\\")) this.bad("bad_json", "an open text, or a raw control character");
            out += this.escape();
        }
        return LONE.test(out) ? this.bad("bad_value", "a lone surrogate") : out;
    }

    escape() {
        const c = this.text[this.at++];
        if (c !== "u") return Object.hasOwn(ESCAPES, c) ? ESCAPES[c] : this.bad("bad_json", "an unknown escape");
        const digits = this.text.slice(this.at, this.at + 4);
        if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.bad("bad_json", "an unknown escape");
        this.at += 4;
        return String.fromCharCode(parseInt(digits, 16));
    }

    number() {
        COUNT.lastIndex = this.at;
        const whole = COUNT.exec(this.text)?.[0];
        if (whole === undefined) this.bad("bad_json", "no value");
        this.at += whole.length;
        FRACTION.lastIndex = this.at;
        if (FRACTION.exec(this.text)[0] !== "") this.bad("bad_value", "a point or an exponent");
        if (whole === "-0") this.bad("not_canonical", "minus zero");
        const number = Number(whole);
        return Number.isSafeInteger(number) ? number : this.bad("out_of_range", whole.slice(0, 20));
    }
}

/** The canonical text of a value made of null, booleans, safe integers, texts, arrays and Maps. */
export function canonical(value) {
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    const keys = [...value.keys()].sort((a, b) => (a < b ? -1 : 1)); // JavaScript compares UTF-16 code units
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value.get(key))}`).join(",")}}`;
}

/** The value of bytes that are its canonical form; every other spelling is refused. */
export function parseJson(bytes, deepest = DEEPEST) {
    const text = textOf(bytes) ?? refuse("bad_json", "", "not UTF-8");
    const reader = new Reader(text, deepest), value = reader.value(0);
    reader.space();
    if (reader.at !== text.length) refuse("bad_json", "", "more after the value");
    if (canonical(value) !== text) refuse("not_canonical", "", "another spelling");
    return value;
}

/** How many arrays and objects lie in each other, this one counted. */
export function levels(value) {
    if (value === null || typeof value !== "object") return 0;
    let most = 0;
    for (const inner of value.values()) most = Math.max(most, levels(inner));
    return most + 1;
}

/** A value that JSON.parse gave, in the shape that parseJson gives. */
export function fromPlain(value) {
    if (Array.isArray(value)) return value.map(fromPlain);
    if (value === null || typeof value !== "object") return value;
    return new Map(Object.entries(value).map(([key, inner]) => [key, fromPlain(inner)]));
}

// --- Fields of an object ---------------------------------------------------------------------------------------------

/** The object has the wanted fields, and no others unless `more`. */
export function fields(value, where, wanted, { optional = [], more = false } = {}) {
    if (!(value instanceof Map)) refuse("bad_value", where, "want an object");
    for (const name of wanted) if (!value.has(name)) refuse("missing_field", `${where}.${name}`, "absent");
    for (const name of value.keys()) {
        const listed = wanted.includes(name) || optional.includes(name);
        if (!more && !listed) refuse("unknown_field", `${where}.${name}`, "not part of the format");
    }
    return value;
}

export function integer(value, where, least) {
    if (typeof value !== "number") refuse("bad_value", where, "want an integer");
    return value < least ? refuse("out_of_range", where, `want at least ${least}`) : value;
}

export function blob(value, where, length = null) {
    const bytes = unbase64(value) ?? refuse("bad_value", where, "want base64, padded, in its one spelling");
    return length === null || bytes.length === length ? bytes : refuse("bad_value", where, `want ${length} bytes`);
}

/** So many bytes, kept as hexadecimal digits: equal bytes are equal texts, and texts sort as their bytes do. */
export const digits = (value, where, bytes) => hex(blob(value, where, bytes));

export function array(value, where, most) {
    if (!Array.isArray(value)) refuse("bad_value", where, "want a list");
    return value.length > most ? refuse("limit_exceeded", where, `want at most ${most}`) : value;
}

/** Characters are counted as code points. */
export function text(value, where, most) {
    if (typeof value !== "string") refuse("bad_value", where, "want a text");
    return [...value].length > most ? refuse("limit_exceeded", where, `want at most ${most} characters`) : value;
}

/** Each element after the one before it; the same one twice is out of order, too. */
export function rising(list, where, compare = (a, b) => (a < b ? -1 : Number(a > b))) {
    for (let k = 1; k < list.length; k++) {
        if (compare(list[k - 1], list[k]) >= 0) refuse("not_canonical", where, "not in rising order, each once");
    }
    return list;
}

export function unique(list, where) {
    return new Set(list).size === list.length ? list : refuse("bad_value", where, "one stands there twice");
}

export function inOrder(...pairs) {
    for (const [a, b] of pairs) if (a !== b) return a < b ? -1 : 1;
    return 0;
}
