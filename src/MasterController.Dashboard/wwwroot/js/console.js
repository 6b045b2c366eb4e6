// What a guest writes: appended as text, never as HTML, the oldest lines dropped.
import { copy, download } from "./page.js";

const most = 5000;
const control = /\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]|[\x00-\x08\x0b\x0c\x0e-\x1f]/g;
const unfinished = /\x1b(?:\[[0-9;?]*[ -/]*|\][^\x07\x1b]{0,256})?$|\r$/;

export function open(pre) {
    let follows = true;
    let lines = 1;
    // A sequence that is cut in two waits for its rest.
    let rest = "";
    const onScroll = () => {
        follows = pre.scrollHeight - pre.scrollTop - pre.clientHeight < 24;
        pre.dataset.follows = follows;
    };
    pre.addEventListener("scroll", onScroll);
    pre.dataset.follows = true;

    const toEnd = () => { pre.scrollTop = pre.scrollHeight; };

    return {
        append(text) {
            text = rest + text;
            const cut = text.search(unfinished);
            rest = cut < 0 ? "" : text.slice(cut);
            if (cut >= 0) text = text.slice(0, cut);
            text = text.replace(/\r+\n/g, "\n").replace(control, "");
            if (!text) return;
            pre.append(text);
            lines += text.split("\n").length - 1;
            // Not at each line: a long text takes a while to be laid out.
            if (lines > most * 1.1 || pre.childNodes.length > 500) {
                const kept = pre.textContent.split("\n").slice(-most);
                pre.textContent = kept.join("\n");
                lines = kept.length;
            }
            pre.dataset.lines = lines;
            if (follows) toEnd();
        },
        clear() {
            rest = "";
            lines = 1;
            pre.textContent = "";
        },
        toEnd,
        copy: () => copy(pre.textContent),
        download: (name) => download(name, pre.textContent),
        close: () => pre.removeEventListener("scroll", onScroll),
    };
}
