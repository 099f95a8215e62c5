(function () {
  "use strict";
  var root = document.querySelector(".usage");
  if (!root) return;
  var tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  root.appendChild(tip);
  root.querySelectorAll("svg .d").forEach(function (day) {
    var title = day.querySelector("title");
    var text = title.textContent;
    title.remove();
    day.addEventListener("pointermove", function (event) {
      tip.textContent = text;
      tip.hidden = false;
      var left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
      var top = event.clientY + 16;
      if (top + tip.offsetHeight > window.innerHeight - 8) top = event.clientY - tip.offsetHeight - 12;
      tip.style.left = Math.max(left, 8) + "px";
      tip.style.top = Math.max(top, 8) + "px";
    });
    day.addEventListener("pointerleave", function () { tip.hidden = true; });
  });
})();
