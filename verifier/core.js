// A second implementation of the signed record, written from docs/spec alone: it shares no code with src/tansiq.
//
// Rules for the next editor:
// 1. What it does comes from docs/spec and the vectors, never from reading the other implementation. Where a page
//    leaves a question open, the page is mended first.
// 2. Nothing here is asynchronous: a check whose answer is a forgotten promise would count as passed. That is why
//    SHA-2 and Ed25519 are written out instead of asked of the browser, whose Ed25519 may also differ (cofactor,
//    small-order R). All that is computed on is public, so nothing needs constant time, and nothing here can sign.
// 3. No clock, no randomness, no network, no page: values in, values out.
// 4. A refusal is a Refused with a code of docs/reference/errors.md. Anything else thrown is a fault of this file.

export class Refused extends Error {
    constructor(code, field, why) {
        super(`${field}: ${why} [${code}]`);
        this.code = code;
        this.field = field;
    }
}

const refuse = (code, field, why) => { throw new Refused(code, field, why); };

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
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

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

/** The bytes of padded standard base64 in its one spelling; null for every other. */
export function unbase64(text) {
    if (typeof text !== "string" || text.length % 4) return null;
    const digits = text.replace(/={1,2}$/, "");
    if (/[^A-Za-z0-9+/]/.test(digits)) return null;
    const out = [];
    let held = 0, bits = 0;
    for (const digit of digits) {
        held = ((held << 6) | SIX.indexOf(digit)) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out.push((held >> bits) & 0xff);
        }
    }
    const bytes = Uint8Array.from(out);
    return base64(bytes) === text ? bytes : null;
}

// --- SHA-2 (FIPS 180-4) ----------------------------------------------------------------------------------------------

const PRIMES = [];
for (let n = 2; PRIMES.length < 80; n++) if (PRIMES.every((p) => n % p)) PRIMES.push(n);

/** The largest integer whose power is at most n. */
function integerRoot(n, power) {
    let low = 0n, high = 1n << BigInt(Math.ceil(n.toString(2).length / Number(power)) + 1);
    while (high - low > 1n) {
        const middle = (low + high) >> 1n;
        if (middle ** power <= n) low = middle; else high = middle;
    }
    return low;
}

/** The first bits of the fraction of the root of n: the constants of FIPS 180-4, sections 4.2 and 5.3. */
const fraction = (n, power, bits) => BigInt.asUintN(bits, integerRoot(BigInt(n) << (BigInt(bits) * power), power));

const K256 = Int32Array.from(PRIMES.slice(0, 64), (p) => Number(fraction(p, 3n, 32)) | 0);
const H256 = PRIMES.slice(0, 8).map((p) => Number(fraction(p, 2n, 32)) | 0);
const K512 = PRIMES.map((p) => fraction(p, 3n, 64));
const H512 = PRIMES.slice(0, 8).map((p) => fraction(p, 2n, 64));

function padded(message, block) {
    const out = new Uint8Array(Math.ceil((message.length + 1 + block / 8) / block) * block);
    out.set(message);
    out[message.length] = 0x80;
    new DataView(out.buffer).setBigUint64(out.length - 8, BigInt(message.length) * 8n);
    return new DataView(out.buffer);
}

export function sha256(message) {
    const blocks = padded(message, 64), state = Int32Array.from(H256), w = new Int32Array(64);
    const rotate = (x, n) => (x >>> n) | (x << (32 - n));
    for (let at = 0; at < blocks.byteLength; at += 64) {
        for (let t = 0; t < 16; t++) w[t] = blocks.getInt32(at + 4 * t);
        for (let t = 16; t < 64; t++) {
            const s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ (w[t - 15] >>> 3);
            const s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ (w[t - 2] >>> 10);
            w[t] = w[t - 16] + s0 + w[t - 7] + s1;
        }
        let [a, b, c, d, e, f, g, h] = state;
        for (let t = 0; t < 64; t++) {
            const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25), s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
            const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K256[t] + w[t]) | 0;
            const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
            [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
        }
        [a, b, c, d, e, f, g, h].forEach((word, k) => { state[k] += word; });
    }
    const out = new DataView(new ArrayBuffer(32));
    state.forEach((word, k) => out.setInt32(4 * k, word));
    return new Uint8Array(out.buffer);
}

