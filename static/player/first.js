// deno-lint-ignore-file no-var
// Runs before everything else, in browsers of any age: no module, no new syntax.
(function () {
  "use strict";
  var root = document.documentElement;
  if (/[?&]embed=1(&|#|$)/.test(location.search)) root.setAttribute("data-embed", "");

  var isAble = "noModule" in document.createElement("script") &&
    "AudioWorkletNode" in window && "ResizeObserver" in window && "ariaPressed" in root &&
    CSS.supports("color", "light-dark(red, blue)");
  if (!isAble) root.setAttribute("data-stopped", "");

  // Modules run before this event, all of them or none.
  document.addEventListener("DOMContentLoaded", function () {
    if (root.hasAttribute("data-ready")) return;
    root.setAttribute("data-stopped", "");
    var notice = document.getElementById(isAble ? "not-started" : "too-old");
    if (notice) notice.hidden = false;
  });
})();
