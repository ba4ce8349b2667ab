// The page: what is given, what is trusted, and a verdict each time that it is asked for. It keeps nothing and asks
// nobody. Two things are waited for here, a file that is read and the worker that judges; no check is (rule 2 of
// core.js). The worker runs this same program, from the same text.

import { textOf } from "./core.js";
import { BYTES_MOST, judge } from "./judge.js";
import { el, View } from "./view.js";
import { LANGUAGES, NAMES } from "./texts.js";
import { parseTrust, TRUST_HEAD } from "./trust.js";

const PACKS_MOST = 2, TRUST_MOST = 1_048_576;

class Page {
    constructor() {
        this.files = [];
        this.judged = null; // `{verdicts, together}` of judge.js
        this.worker = null; // at work
        this.program = URL.createObjectURL(new Blob([document.querySelector("script").textContent]));
        const asked = location.hash.slice(1), spoken = navigator.language.slice(0, 2);
        this.language = [asked, spoken].find((one) => LANGUAGES.includes(one)) ?? "en";
        const plain = { spellcheck: "false", autocomplete: "off", dir: "ltr" };
        this.trustField = el("textarea", { id: "trust", rows: "5", ...plain });
        this.packInput = el("input", { id: "packs", type: "file", multiple: "" });
        this.trustInput = el("input", { id: "trust-file", type: "file" });
        this.result = el("div", { id: "result" });
        for (const input of [this.packInput, this.trustInput]) {
            input.addEventListener("change", () => { this.give([...input.files]); });
        }
        document.addEventListener("dragover", (event) => { event.preventDefault(); });
        document.addEventListener("drop", (event) => {
            event.preventDefault();
            this.give([...event.dataTransfer.files]);
        });
        this.draw();
    }

    /** What begins as a trust file is one, wherever it was given; every other is a pack, and the last two stay. */
    async give(files) {
        const read = await Promise.all(files.map(async (file) => {
            const name = file.name.slice(0, 200), whole = file.size <= BYTES_MOST;
            return { name, bytes: whole ? new Uint8Array(await file.arrayBuffer()) : null };
        }));
        for (const file of read) {
            const text = file.bytes && file.bytes.length <= TRUST_MOST ? textOf(file.bytes) : null;
            if (text?.startsWith(TRUST_HEAD)) this.trustField.value = text; else this.files.push(file);
        }
        this.files = this.files.slice(-PACKS_MOST);
        this.stop();
        this.draw();
    }

    /** The work begins, of the files and roots as they are now. It may take minutes for a large pack. */
    verify() {
        this.stop();
        this.trust = parseTrust(this.trustField.value);
        if (this.trust.badLine === null) this.start();
        this.drawResult();
    }

    start() {
        this.worker = new Worker(this.program);
        this.worker.addEventListener("message", ({ data: { progress, judged } }) => {
            if (progress) this.tell(progress); else this.end(judged);
        });
        this.worker.addEventListener("error", () => { this.end(null); });
        this.worker.postMessage({ files: this.files, trusted: [...this.trust.roots.keys()] });
    }

    /** What was judged is shown. A fault is told as one: then nothing is proved and nothing is refuted. */
    end(judged) {
        this.worker.terminate();
        this.worker = null;
        this.judged = judged;
        this.drawResult();
        if (judged === null) this.result.replaceChildren(this.view().care("fault"));
        this.result.querySelector("h2")?.focus();
    }

    stop() {
        this.worker?.terminate();
        this.worker = this.judged = this.trust = null;
    }

    tell({ pack, done, all }) {
        document.getElementById("progress").replaceChildren(...this.view().say("progress", { pack, n: done, all }));
    }

    clear() {
        this.files = [];
        this.stop();
        this.trustField.value = this.packInput.value = this.trustInput.value = "";
        this.draw();
    }

    view() {
        return new View(this.language, (member) => this.trust?.roots.get(member) ?? null);
    }

    draw() {
        const view = this.view(), root = document.documentElement;
        root.lang = this.language;
        root.dir = this.language === "ar" ? "rtl" : "ltr";
        document.title = `tansiq: ${view.plain("title")}`;
        document.body.replaceChildren(
            el("header", null, el("b", { dir: "ltr" }, "tansiq"), el("span", null, view.say("title")),
                this.languages(view)),
            el("main", null, this.form(view), this.result),
            el("footer", null, el("p", null, view.say("foot"))));
        this.drawResult();
    }

    languages(view) {
        return el("nav", { "aria-label": view.plain("language") }, LANGUAGES.map((language) => {
            const pressed = String(language === this.language);
            const button = el("button", { type: "button", lang: language, "aria-pressed": pressed }, NAMES[language]);
            button.addEventListener("click", () => {
                this.language = language;
                this.draw();
                document.querySelector("nav [aria-pressed=true]").focus();
            });
            return button;
        }));
    }

    form(view) {
        // The browser's own control speaks the browser's language: its label is the button that people see.
        const chooser = (input) => [input, el("label", { for: input.id, class: "choose" }, view.say("choose"))];
        const verify = el("button", { type: "button", class: "main", id: "verify" }, view.say("verify"));
        const clear = el("button", { type: "button", id: "clear" }, view.say("clear"));
        verify.addEventListener("click", () => { this.verify(); });
        clear.addEventListener("click", () => { this.clear(); });
        const chosen = this.files.map(({ name }, k) => el("li", null, view.numbered(name, k + 1)));
        const note = (name, filled) => el("p", { class: "note" }, view.say(name, filled));
        return el("section", { class: "given" },
            el("p", { class: "intro" }, view.say("intro")),
            el("div", { class: "columns" },
                el("div", null, el("h3", null, view.say("packs")), chooser(this.packInput),
                    note("drop"), chosen.length ? el("ul", { class: "chosen" }, chosen) : note("noPack")),
                el("div", null, el("h3", null, el("label", { for: "trust" }, view.say("trust"))),
                    chooser(this.trustInput), note("trustHow", { format: TRUST_HEAD }), this.trustField,
                    note("elsewhere"))),
            el("p", { class: "buttons" }, verify, clear));
    }

    drawResult() {
        this.result.replaceChildren();
        const view = this.view(), badLine = this.trust?.badLine ?? null;
        if (badLine !== null) this.result.append(view.care("trustBad", { n: badLine }));
        if (this.worker) {
            this.result.append(el("p", { class: "working", role: "status" }, view.say("working")),
                el("p", { class: "note", id: "progress" }));
        }
        if (!this.judged) return;
        const { verdicts, together } = this.judged;
        if (together) this.result.append(view.both(together));
        this.result.append(...verdicts.map((one, k) => view.pack(one, k + 1)));
    }
}

/** In the worker: what comes is judged, and told of. */
function serve() {
    addEventListener("message", ({ data: { files, trusted } }) => {
        postMessage({ judged: judge(files, trusted, (progress) => { postMessage({ progress }); }) });
    });
}

if (typeof document === "undefined") serve(); else new Page();