export function sha512(message) {
    const blocks = padded(message, 128), state = [...H512], w = [];
    const word = (x) => BigInt.asUintN(64, x);
    const rotate = (x, n) => (x >> n) | word(x << (64n - n));
    for (let at = 0; at < blocks.byteLength; at += 128) {
        for (let t = 0; t < 16; t++) w[t] = blocks.getBigUint64(at + 8 * t);
        for (let t = 16; t < 80; t++) {
            const s0 = rotate(w[t - 15], 1n) ^ rotate(w[t - 15], 8n) ^ (w[t - 15] >> 7n);
            const s1 = rotate(w[t - 2], 19n) ^ rotate(w[t - 2], 61n) ^ (w[t - 2] >> 6n);
            w[t] = word(w[t - 16] + s0 + w[t - 7] + s1);
        }
        let [a, b, c, d, e, f, g, h] = state;
        for (let t = 0; t < 80; t++) {
            const s1 = rotate(e, 14n) ^ rotate(e, 18n) ^ rotate(e, 41n);
            const s0 = rotate(a, 28n) ^ rotate(a, 34n) ^ rotate(a, 39n);
            const t1 = h + s1 + ((e & f) ^ (word(~e) & g)) + K512[t] + w[t];
            const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
            [h, g, f, e, d, c, b, a] = [g, f, e, word(d + t1), c, b, a, word(t1 + t2)];
        }
        [a, b, c, d, e, f, g, h].forEach((x, k) => { state[k] = word(state[k] + x); });
    }
    const out = new DataView(new ArrayBuffer(64));
    state.forEach((x, k) => out.setBigUint64(8 * k, x));
    return new Uint8Array(out.buffer);
}

// --- Ed25519 (RFC 8032), as docs/spec/keys.md narrows it -------------------------------------------------------------

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (x) => { const r = x % P; return r < 0n ? r + P : r; };

function power(base, exponent) {
    let out = 1n;
    for (let b = mod(base); exponent; exponent >>= 1n, b = mod(b * b)) if (exponent & 1n) out = mod(out * b);
    return out;
}

const D = mod(-121665n * power(121666n, P - 2n));
const ROOT_OF_MINUS_1 = power(2n, (P - 1n) / 4n);
const little = (bytes) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

/** The point's x of this y and parity, or null where there is none. */
function xOf(y, odd) {
    const u = mod(y * y - 1n), v = mod(D * y * y + 1n), square = mod(u * power(v, P - 2n));
    let x = power(square, (P + 3n) / 8n);
    if (mod(x * x) !== square) x = mod(x * ROOT_OF_MINUS_1);
    if (mod(x * x) !== square || (x === 0n && odd)) return null;
    return (x & 1n) === BigInt(odd) ? x : P - x;
}

const NEUTRAL = [0n, 1n, 1n, 0n]; // X, Y, Z, T of RFC 8032, section 5.1.4
const point = (x, y) => [x, y, 1n, mod(x * y)];
const BASE = point(xOf(mod(4n * power(5n, P - 2n)), 0), mod(4n * power(5n, P - 2n)));

function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
    const a = mod((y1 - x1) * (y2 - x2)), b = mod((y1 + x1) * (y2 + x2)), c = mod(2n * t1 * mod(D * t2));
    const d = mod(2n * z1 * z2), e = b - a, f = d - c, g = d + c, h = b + a;
    return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

/** n A + m B: the addition law is complete, so doubling is adding. */
function sum(n, a, m, b) {
    const both = add(a, b);
    let out = NEUTRAL;
    for (let bit = 255n; bit >= 0n; bit--) {
        out = add(out, out);
        const inN = (n >> bit) & 1n, inM = (m >> bit) & 1n;
        if (inN && inM) out = add(out, both); else if (inN) out = add(out, a); else if (inM) out = add(out, b);
    }
    return out;
}

const isNeutral = ([x, y, z]) => x === 0n && y === z;

