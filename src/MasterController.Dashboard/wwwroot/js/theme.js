// In the head and not deferred, so that the page is never shown in the wrong theme first.
(() => {
    const stored = localStorage.getItem("mc-theme");
    const dark = stored ? stored === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    window.mcTheme = {
        isDark: () => document.documentElement.dataset.theme === "dark",
        set: (isDark) => {
            document.documentElement.dataset.theme = isDark ? "dark" : "light";
            localStorage.setItem("mc-theme", isDark ? "dark" : "light");
            document.dispatchEvent(new CustomEvent("mc-theme"));
        },
    };
    // A dashboard that was restarted knows no circuit of before: only a new page helps.
    addEventListener("DOMContentLoaded", () =>
        document.getElementById("components-reconnect-modal")?.addEventListener("components-reconnect-state-changed", (e) => {
            const dialog = e.currentTarget;
            if (e.detail.state === "rejected") location.reload();
            else if (e.detail.state === "show") dialog.showModal();
            else if (e.detail.state === "hide") dialog.close();
        }));
})();
