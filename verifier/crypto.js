// SHA-2, Ed25519 and the keys of docs/spec/keys.md. The rules at the head of core.js hold here.

import { equal, hex, join, refuse, utf8 } from "./core.js";

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
const K512 = halves(PRIMES.map((p) => fraction(p, 3n, 64)));
const H512 = halves(PRIMES.slice(0, 8).map((p) => fraction(p, 2n, 64)));

/** Words of 64 bits as pairs of 32, the higher half first. */
function halves(words) {
    return Int32Array.from(words.flatMap((word) => [Number(word >> 32n) | 0, Number(word & 0xffffffffn) | 0]));
}

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

/** The halves of the sum of words that are given as halves: out[at], out[at + 1]. */
function sumInto(out, at, ...words) {
    let low = 0, high = 0;
    for (let k = 0; k < words.length; k += 2) {
        high += words[k];
        low += words[k + 1] >>> 0;
    }
    out[at] = high + Math.floor(low / 2 ** 32);
    out[at + 1] = low;
}

/** The higher half of the word turned right by n, 0 < n < 64; of its halves exchanged, the lower. */
const turned = (high, low, n) =>
    (n < 32 ? (high >>> n) | (low << (32 - n)) : (low >>> (n - 32)) | (n === 32 ? 0 : high << (64 - n)));

function schedule512(w) {
    for (let t = 32; t < 160; t += 2) {
        const h15 = w[t - 30], l15 = w[t - 29], h2 = w[t - 4], l2 = w[t - 3];
        const s0h = turned(h15, l15, 1) ^ turned(h15, l15, 8) ^ (h15 >>> 7);
        const s0l = turned(l15, h15, 1) ^ turned(l15, h15, 8) ^ ((l15 >>> 7) | (h15 << 25));
        const s1h = turned(h2, l2, 19) ^ turned(h2, l2, 61) ^ (h2 >>> 6);
        const s1l = turned(l2, h2, 19) ^ turned(l2, h2, 61) ^ ((l2 >>> 6) | (h2 << 26));
        sumInto(w, t, w[t - 32], w[t - 31], s0h, s0l, w[t - 14], w[t - 13], s1h, s1l);
    }
}

/** One round: v holds a to h as halves, and the round's constant and word come in as halves. */
function round512(v, kh, kl, wh, wl) {
    const [ah, al, bh, bl, ch, cl, dh, dl, eh, el, fh, fl, gh, gl, hh, hl] = v, one = [0, 0];
    const s1h = turned(eh, el, 14) ^ turned(eh, el, 18) ^ turned(eh, el, 41);
    const s1l = turned(el, eh, 14) ^ turned(el, eh, 18) ^ turned(el, eh, 41);
    const s0h = turned(ah, al, 28) ^ turned(ah, al, 34) ^ turned(ah, al, 39);
    const s0l = turned(al, ah, 28) ^ turned(al, ah, 34) ^ turned(al, ah, 39);
    sumInto(one, 0, hh, hl, s1h, s1l, (eh & fh) ^ (~eh & gh), (el & fl) ^ (~el & gl), kh, kl, wh, wl);
    v.copyWithin(2, 0, 14);
    const t1h = one[0], t1l = one[1];
    sumInto(v, 8, dh, dl, t1h, t1l);
    sumInto(v, 0, t1h, t1l, s0h, s0l, (ah & bh) ^ (ah & ch) ^ (bh & ch), (al & bl) ^ (al & cl) ^ (bl & cl));
}

function sha512(message) {
    const blocks = padded(message, 128), state = Int32Array.from(H512), w = new Int32Array(160);
    for (let at = 0; at < blocks.byteLength; at += 128) {
        for (let t = 0; t < 32; t++) w[t] = blocks.getInt32(at + 4 * t);
        schedule512(w);
        const v = Int32Array.from(state);
        for (let t = 0; t < 160; t += 2) round512(v, K512[t], K512[t + 1], w[t], w[t + 1]);
        for (let k = 0; k < 16; k += 2) sumInto(state, k, state[k], state[k + 1], v[k], v[k + 1]);
    }
    const out = new DataView(new ArrayBuffer(64));
    state.forEach((half, k) => out.setInt32(4 * k, half));
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
export function ed25519Verify(bytes, a, message, signature) {
    if (signature.length !== 64) return false;
    const r = signature.subarray(0, 32), s = little(signature.subarray(32));
    if (s >= L) return false;
    const k = little(sha512(join(r, bytes, message))) % L;
    return remembered(answers, `${hex(bytes)} ${hex(signature)} ${k}`, () => {
        const minusA = [mod(-a[0]), a[1], a[2], mod(-a[3])];
        return equal(encodePoint(sum(s, BASE, k, minusA)), r);
    });
}

// Two packs of one channel hold the same signatures, and two hundred entries of an office name the same key. What is
// remembered is what the same arguments give, so it changes no answer.
const REMEMBERED_MOST = 50_000;
const answers = new Map(), decoded = new Map();

function remembered(known, name, compute) {
    if (!known.has(name)) {
        if (known.size === REMEMBERED_MOST) known.clear();
        known.set(name, compute());
    }
    return known.get(name);
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

export const ED25519 = 0x01, X25519 = 0x21;

/** A public key: its type, its own bytes, its fingerprint. `bad_key` unless it is one that the page allows. */
export const publicKey = (encoded, field = "key") =>
    remembered(decoded, hex(encoded), () => decodeKey(encoded, field));

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

const PURPOSES = { genesis: "tansiq-genesis-v1\n", root: "tansiq-root-v1\n", entry: "tansiq-entry-v1\n",
    request: "tansiq-request-v1\n" };

export function verify(key, purpose, message, signature) {
    if (key.type !== ED25519 || signature[0] !== key.type) return false;
    return ed25519Verify(key.bytes, key.point, join(utf8(PURPOSES[purpose]), message), signature.subarray(1));
}
