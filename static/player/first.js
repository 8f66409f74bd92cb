// deno-lint-ignore-file no-var
// Runs before everything else, in browsers of any age: no module, no new syntax.
(function () {
  "use strict";
  var root = document.documentElement;
  if (/[?&]embed=1(&|#|$)/.test(location.search)) root.setAttribute("data-embed", "");

  var isAble = "noModule" in document.createElement("script") &&
    "AudioWorkletNode" in window && "ReadableStream" in window && "ResizeObserver" in window;

  if (!isAble) root.setAttribute("data-too-old", "");

  // Modules run before this event. A browser that cannot read one of them runs none of them.
  document.addEventListener("DOMContentLoaded", function () {
    if (root.hasAttribute("data-ready")) return;
    root.setAttribute("data-too-old", "");
    var notice = document.getElementById("too-old");
    if (notice) notice.hidden = false;
  });
})();