function encodePoint([x, y, z]) {
    const inverse = power(z, P - 2n), out = new Uint8Array(32);
    let rest = mod(y * inverse) | ((mod(x * inverse) & 1n) << 255n);
    for (let k = 0; k < 32; k++, rest >>= 8n) out[k] = Number(rest & 0xffn);
    return out;
}

/** The point of a key in its one encoding, of the prime-order group and not neutral; else null. */
function ed25519Point(bytes) {
    const number = little(bytes), odd = Number(number >> 255n), y = BigInt.asUintN(255, number);
    if (bytes.length !== 32 || y >= P) return null;
    const x = xOf(y, odd);
    if (x === null) return null;
    const a = point(x, y);
    return isNeutral(a) || !isNeutral(sum(L, a, 0n, a)) ? null : a;
}

/** Whether the signature is the key's over the message, without the cofactor. */
function ed25519Verify(bytes, a, message, signature) {
    if (signature.length !== 64) return false;
    const r = signature.subarray(0, 32), s = little(signature.subarray(32));
    if (s >= L) return false;
    const k = little(sha512(join(r, bytes, message))) % L;
    const minusA = [mod(-a[0]), a[1], a[2], mod(-a[3])];
    return equal(encodePoint(sum(s, BASE, k, minusA)), r);
}

/** Whether an X25519 coordinate has small order: three doublings on the Montgomery curve lead to infinity. */
function x25519Small(u) {
    let x = u, z = 1n;
    for (let k = 0; k < 3; k++) {
        const xx = x * x, zz = z * z, xz = x * z;
        [x, z] = [mod((xx - zz) ** 2n), mod(4n * xz * (xx + 486662n * xz + zz))];
    }
    return z === 0n;
}

// --- Keys and signatures (docs/spec/keys.md) -------------------------------------------------------------------------

const ED25519 = 0x01, X25519 = 0x21;
const decoded = new Map(); // a key is checked once: two hundred entries of an office name the same

/** A public key: its type, its own bytes, its fingerprint. `bad_key` unless it is one that the page allows. */
export function publicKey(encoded, field = "key") {
    const name = hex(encoded);
    if (!decoded.has(name)) decoded.set(name, decodeKey(encoded, field));
    return decoded.get(name);
}

function decodeKey(encoded, field) {
    const type = encoded[0], bytes = encoded.slice(1);
    const key = { type, bytes, encoded, fingerprint: hex(sha256(encoded)) };
    if (type === ED25519 && bytes.length === 32) {
        const a = ed25519Point(bytes);
        return a ? { ...key, point: a } : refuse("bad_key", field, "not a point of the prime-order group, or misspelt");
    }
    if (type === X25519 && bytes.length === 32) {
        const u = little(bytes);
        return u < P && !x25519Small(u) ? key : refuse("bad_key", field, "a coordinate of small order, or misspelt");
    }
    return refuse("bad_key", field, "an unknown type, or a wrong length");
}

export const PURPOSES = { genesis: "tansiq-genesis-v1\n", root: "tansiq-root-v1\n", entry: "tansiq-entry-v1\n",
    request: "tansiq-request-v1\n" };

export function verify(key, purpose, message, signature) {
    if (key.type !== ED25519 || signature[0] !== key.type) return false;
    return ed25519Verify(key.bytes, key.point, join(utf8(PURPOSES[purpose]), message), signature.subarray(1));
}

// --- Canonical JSON (docs/spec/keys.md) ------------------------------------------------------------------------------

