// What the page shows of verdicts, as elements. Rules for the next editor:
// 1. Everything of a pack or a trust file is hostile: it goes through `shown`, and into the page as text alone.
// 2. Ids, times and numbers are isolated from left to right; names and values run in their own direction.
// 3. A verdict is a word and a sign, never a colour alone. Of a pack that is not proved nothing is shown.

import { canonical, hex } from "./core.js";
import { STEPS } from "./pack.js";
import { LANGUAGES, TEXTS } from "./texts.js";

const TEXT_MOST = 400;
const ENTRIES_SHOWN = 500;
const RUNS_SHOWN = 50; // of numbers that are not in the pack
// Controls, format characters (bidirectional ones are among them), separators, the unassigned, and what has no shape.
const SHAPELESS =
    "\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u3164\\uffa0\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}";
const UNSEEN = new RegExp(`[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Co}\\p{Cn}${SHAPELESS}]`, "gu");

/** The text with what nobody sees made visible. */
export const shown = (text) =>
    text.replace(UNSEEN, (c) => `[U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);

export function el(tag, attributes, ...parts) {
    const out = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) if (value !== null) out.setAttribute(name, value);
    for (const part of parts.flat(9)) if (part !== null) out.append(part);
    return out;
}

const ltr = (text) => el("bdi", { dir: "ltr" }, String(text));
const code = (text) => el("code", { dir: "ltr" }, text);

/** A fingerprint or digest, whole, in groups of eight digits. */
export const groups = (digits) => el("code", { dir: "ltr", class: "groups" },
    digits.match(/.{1,8}/g).flatMap((group, k) => [k ? " " : null, el("span", null, group)]));

/** The instant in UTC; a time that no calendar reaches is told in its unit. */
function instant(us) {
    const date = new Date(Math.floor(us / 1000)), part = ((us % 1_000_000) + 1_000_000) % 1_000_000;
    const fraction = part ? `.${String(part).padStart(6, "0")}` : "";
    return ltr(`${date.toISOString().slice(0, 19).replace("T", " ")}${fraction}Z`);
}

const instantOfSeconds = (s) => (s < 8_640_000_000_000n ? instant(Number(s) * 1_000_000) : ltr(`${s} s since 1970`));

/** All that is said in one language about some verdicts. `nameOf` is the reader's own name of a root, or null. */
export class View {
    constructor(language, nameOf) {
        this.column = LANGUAGES.indexOf(language);
        this.nameOf = nameOf;
        this.members = [];
    }

    /** The sentence, its {words} filled in with elements, with sentences, or with ids and numbers. */
    say(name, filled = {}) {
        const pieces = TEXTS[name][this.column].split(/\{(\w+)\}/);
        return pieces.map((piece, k) => {
            if (k % 2 === 0) return piece;
            const part = filled[piece];
            return part instanceof Node ? part.cloneNode(true) : Array.isArray(part) ? part : ltr(part ?? "");
        });
    }

    plain(name) {
        return TEXTS[name][this.column];
    }

    /** A text of a pack, made visible and cut. */
    own(text) {
        const characters = [...text], whole = characters.length <= TEXT_MOST;
        const bdi = el("bdi", null, shown(characters.slice(0, TEXT_MOST).join("")));
        const cut = this.say("cut", { n: characters.length });
        return whole ? bdi : el("span", null, bdi, "… ", el("em", null, "(", cut, ")"));
    }

    /** What has to be seen, with a sign as well as a colour. */
    care(name, filled = {}) {
        return el("p", { class: "care" }, el("i", { "aria-hidden": "true" }, "! "), this.say(name, filled));
    }

    numbered(name, number) {
        return [ltr(number), " ", this.own(name)];
    }

    who(member) {
        const name = this.nameOf(member);
        return name ? el("bdi", { class: "who" }, shown(name))
            : el("span", { class: "who" }, this.say("member", { n: this.members.indexOf(member) + 1 }));
    }

    rows(...pairs) {
        return el("dl", null, pairs.filter(Boolean).map(([name, ...value]) =>
            [el("dt", null, this.say(name)), el("dd", null, value)]));
    }

    // --- The verdict -------------------------------------------------------------------------------------------------

    pack({ name, digest, unreadable, failure, facts }, number) {
        const { step, entry } = failure ?? {};
        const state = unreadable ? "unreadable" : failure ? "notProved" : "proved";
        const where = failure && [" ", this.say("atStep", { step: this.say(`step.${step}`) }),
            entry ? [" · ", this.say("atEntry", { n: entry })] : null];
        const sign = { proved: "✓", notProved: "✗", unreadable: "?" }[state];
        const means = { proved: "meansProved", notProved: "meansNotProved", unreadable: "meansUnreadable" }[state];
        const refusal = unreadable ?? failure, field = refusal?.field ? ` · ${shown(refusal.field.slice(0, 80))}` : "";
        return el("article", { class: "pack", "aria-labelledby": `verdict-${number}` },
            el("p", { class: "name" }, this.numbered(name, number)),
            el("div", { class: `verdict ${state}` },
                el("h2", { id: `verdict-${number}`, tabindex: "-1" }, el("i", { "aria-hidden": "true" }, sign, " "),
                    el("b", null, this.say(state)), where),
                el("p", null, this.say(means)),
                refusal && el("p", { class: "code" }, code(refusal.code + field))),
            facts ? this.looseOnes(facts) : null,
            unreadable ? null : this.steps(failure),
            this.rows(["file", digest ? groups(digest) : "–"]),
            facts ? this.facts(facts, number) : null);
    }

    /** Next to the verdict, since it says what the verdict does not cover. */
    looseOnes({ through }) {
        const n = (through ?? []).reduce((sum, { loose }) => sum + loose, 0);
        return n ? this.care("looseOnes", { n }) : null;
    }

    /** Every step, and what became of it. */
    steps(failure) {
        const items = STEPS.map((step) => {
            const held = !failure || failure.held.includes(step);
            const said = step === failure?.step ? "fails" : held ? "holds" : "notChecked";
            const sign = { holds: "✓", fails: "✗", notChecked: "–" }[said];
            return el("li", { class: said }, el("i", { "aria-hidden": "true" }, sign, " "), this.say(`step.${step}`),
                el("span", { class: "said" }, " ", this.say(said)));
        });
        return el("section", null, el("h3", null, this.say("steps")), el("ol", { class: "steps" }, items));
    }

    // --- What is proved ----------------------------------------------------------------------------------------------

    facts(facts, number) {
        this.members = facts.members;
        const roots = facts.members.map((member) =>
            el("tr", null, el("th", { scope: "row" }, this.who(member)), el("td", null, groups(member))));
        const heads = ["nameByYou", "fingerprint"].map((name) => el("th", { scope: "col" }, this.say(name)));
        return el("div", null,
            el("section", null, el("h3", null, this.say("roots")),
                el("table", null, el("thead", null, el("tr", null, heads)), el("tbody", null, roots)),
                el("p", { class: "note" }, this.say("elsewhere"))),
            el("section", null, el("h3", null, this.say("channelAndLog")), this.scope(facts)),
            el("section", null, el("h3", null, this.say("cosignatures")), this.cosignatures(facts)),
            el("section", null, el("h3", null, this.say("timeline")), this.timeline(facts, number)));
    }

    scope(facts) {
        const { thread, size, root } = facts;
        const through = facts.through?.map(({ member, last, loose }) => {
            const said = last ? "completeThrough" : loose ? "nothingFollows" : "saidNothing";
            return el("li", null, this.say(said, { who: this.who(member), n: last }),
                loose ? [" · ", el("b", null, this.say("looseHere", { n: loose }))] : null);
        });
        const complete = thread === null ? [this.say("completeHead", { n: size })]
            : [el("ul", null, through), el("p", { class: "note" }, this.say("keysElsewhere"))];
        return this.rows(
            ["channel", code(facts.channel)], ["track", this.own(facts.track)],
            ["scope", thread === null ? this.say("ofChannel") : [this.say("ofThread"), " ", code(thread)]],
            ["log", this.say("logOf", { who: this.who(facts.owner) })],
            ["head", this.say("size", { n: size, root: groups(hex(root)) })], ["complete", complete]);
    }

    cosignatures({ cosigned, oneSided }) {
        const items = cosigned.map(({ member, timeS }) => el("li", null,
            this.say("cosigned", { who: this.who(member), time: instantOfSeconds(timeS) })));
        return [el("ul", null, items), oneSided ? this.care("oneSided") : null];
    }

    timeline({ entries, absent }, number) {
        const list = el("ol", { class: "timeline" }), more = el("button", { type: "button", class: "more" });
        const show = () => {
            const from = list.childElementCount, to = from + ENTRIES_SHOWN;
            list.append(...entries.slice(from, to).map((entry) => this.entry(entry, number)));
            more.replaceChildren(...this.say("moreEntries", { n: entries.length - to }));
            if (entries.length <= to) more.remove();
        };
        const note = el("p", { class: "note" }, this.say("order")), empty = el("p", null, this.say("noEntries"));
        const all = el("div", null, note, this.absent(absent), entries.length ? list : empty, more);
        more.addEventListener("click", show);
        show();
        return all;
    }

    /** For each member whose chain has gaps in this pack, the numbers that are not there. */
    absent(absent) {
        const gaps = (absent ?? []).filter(({ runs }) => runs.length).map(({ member, runs }) => {
            const told = runs.slice(0, RUNS_SHOWN).map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`)).join(", ");
            const more = runs.length - RUNS_SHOWN;
            return el("p", { class: "left-out" }, this.say("absent", { who: this.who(member), numbers: told }),
                more > 0 ? [" · ", this.say("moreAbsent", { n: more })] : null);
        });
        return gaps.length ? [gaps, el("p", { class: "note" }, this.say("keysElsewhere"))] : null;
    }

    entry(entry, pack) {
        const who = this.who(entry.party), by = entry.signers.some(({ root }) => root) || entry.office === ""
            ? this.say("byRoot", { who }) : this.say("byOffice", { who, office: this.own(entry.office) });
        const marks = ["dropped", "void", "loose"].filter((mark) => entry[mark]);
        if (!entry.understood) marks.push("notUnderstood");
        if (!entry.dropped && entry.refs.includes(null)) marks.push("refersElsewhere");
        return el("li", { id: `entry-${pack}-${entry.number}`, class: marks.length ? "marked" : null },
            el("h4", null, el("span", { class: "number" }, this.say("entry", { n: entry.number })), " · ",
                el("b", { class: "type", dir: "ltr" }, shown(entry.type)),
                entry.dropped ? null
                    : el("span", { class: "by" }, " · ", by, " · ", this.say("number", { n: entry.seq }))),
            entry.dropped ? null
                : el("p", { class: "clock" }, this.say("clock", { who, time: instant(entry.issuedAt) })),
            marks.map((mark) => this.care(mark)),
            entry.dropped ? null : this.details(entry, pack));
    }

    details(entry, pack) {
        const link = (n) => el("a", { href: `#entry-${pack}-${n}` }, this.say("atEntry", { n }));
        const to = (n) => (n ? link(n) : el("span", null, this.say("notHere")));
        const list = (items) => el("ul", null, items.map((item) => el("li", null, item)));
        return this.rows(
            ["fields", this.fields(entry)],
            entry.control && ["control", this.control(entry.control)],
            entry.refs.length > 0 && ["refers", list(entry.refs.map(to))],
            entry.type !== "RECEIPT" && ["receipts", this.receipts(entry)],
            entry.answers.length > 0 && ["answers", list(entry.answers.map(({ type, party, number }) =>
                this.say("answer", { type: ltr(type), who: this.who(party), n: number })))],
            ["signedBy", list(entry.signers.map((signer) => this.signer(signer)))],
            ["digest", groups(entry.digest)]);
    }

    fields({ shown: fields, leftOut, fields: all }) {
        const rows = fields.map(({ name, value }) =>
            [el("dt", null, this.own(name)), el("dd", null, this.value(value))]);
        if (!all) return this.say("noFields");
        return [rows.length ? el("dl", { class: "fields" }, rows) : null,
            leftOut ? el("p", { class: "left-out" }, this.say("leftOut", { n: leftOut, all })) : null];
    }

    /** A text as itself; every other value as the JSON that was signed. */
    value(value) {
        if (typeof value === "string") return this.own(value);
        const whole = this.own(canonical(value));
        whole.setAttribute("dir", "ltr");
        return el("code", { dir: "ltr" }, whole);
    }

    control(control) {
        if (control.act === "add") {
            const { key, use, office } = control.added;
            return [el("p", null, this.say("adds", { use: ltr(use), office: office ? this.own(office) : [] })),
                groups(key.fingerprint),
                control.retires ? [el("p", null, this.say("retires")), groups(control.retires)] : null];
        }
        if (control.act === "revoke") {
            return [el("p", null, this.say("revokes", { n: control.lastGood })), groups(control.key)];
        }
        if ("shown" in control) return this.say("restored", { n: control.shown });
        return this.say("receivedAt", { time: instant(control.receivedAt), body: this.say(`body.${control.body}`) });
    }

    receipts({ receipts }) {
        if (!receipts.length) return el("span", { class: "posted" }, this.say("posted"));
        return el("ul", null, receipts.map(({ member, number, receivedAt, body }) => el("li", null, number === null
            ? this.say("covered", { who: this.who(member) })
            : this.say("receipted", { who: this.who(member), n: number, time: instant(receivedAt),
                body: this.say(`body.${body}`) }))));
    }

    signer({ fingerprint, root, office, state, namedBy }) {
        const named = root ? this.say("keyRoot") : namedBy === null ? this.say("keyGenesis")
            : this.say("keyEntry", { n: namedBy });
        const retired = state === "retired" ? [" · ", el("b", null, this.say("keyRetired"))] : null;
        return [office ? [this.own(office), " · "] : null, named, retired, " ", groups(fingerprint)];
    }

    // --- Two packs ---------------------------------------------------------------------------------------------------

    both(together) {
        const title = el("h3", null, this.say("both"));
        if (together.why) return el("article", { class: "pack both" }, title, this.care(together.why));
        const { agrees, sameOwner, heads, twice, senders, members, owner } = together;
        this.members = members;
        const sentence = (name, filled) => el("p", null, this.say(name, filled));
        const headWord = heads.twoFaced ? "twoFaced" : heads.compared ? "headsFit" : "headsNot";
        return el("article", { class: "pack both" }, title,
            el("div", { class: `verdict ${agrees ? "proved" : "notProved"}` },
                el("h2", null, el("i", { "aria-hidden": "true" }, agrees ? "✓ " : "✗ "),
                    el("b", null, this.say(agrees ? "agree" : "disagree"))),
                agrees ? el("p", null, this.say("agreeMeans")) : null),
            twice.length ? this.twice(twice) : null,
            sameOwner ? sentence(headWord, { who: this.who(owner) }) : null,
            senders ? this.senders(senders) : sameOwner ? null : sentence("threadsOnly"));
    }

    twice([first, ...more]) {
        const { party, seq, digests, at } = first;
        const places = digests.map((digest, k) => el("li", null, groups(digest), " ", at[k].flatMap((number, pack) =>
            (number === null ? [] : [el("a", { href: `#entry-${pack + 1}-${number}` },
                this.say("whereTwice", { pack: pack + 1, n: number })), " "]))));
        return el("section", null, this.care("twice", { who: this.who(party), n: seq }),
            el("ul", null, places), more.length ? el("p", null, this.say("moreTwice", { n: more.length + 1 })) : null);
    }

    senders(senders) {
        const items = senders.map(({ sender, verdict, seq, digests, lacking }) => el("li", null,
            el("h4", null, this.say("sender"), " · ", this.who(sender), " · ",
                el("b", null, this.say(`sender.${verdict}`))),
            seq === null ? null : this.rows(
                ["concerned", this.say("number", { n: seq }), " ", digests.map(groups)],
                lacking.length > 0 && ["lacking", lacking.map((owner, k) => [k ? " · " : null, this.who(owner)])])));
        return [el("ul", { class: "senders" }, items), el("p", { class: "note" }, this.say("senderMeans"))];
    }
}
