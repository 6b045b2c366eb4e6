// Draws a network along a Hilbert curve, on which neighbours in address order stay neighbours. A cell is one pixel of an
// image that is scaled up, so that 65,536 of them cost no more than one picture.
const line = 16; // the edge of 256 cells: a /24 among addresses

export function create(parts, page, states) {
    return new AddressMap(parts, page, states);
}

/** Where each of `count` cells (a power of two) lies: a square, or two of them side by side. */
function curve(count) {
    const side = 1 << (Math.log2(count) >> 1);
    const width = count === side * side ? side : 2 * side;
    const place = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
        let d = i % (side * side);
        let x = 0;
        let y = 0;
        for (let s = 1; s < side; s *= 2) {
            const rx = 1 & (d >> 1);
            const ry = 1 & (d ^ rx);
            if (ry === 0) {
                if (rx === 1) [x, y] = [s - 1 - x, s - 1 - y];
                [x, y] = [y, x];
            }
            x += s * rx;
            y += s * ry;
            d >>= 2;
        }
        if (i >= side * side) x += side;
        place[i] = y * width + x;
    }
    const at = new Uint32Array(count);
    place.forEach((where, i) => (at[where] = i));
    return { width, height: side, place, at };
}

const number = (text) => text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
const text = (n) => [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join(".");

class AddressMap {
    constructor({ canvas, tip, told }, page, states) {
        Object.assign(this, { canvas, tip, told, page, states, cursor: 0, selected: null, asking: false, turn: 0 });
        this.context = canvas.getContext("2d");
        this.image = document.createElement("canvas");
        this.ends = new AbortController();
        const on = (target, name, handler, options) =>
            target.addEventListener(name, handler, { signal: this.ends.signal, ...options });
        on(canvas, "mousemove", (e) => this.hover(e));
        on(canvas, "mouseleave", () => this.leave());
        on(canvas, "click", (e) => this.click(e));
        on(canvas, "keydown", (e) => this.key(e));
        on(canvas, "focus", () => this.tell());
        on(canvas, "blur", () => this.paint());
        on(canvas, "wheel", (e) => this.wheel(e), { passive: false });
        on(document, "mc-theme", () => this.colour());
        this.watcher = new ResizeObserver(() => this.paint());
        this.watcher.observe(canvas);
    }

    show(network, cellPrefix, cells) {
        const [address, prefix] = network.split("/");
        Object.assign(this, { network, cellPrefix, cells, base: number(address) });
        if (this.curve?.place.length !== cells.length) this.curve = curve(cells.length);
        this.step = 2 ** (32 - cellPrefix);
        this.cursor = Math.min(this.cursor, cells.length - 1);
        if (this.shown !== network) this.cursor = Math.max(0, this.indexOf(this.selected));
        this.shown = network;
        this.image.width = this.curve.width;
        this.image.height = this.curve.height;
        this.canvas.style.aspectRatio = `${this.curve.width} / ${this.curve.height}`;
        this.canvas.setAttribute("aria-label",
            `Map of ${network}: ${cells.length.toLocaleString("en")} ${cellPrefix === 32 ? "addresses" : `networks of /${cellPrefix}`}`);
        this.colour();
        Object.assign(this.canvas.dataset, { network, prefix, cellPrefix, cells: cells.length, ready: "true" });
        this.mark();
        this.leave();
        if (document.activeElement === this.canvas) this.tell();
        else delete this.canvas.dataset.cursor;
    }

    /** Only cells that have changed: index, low byte first, and code of each. */
    change(changes) {
        const image = this.image.getContext("2d");
        for (let i = 0; i < changes.length; i += 3) {
            const cell = changes[i] + 256 * changes[i + 1];
            this.cells[cell] = changes[i + 2];
            const where = this.curve.place[cell];
            this.pixels[where] = this.colours[changes[i + 2]];
            if (changes.length <= 3000)
                image.putImageData(this.data, 0, 0, where % this.curve.width, Math.floor(where / this.curve.width), 1, 1);
        }
        if (changes.length > 3000) image.putImageData(this.data, 0, 0);
        this.canvas.dataset.changed = Number(this.canvas.dataset.changed ?? 0) + changes.length / 3;
        this.mark();
        this.paint();
    }

    busy() {
        this.canvas.dataset.ready = "false";
    }

    select(address) {
        this.selected = address;
        if (!this.cells) return;
        const index = this.indexOf(address);
        if (index >= 0) this.cursor = index;
        this.mark();
        this.paint();
    }

    dispose() {
        this.ends.abort();
        this.watcher.disconnect();
        clearTimeout(this.timer);
        cancelAnimationFrame(this.frame);
    }

    /** The state's name of an address that is shown; "" where it is not. */
    stateAt(address) {
        const index = this.indexOf(address);
        return index < 0 || this.cellPrefix !== 32 ? "" : this.states[this.cells[index]] ?? "";
    }

    mark() {
        this.canvas.dataset.found = this.selected ?? "";
        this.canvas.dataset.foundState = this.selected ? this.stateAt(this.selected) : "";
    }

    indexOf(address) {
        if (!address) return -1;
        const index = Math.floor((number(address) - this.base) / this.step);
        return index >= 0 && index < this.cells.length ? index : -1;
    }

    colour() {
        if (!this.cells) return;
        const probe = this.image.getContext("2d", { willReadFrequently: true });
        const style = getComputedStyle(this.canvas);
        const rgba = (name) => {
            probe.clearRect(0, 0, 1, 1);
            probe.fillStyle = style.getPropertyValue(name);
            probe.fillRect(0, 0, 1, 1);
            return [...probe.getImageData(0, 0, 1, 1).data];
        };
        const packed = ([r, g, b, a]) => (a << 24 | b << 16 | g << 8 | r) >>> 0;
        this.colours = new Uint32Array(256);
        if (this.cellPrefix === 32) {
            ["--mc-outside", "--mc-free", "--mc-used", "--mc-cooling", "--mc-reserved", "--mc-gateway", "--mc-draining"]
                .forEach((name, code) => (this.colours[code] = packed(rgba(name))));
        } else {
            const stops = [0, 1, 2, 3, 4].map((i) => rgba(`--mc-ramp-${i}`));
            this.colours[1] = packed(rgba("--mc-free"));
            for (let code = 2; code < 256; code++) {
                const at = (code - 2) / 253 * 4;
                const low = Math.min(3, Math.floor(at));
                this.colours[code] = packed(stops[low].map((c, i) => Math.round(c + (stops[low + 1][i] - c) * (at - low))));
            }
        }
        this.lines = style.getPropertyValue("--mc-map-line");
        this.halo = style.getPropertyValue("--mc-surface");
        this.ring = style.getPropertyValue("--mc-text");
        this.data = probe.createImageData(this.curve.width, this.curve.height);
        this.pixels = new Uint32Array(this.data.data.buffer);
        this.cells.forEach((code, i) => (this.pixels[this.curve.place[i]] = this.colours[code]));
        probe.putImageData(this.data, 0, 0);
        this.paint();
    }

    paint() {
        cancelAnimationFrame(this.frame);
        this.frame = requestAnimationFrame(() => this.draw());
    }

    draw() {
        if (!this.cells) return;
        const { canvas, context, curve } = this;
        const scale = devicePixelRatio || 1;
        canvas.width = Math.max(1, Math.round(canvas.clientWidth * scale));
        canvas.height = Math.max(1, Math.round(canvas.clientHeight * scale));
        context.imageSmoothingEnabled = false;
        context.drawImage(this.image, 0, 0, canvas.width, canvas.height);
        const size = canvas.width / curve.width;
        const every = size >= 8 ? 1 : curve.width > line ? line : 0;
        if (every) {
            context.strokeStyle = this.lines;
            context.globalAlpha = every === 1 ? 1 : 0.5;
            context.lineWidth = scale;
            context.beginPath();
            for (let x = every; x < curve.width; x += every) {
                context.moveTo(Math.round(x * size), 0);
                context.lineTo(Math.round(x * size), canvas.height);
            }
            for (let y = every; y < curve.height; y += every) {
                context.moveTo(0, Math.round(y * size));
                context.lineTo(canvas.width, Math.round(y * size));
            }
            context.stroke();
            context.globalAlpha = 1;
        }
        const found = this.indexOf(this.selected);
        if (found >= 0) this.circle(found, size, scale, false);
        if (document.activeElement === canvas) this.circle(this.cursor, size, scale, true);
    }

    circle(index, size, scale, isCursor) {
        const where = this.curve.place[index];
        const [x, y] = [where % this.curve.width, Math.floor(where / this.curve.width)];
        const { context } = this;
        context.beginPath();
        if (isCursor) context.rect(x * size - scale, y * size - scale, size + 2 * scale, size + 2 * scale);
        else context.arc((x + 0.5) * size, (y + 0.5) * size, Math.max(size * 0.75, 9 * scale), 0, 2 * Math.PI);
        // On two colours, one of which stands out from whatever lies under it.
        for (const [colour, wide] of [[this.halo, 5], [this.ring, 2]]) {
            context.strokeStyle = colour;
            context.lineWidth = wide * scale;
            context.stroke();
        }
    }

    cellAt(event) {
        if (!this.cells) return -1;
        const box = this.canvas.getBoundingClientRect();
        const x = Math.floor((event.clientX - box.left) / box.width * this.curve.width);
        const y = Math.floor((event.clientY - box.top) / box.height * this.curve.height);
        return x < 0 || y < 0 || x >= this.curve.width || y >= this.curve.height ? -1 : this.curve.at[y * this.curve.width + x];
    }

    addressOf(index) {
        return text(this.base + index * this.step);
    }

    describe(index) {
        const code = this.cells[index];
        if (this.cellPrefix === 32) return `${this.addressOf(index)}: ${this.states[code] ?? code}`;
        const share = code === 0 ? "not of the pool" : code === 1 ? "none used" : `about ${Math.max(1, Math.round(100 * code / 255))} % used`;
        return `${this.addressOf(index)}/${this.cellPrefix}: ${share}`;
    }

    hover(event) {
        const index = this.cellAt(event);
        if (index < 0) return this.leave();
        const box = this.canvas.getBoundingClientRect();
        const left = event.clientX - box.left;
        this.tip.style.left = `${Math.min(left + 14, box.width - 200)}px`;
        this.tip.style.top = `${event.clientY - box.top + 18}px`;
        this.tip.hidden = false;
        if (index === this.hovered) return;
        this.hovered = index;
        this.tip.textContent = this.describe(index);
        clearTimeout(this.timer);
        // Free cells and such have nobody to ask for.
        if (this.cellPrefix === 32 && ![0, 1, 4].includes(this.cells[index]))
            this.timer = setTimeout(() => this.ask(index), 150);
    }

    async ask(index) {
        if (this.asking) {
            this.timer = setTimeout(() => this.ask(index), 150);
            return;
        }
        this.asking = true;
        try {
            const owner = await this.page.invokeMethodAsync("OwnerAsync", this.addressOf(index));
            if (owner && index === this.hovered) this.tip.textContent = `${this.describe(index)}, ${owner}`;
        } catch {
            // The circuit is gone, or the page.
        } finally {
            this.asking = false;
        }
    }

    leave() {
        clearTimeout(this.timer);
        this.hovered = null;
        this.tip.hidden = true;
    }

    click(event) {
        const index = this.cellAt(event);
        if (index < 0) return;
        this.cursor = index;
        this.canvas.focus();
        this.activate();
    }

    activate() {
        if (this.cells) this.page.invokeMethodAsync("ActivateAsync", this.addressOf(this.cursor));
    }

    wheel(event) {
        // Without the focus, the wheel is for the page.
        if (document.activeElement !== this.canvas && !event.ctrlKey) return;
        event.preventDefault();
        if (event.timeStamp - this.turn < 400 || event.deltaY === 0) return;
        this.turn = event.timeStamp;
        if (event.deltaY > 0) return void this.page.invokeMethodAsync("BackAsync");
        const index = this.cellAt(event);
        if (index < 0) return;
        this.cursor = index;
        this.activate();
    }

    key(event) {
        if (!this.cells) return;
        const { width, height, place, at } = this.curve;
        let [x, y] = [place[this.cursor] % width, Math.floor(place[this.cursor] / width)];
        const far = event.shiftKey ? line : 1;
        if (event.key === "ArrowLeft") x = Math.max(0, x - far);
        else if (event.key === "ArrowRight") x = Math.min(width - 1, x + far);
        else if (event.key === "ArrowUp") y = Math.max(0, y - far);
        else if (event.key === "ArrowDown") y = Math.min(height - 1, y + far);
        else if (event.key === "Home") [x, y] = [place[0] % width, Math.floor(place[0] / width)];
        else if (event.key === "End") [x, y] = [place.at(-1) % width, Math.floor(place.at(-1) / width)];
        else if (event.key === "Enter" || event.key === " ") {
            event.preventDefault();
            return this.activate();
        } else if (event.key === "Escape" || event.key === "Backspace") {
            event.preventDefault();
            return void this.page.invokeMethodAsync("BackAsync");
        } else return;
        event.preventDefault();
        this.cursor = at[y * width + x];
        this.tell();
    }

    tell() {
        if (!this.cells) return;
        this.told.textContent = this.describe(this.cursor);
        this.canvas.dataset.cursor = this.addressOf(this.cursor);
        this.paint();
    }
}
