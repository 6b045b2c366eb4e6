// Utilisation of a pool, drawn by uPlot, which is loaded with the first chart.
let loading;

function load(script, style) {
    loading ??= new Promise((done, failed) => {
        const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: style });
        const element = Object.assign(document.createElement("script"), { src: script, onload: done, onerror: failed });
        document.head.append(link, element);
    });
    return loading;
}

export async function create(box, script, style) {
    await load(script, style);
    return new UtilisationPlot(box);
}

const count = (n) => (n == null ? "–" : Math.round(n).toLocaleString("en"));
const time = (seconds) => (seconds == null ? "–" : new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ") + " UTC");

// 24 hours, and the day where another begins.
const ticks = (all, step) => all.map((seconds, i) => {
    const [day, hour] = new Date(seconds * 1000).toISOString().slice(5, 16).split("T");
    if (step >= 86400) return day;
    return i === 0 || hour === "00:00" ? `${hour}\n${day}` : hour;
});

class UtilisationPlot {
    constructor(box) {
        this.box = box;
        this.ends = new AbortController();
        document.addEventListener("mc-theme", () => this.draw(), { signal: this.ends.signal });
        this.watcher = new ResizeObserver(() => this.resize());
        this.watcher.observe(box);
    }

    show(chart) {
        this.chart = chart;
        this.data = [chart.times, chart.capacity, chart.used, chart.cooling, chart.high, chart.low];
        // The same chart with newer numbers keeps what is hidden and where the cursor is.
        if (this.plot && this.marks === JSON.stringify(chart.marks)) this.plot.setData(this.data);
        else this.draw();
        this.marks = JSON.stringify(chart.marks);
        this.box.dataset.points = chart.times.length;
        this.box.dataset.marks = chart.marks.map((m) => m.text).join(" ");
        this.box.dataset.forecast = String(chart.high.some((v) => v != null));
        this.box.dataset.ready = "true";
    }

    draw() {
        if (!this.chart) return;
        this.plot?.destroy();
        const style = getComputedStyle(document.documentElement);
        const colour = (name) => style.getPropertyValue(`--mc-${name}`).trim();
        const [text, muted, grid, used, cooling, band] = ["text", "muted", "line", "used", "cooling", "reserved"].map(colour);
        const axis = { stroke: muted, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
        const value = (_, n) => count(n);
        this.plot = new uPlot({
            width: this.width(),
            height: 380,
            tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
            scales: { x: { range: () => [this.chart.from, this.chart.to] }, y: { range: (_, low, high) => [0, Math.max(1, (high ?? 1) * 1.06)] } },
            cursor: { y: false },
            series: [
                { label: "Time", value: (_, n) => time(n) },
                { label: "Capacity", stroke: text, width: 1.5, paths: uPlot.paths.stepped({ align: 1 }), points: { show: false }, value },
                { label: "Used", stroke: used, width: 2, fill: `${used}44`, value, points: { show: false } },
                { label: "Cooling", stroke: cooling, width: 1.5, value, points: { show: false } },
                { label: "Forecast, most", stroke: band, width: 1.5, dash: [6, 4], value, points: { show: false } },
                { label: "Forecast, least", stroke: band, width: 1.5, dash: [2, 3], value, points: { show: false } },
            ],
            bands: [{ series: [4, 5], fill: `${band}44` }],
            axes: [{ ...axis, space: 70, values: (_, all, __, ___, step) => ticks(all, step) }, { ...axis, size: 84, values: (_, all) => all.map(count) }],
            hooks: { draw: [(plot) => this.drawMarks(plot, text, muted)] },
        }, this.data, this.box);
    }

    drawMarks(plot, text, muted) {
        const { ctx, bbox } = plot;
        const scale = devicePixelRatio || 1;
        ctx.save();
        ctx.textAlign = "left";
        ctx.textBaseline = "alphabetic";
        ctx.font = `${12 * scale}px system-ui, sans-serif`;
        ctx.lineWidth = scale;
        ctx.setLineDash([4 * scale, 3 * scale]);
        for (const mark of this.chart.marks) {
            const x = plot.valToPos(mark.time, "x", true);
            if (x < bbox.left || x > bbox.left + bbox.width) continue;
            ctx.strokeStyle = muted;
            ctx.beginPath();
            ctx.moveTo(x, bbox.top);
            ctx.lineTo(x, bbox.top + bbox.height);
            ctx.stroke();
            ctx.fillStyle = text;
            const wide = ctx.measureText(mark.text).width;
            ctx.fillText(mark.text, x + wide + 8 * scale > bbox.left + bbox.width ? x - wide - 4 * scale : x + 4 * scale, bbox.top + 14 * scale);
        }
        ctx.restore();
    }

    width() {
        return Math.max(320, this.box.clientWidth);
    }

    resize() {
        if (this.plot && this.plot.width !== this.width()) this.plot.setSize({ width: this.width(), height: 380 });
    }

    dispose() {
        this.ends.abort();
        this.watcher.disconnect();
        this.plot?.destroy();
    }
}