const DEEPEST = 32;
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const COUNT = /-?(?:0|[1-9][0-9]*)/y, FRACTION = /(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORDS = [["true", true], ["false", false], ["null", null]];

/** Objects are read into a Map: a key may be `__proto__`, or look like a number and be moved to the front. */
class Reader {
    constructor(text) {
        this.text = text;
        this.at = 0;
    }

    space() {
        while (/[ \t\n\r]/.test(this.text[this.at] ?? "x")) this.at++;
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
            if (depth === DEEPEST) this.bad("limit_exceeded", "too many levels");
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
        while (!this.takes('"')) {
            const c = this.text[this.at++];
            if (c === undefined || c < " ") this.bad("bad_json", "an open text, or a raw control character");
            out += c === "\\" ? this.escape() : c;
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
export function parseJson(bytes) {
    const text = textOf(bytes) ?? refuse("bad_json", "", "not UTF-8");
    const reader = new Reader(text), value = reader.value(0);
    reader.space();
    if (reader.at !== text.length) refuse("bad_json", "", "more after the value");
    if (canonical(value) !== text) refuse("not_canonical", "", "another spelling");
    return value;
}

/** A value that JSON.parse gave, in the shape that parseJson gives. */
export function fromPlain(value) {
    if (Array.isArray(value)) return value.map(fromPlain);
    if (value === null || typeof value !== "object") return value;
    return new Map(Object.entries(value).map(([key, inner]) => [key, fromPlain(inner)]));
}

// --- Fields of an object ---------------------------------------------------------------------------------------------

/** The object has the wanted fields, and no others unless `more`. */
function fields(value, where, wanted, { optional = [], more = false } = {}) {
    if (!(value instanceof Map)) refuse("bad_value", where, "want an object");
    for (const name of wanted) if (!value.has(name)) refuse("missing_field", `${where}.${name}`, "absent");
    for (const name of value.keys()) {
        const listed = wanted.includes(name) || optional.includes(name);
        if (!more && !listed) refuse("unknown_field", `${where}.${name}`, "not part of the format");
    }
    return value;
}

function integer(value, where, least) {
    if (typeof value !== "number") refuse("bad_value", where, "want an integer");
    return value < least ? refuse("out_of_range", where, `want at least ${least}`) : value;
}

/** Lower-case hexadecimal text of so many bytes. It is kept as text: equal bytes are equal texts, in the same order. */
function digits(value, where, bytes) {
    return unhex(value)?.length === bytes ? value : refuse("bad_value", where, `want ${2 * bytes} hexadecimal digits`);
}

function blob(value, where) {
    return unbase64(value) ?? refuse("bad_value", where, "want base64, padded, in its one spelling");
}

function array(value, where, most) {
    if (!Array.isArray(value)) refuse("bad_value", where, "want a list");
    return value.length > most ? refuse("limit_exceeded", where, `want at most ${most}`) : value;
}

/** Characters are counted as code points. */
function text(value, where, most) {
    if (typeof value !== "string") refuse("bad_value", where, "want a text");
    return [...value].length > most ? refuse("limit_exceeded", where, `want at most ${most} characters`) : value;
}

/** Each element after the one before it; the same one twice is out of order, too. */
function rising(list, where, compare = (a, b) => (a < b ? -1 : Number(a > b))) {
    for (let k = 1; k < list.length; k++) {
        if (compare(list[k - 1], list[k]) >= 0) refuse("not_canonical", where, "not in rising order, each once");
    }
    return list;
}

function unique(list, where) {
    return new Set(list).size === list.length ? list : refuse("bad_value", where, "one stands there twice");
}

function inOrder(...pairs) {
    for (const [a, b] of pairs) if (a !== b) return a < b ? -1 : 1;
    return 0;
}

// --- Entries and envelopes (docs/spec/envelope.md) -------------------------------------------------------------------

const ZERO_16 = "0".repeat(32), ZERO_32 = "0".repeat(64);
const HEADER = ["v", "type", "channel", "party", "office", "keys", "incarnation", "seq", "prev", "issued_at", "seen",
    "refs", "body"];
const THREAD = ["thread", "thread_prev", "thread_seq"];
const PLAIN = ["ADOPT", "CEASE", "CLOSE", "DISTRESS", "NOTICE"], CONTROLLED = ["KEY", "RESTORE", "RECEIPT"];
const USES = ["entry", "log", "witness", "transport", "encryption"];
const SIGNED_MOST = 1_048_576;

export const leafHash = (signed) => sha256(join(Uint8Array.of(0), signed));

/** The header that the signed bytes are. `understood` is false of a later version and of an unknown type. */
export function parseEntry(signed) {
    if (signed.length > SIGNED_MOST) refuse("limit_exceeded", "signed", `want at most ${SIGNED_MOST} bytes`);
    const value = parseJson(signed);
    if (!(value instanceof Map)) refuse("bad_value", "entry", "want an object");
    const known = PLAIN.includes(value.get("type")) || CONTROLLED.includes(value.get("type"));
    const later = typeof value.get("v") === "number" && value.get("v") > 1;
    const threaded = THREAD.some((name) => value.has(name)) ? THREAD : [];
    const controlled = CONTROLLED.includes(value.get("type")) ? ["control"] : [];
    const optional = known ? [] : ["control"];
    fields(value, "entry", [...HEADER, ...threaded, ...controlled], { optional, more: later });
    const of = (name) => value.get(name);
    integer(of("v"), "v", 1);
    if (typeof of("type") !== "string" || !/^[A-Z][A-Z0-9-]{0,31}$/.test(of("type"))) {
        refuse("bad_value", "type", "want a word of A-Z, 0-9 and -");
    }
    digits(of("channel"), "channel", 16);
    digits(of("party"), "party", 32);
    text(of("office"), "office", 200);
    const keys = array(of("keys"), "keys", 2).map((key) => digits(key, "keys", 32));
    if (keys.length === 0) refuse("bad_value", "keys", "want one or two");
    rising(keys, "keys");
    digits(of("incarnation"), "incarnation", 16);
    integer(of("seq"), "seq", 1);
    digits(of("prev"), "prev", 32);
    integer(of("issued_at"), "issued_at", -Infinity);
    const seen = array(of("seen"), "seen", 64).map(parseSeen);
    rising(seen.map((part) => part.party), "seen");
    unique(array(of("refs"), "refs", 1000).map((ref) => digits(ref, "refs", 32)), "refs");
    rising(array(of("body"), "body", 4096).map((digest) => digits(digest, "body", 32)), "body");
    if (threaded.length) parseThread(value);
    const understood = known && !later;
    const byRoot = keys.includes(of("party"));
    if (byRoot && keys.length > 1) refuse("not_entitled", "keys", "the root signs alone");
    if (byRoot !== (of("office") === "")) refuse("bad_value", "office", "want no office exactly where the root signs");
    const control = understood && controlled.length ? parseControl(value, byRoot) : null;
    if (understood && byRoot && !["KEY", "RESTORE"].includes(of("type"))) {
        refuse("not_entitled", "keys", "the root signs nothing but KEY and RESTORE");
    }
    const header = Object.fromEntries([...HEADER, ...THREAD].map((name) => [name, of(name)]));
    return { ...header, seen, control, byRoot, understood, signed, digest: hex(leafHash(signed)) };
}

function parseThread(value) {
    digits(value.get("thread"), "thread", 16);
    digits(value.get("thread_prev"), "thread_prev", 32);
    const first = integer(value.get("thread_seq"), "thread_seq", 1) === 1;
    if (first !== (value.get("thread_prev") === ZERO_32)) refuse("bad_value", "thread_prev", "zeros are for the first");
}

function parseSeen(part) {
    fields(part, "seen", ["beyond", "digest", "incarnation", "party", "seq"]);
    const beyond = array(part.get("beyond"), "seen.beyond", 1000).map((run) => {
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
    if (seq === 0 && incarnation !== ZERO_16) refuse("bad_value", "seen.incarnation", "want zeros before the first");
    const digest = digits(part.get("digest"), "seen.digest", 32);
    return { party: digits(part.get("party"), "seen.party", 32), seq, incarnation, digest, beyond };
}

function parseControl(value, byRoot) {
    const control = value.get("control"), type = value.get("type");
    if (type === "KEY") return parseKeyControl(control, byRoot);
    if (type === "RESTORE") {
        if (!byRoot) refuse("not_entitled", "keys", "a RESTORE is signed by the root");
        return { shown: integer(fields(control, "control", ["shown"]).get("shown"), "control.shown", 0) };
    }
    fields(control, "control", ["body", "received_at"]);
    if (!["checked", "absent"].includes(control.get("body"))) refuse("bad_value", "control.body", "checked or absent");
    if (value.get("refs").length !== 1) refuse("bad_value", "refs", "a RECEIPT has exactly one");
    const receivedAt = integer(control.get("received_at"), "control.received_at", -Infinity);
    return { body: control.get("body"), receivedAt };
}

function parseKeyControl(control, byRoot) {
    const act = control instanceof Map ? control.get("act") : refuse("bad_value", "control", "want an object");
    if (act === undefined) refuse("missing_field", "control.act", "absent");
    if (act === "revoke") {
        fields(control, "control", ["act", "incarnation", "key", "last_good"]);
        if (!byRoot) refuse("not_entitled", "keys", "a revocation is signed by the root");
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
    const proved = [], contradicting = [], left = new Set(digestList), names = new Set();
    for (const { salt, name, value } of bodyFields) {
        const digest = fieldDigest(salt, name, value);
        if (digestList.includes(digest) && !names.has(name)) proved.push(name); else contradicting.push(name);
        left.delete(digest);
        names.add(name);
    }
    return { proved, leftOut: digestList.filter((digest) => left.has(digest)), contradicting };
}

// --- The log (docs/spec/log.md) --------------------------------------------------------------------------------------
// Sizes and indices are BigInt: a log may be larger than a number counts exactly.

const SIZE_MOST = 2n ** 63n - 1n;
export const EMPTY_ROOT = sha256(new Uint8Array());
const node = (left, right) => sha256(join(Uint8Array.of(1), left, right));

/** The root of these leaf hashes, by the definition. */
export function rootOf(leaves) {
    if (leaves.length < 2) return leaves[0] ?? EMPTY_ROOT;
    let split = 1;
    while (split * 2 < leaves.length) split *= 2;
    return node(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
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
export function openNote(bytes, keys) {
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

// --- Genesis (docs/spec/channel.md) ----------------------------------------------------------------------------------

export function parseGenesis(bytes) {
    const value = fields(parseJson(bytes), "genesis", ["roots", "signed", "v"]);
    if (integer(value.get("v"), "genesis.v", 1) !== 1) refuse("out_of_range", "genesis.v", "want 1");
    const signed = blob(value.get("signed"), "genesis.signed"), inner = parseGenesisSigned(signed);
    const roots = array(value.get("roots"), "genesis.roots", 64).map((root) => {
        fields(root, "genesis.roots", ["key", "signature"]);
        const key = publicKey(blob(root.get("key"), "roots.key"));
        return { key, signature: blob(root.get("signature"), "roots.signature") };
    });
    const named = roots.map(({ key }) => key.fingerprint);
    if (named.length !== inner.members.length || named.some((name, k) => name !== inner.members[k])) {
        refuse("bad_signature", "genesis.roots", "not every member's root, in their order");
    }
    for (const { key, signature } of roots) {
        if (!verify(key, "genesis", signed, signature)) refuse("bad_signature", "genesis.roots", key.fingerprint);
    }
    const digest = hex(sha256(signed));
    const byFingerprint = new Map(roots.map(({ key }) => [key.fingerprint, key]));
    return { ...inner, roots: byFingerprint, digest, id: digest.slice(0, 32) };
}

function parseGenesisSigned(signed) {
    const value = parseJson(signed);
    fields(value, "genesis", ["v", "members", "track", "nonce", "keys", "predecessor"]);
    if (integer(value.get("v"), "v", 1) !== 1) refuse("out_of_range", "v", "want 1");
    const members = array(value.get("members"), "members", 64).map((member) => digits(member, "members", 32));
    if (members.length < 2) refuse("bad_value", "members", "want two or more");
    rising(members, "members");
    if (text(value.get("track"), "track", 200) === "") refuse("bad_value", "track", "want a text");
    digits(value.get("nonce"), "nonce", 16);
    if (value.get("predecessor") !== null) digits(value.get("predecessor"), "predecessor", 32);
    const keys = array(value.get("keys"), "keys", 1024).map((one) => {
        fields(one, "keys", ["key", "office", "party", "use"]);
        return { ...parseNamed(one), party: digits(one.get("party"), "keys.party", 32) };
    });
    rising(keys, "keys", (a, b) => inOrder([a.party, b.party], [a.use, b.use])
        || compareBytes(utf8(a.office), utf8(b.office)) || compareBytes(a.key.encoded, b.key.encoded));
    unique(keys.map(({ key }) => key.fingerprint), "keys");
    for (const { key, party } of keys) {
        if (!members.includes(party)) refuse("foreign_channel", "keys.party", "no member");
        if (members.includes(key.fingerprint)) refuse("bad_value", "keys.key", "a root has one use");
    }
    return { members, track: value.get("track"), keys, predecessor: value.get("predecessor") };
}

// --- A channel's chains (docs/spec/channel.md) -----------------------------------------------------------------------

const URGENT = ["CEASE", "DISTRESS"];

/** What a channel's envelopes, taken one by one, come to. Take, then ask: chains, voidEntries, convictions. */
export class Channel {
    constructor(genesisBytes) {
        this.genesis = parseGenesis(genesisBytes);
        this.joined = new Map(); // digest: { entry, parent, keys after it }, a tree over the genesis for each party
        this.gapped = new Map(); // digest: entry whose signatures hold, of a key that the party is known to have named
        this.strange = new Map(); // digest: { entry, signatures } by a key that nobody is known to have named yet
        this.named = new Map(); // party: fingerprint: key, of the genesis and of every held KEY entry
        this.first = new Map(); // party: its keys at the genesis
        this.order = []; // every held entry, as it came
        for (const member of this.genesis.members) {
            const own = this.genesis.keys.filter(({ party }) => party === member);
            const good = own.map(({ key, use, office }) => [key.fingerprint, { use, office, state: "good" }]);
            this.first.set(member, new Map(good));
            const known = own.map(({ key }) => [key.fingerprint, key]);
            this.named.set(member, new Map([...known, [member, this.genesis.roots.get(member)]]));
        }
    }

    /** Where the envelope came to lie: IN_CHAIN, BEYOND_GAP, KEY_UNKNOWN, KNOWN. A Refused changes nothing. */
    take(bytes) {
        const { signed, signatures } = parseEnvelope(bytes), entry = parseEntry(signed);
        if (entry.channel !== this.genesis.id) refuse("foreign_channel", "channel", entry.channel);
        if (!this.genesis.members.includes(entry.party)) refuse("foreign_channel", "party", entry.party);
        const others = this.genesis.members.filter((member) => member !== entry.party);
        if (canonical(entry.seen.map(({ party }) => party)) !== canonical(others)) {
            refuse("bad_value", "seen", "want every other member and nobody else");
        }
        if (this.entryOf(entry.digest)) return "KNOWN";
        const named = this.named.get(entry.party);
        const held = entry.prev === this.genesis.digest || this.joined.has(entry.prev);
        if (!held && entry.keys.some((key) => !named.has(key))) {
            this.strange.set(entry.digest, { entry, signatures });
            return "KEY_UNKNOWN";
        }
        checkSignatures(entry, signatures, (fingerprint) => named.get(fingerprint));
        if (held) this.join(entry);
        this.keep(entry);
        if (!held) this.gapped.set(entry.digest, entry);
        this.settle();
        return held ? "IN_CHAIN" : "BEYOND_GAP";
    }

    entryOf(digest) {
        return this.joined.get(digest)?.entry ?? this.gapped.get(digest);
    }

    keep(entry) {
        this.order.push(entry);
        this.strange.delete(entry.digest);
        if (entry.control?.act === "add") {
            const { key } = entry.control.added;
            this.named.get(entry.party).set(key.fingerprint, key);
        }
    }

    /** The entry stands after its predecessor, or is refused. */
    join(entry) {
        const parent = this.joined.get(entry.prev), before = parent?.entry;
        if (before && before.party !== entry.party) refuse("broken_chain", "prev", "an entry of another party");
        if (entry.seq !== (before?.seq ?? 0) + 1) refuse("broken_chain", "seq", `after ${before?.seq ?? 0}`);
        const restores = entry.understood && entry.type === "RESTORE", incarnation = before?.incarnation ?? ZERO_16;
        if ((entry.incarnation !== incarnation) !== restores || (restores && entry.incarnation === ZERO_16)) {
            refuse("broken_chain", "incarnation", "changed by a RESTORE and by nothing else");
        }
        const keys = parent?.keys ?? this.first.get(entry.party);
        if (!entry.byRoot) entry.keys.forEach((key) => entitled(entry, keys.get(key)));
        this.joined.set(entry.digest, { entry, parent, ...keysAfter(entry, keys) });
    }

    /** What waited for an entry or a key that has come is taken up, until nothing more moves. */
    settle() {
        for (let moved = true; moved;) {
            moved = false;
            for (const [digest, { entry, signatures }] of [...this.strange]) {
                const named = this.named.get(entry.party);
                if (entry.keys.some((key) => !named.has(key)) && !this.joined.has(entry.prev)) continue;
                moved = true;
                this.strange.delete(digest);
                if (dropped(() => checkSignatures(entry, signatures, (key) => named.get(key)))) continue;
                this.keep(entry);
                this.gapped.set(digest, entry);
            }
            for (const [digest, entry] of [...this.gapped]) {
                if (!this.joined.has(entry.prev)) continue;
                moved = true;
                this.gapped.delete(digest);
                if (dropped(() => this.join(entry))) this.order.splice(this.order.indexOf(entry), 1);
            }
        }
    }

    /** By party, the digests of its chain from the first entry on. */
    chains() {
        const follow = (party) => {
            const chain = [];
            for (let at = this.genesis.digest; at; chain.push(at)) at = this.next(party, at) ?? null;
            return chain.slice(0, -1);
        };
        return Object.fromEntries(this.genesis.members.map((party) => [party, follow(party)]));
    }

    /** The entry with which the chain goes on: the last RESTORE if there is any, else the one that came first. */
    next(party, digest) {
        const after = this.order.filter((entry) => entry.prev === digest && entry.party === party
            && this.joined.has(entry.digest));
        const restores = after.filter((entry) => entry.understood && entry.type === "RESTORE");
        restores.sort((a, b) => inOrder([b.issued_at, a.issued_at], [b.incarnation, a.incarnation]));
        return (restores[0] ?? after[0])?.digest;
    }

    /** How many proofs there are that two different entries were signed for one position. */
    convictions() {
        const held = this.order.map(({ party, incarnation, seq }) => `${party} ${incarnation} ${seq}`);
        return held.length - new Set(held).size;
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
        const within = ({ first, last, incarnation }) =>
            first <= wanted.seq && wanted.seq <= last && incarnation === wanted.incarnation;
        return this.leads(wanted.digest, part.digest)
            || part.beyond.some((run) => within(run) && this.leads(wanted.digest, run.digest));
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

function dropped(act) {
    try {
        act();
        return false;
    } catch (error) {
        if (error instanceof Refused) return true;
        throw error;
    }
}

/** The key may sign this entry at this place; else `not_entitled`. */
function entitled(entry, key) {
    const fits = key && key.use === "entry" && key.office === entry.office;
    const urgent = entry.understood && URGENT.includes(entry.type);
    if (!fits || key.state === "revoked" || (key.state === "retired" && !urgent)) {
        refuse("not_entitled", "keys", key ? `${key.state}, for ${key.use}, of ${key.office}` : "named by nobody here");
    }
}

/** The party's keys after its entry. A KEY that its signer may not give changes nothing. */
function keysAfter(entry, keys) {
    const { control } = entry, same = { keys, revokes: false };
    if (entry.type !== "KEY" || !control) return same;
    const after = new Map(keys);
    if (control.act === "revoke") {
        if (!keys.has(control.key)) return same;
        after.set(control.key, { ...keys.get(control.key), state: "revoked" });
        return { keys: after, revokes: true };
    }
    const { added: { key, use, office }, retires } = control, old = keys.get(retires);
    const handover = entry.keys.includes(retires) && old?.use === use && old?.office === office;
    if (keys.has(key.fingerprint) || key.fingerprint === entry.party || !(entry.byRoot || handover)) return same;
    if (retires !== null && !old) return same;
    if (old && old.state === "good") after.set(retires, { ...old, state: "retired" });
    after.set(key.fingerprint, { use, office, state: "good" });
    return { keys: after, revokes: false };
}
