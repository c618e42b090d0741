
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

/* A place from 0 to last(), which buttons, keys, the slider, a clock and the address move.
   show(place) draws it and returns what it is called; address(place) is what links to it. */
function player({ last, show, address, pace }) {
  let place = 0, timer = null;
  const reduced = matchMedia("(prefers-reduced-motion: reduce)");

  function go(to) {
    place = Math.max(0, Math.min(to, last()));
    byId("slider").max = last();
    byId("slider").value = place;
    byId("slider").setAttribute("aria-valuetext", show(place));
    // Not disabled, by which a button would lose the focus.
    for (const id of ["first", "back"]) byId(id).setAttribute("aria-disabled", place === 0);
    for (const id of ["next", "last"]) byId(id).setAttribute("aria-disabled", place === last());
    try { history.replaceState(null, "", address(place)); } catch { /* a frame has no address */ }
  }
  function move(to) { pause(); go(to); }
  function pause() {
    clearInterval(timer);
    timer = null;
    byId("play").textContent = "Play";
  }
  function play() {
    if (timer) return pause();
    if (place === last()) go(0);
    byId("play").textContent = "Pause";
    timer = setInterval(() => {
      go(place + 1);
      if (place === last()) pause();
    }, reduced.matches ? Math.max(pace, 1500) : pace);
  }

  const moves = { first: () => 0, back: () => place - 1, next: () => place + 1, last };
  for (const [id, to] of Object.entries(moves)) byId(id).addEventListener("click", () => move(to()));
  byId("play").addEventListener("click", play);
  byId("slider").addEventListener("input", (event) => move(Number(event.target.value)));
  const keys = {
    Home: "first", End: "last",
    ArrowLeft: "back", ArrowUp: "back", ArrowRight: "next", ArrowDown: "next",
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // What is scrolled by keys keeps them, and so do the slider and the menu.
    if (event.target.matches("input, select, [tabindex]")) return;
    if (event.key in keys) move(moves[keys[event.key]]());
    else if (event.key === " " && !event.target.matches("button")) play();
    else return;
    event.preventDefault();
  });
  return {
    move,
    place: () => place,
    read() {
      const found = /=(\d+)$/.exec(location.hash);
      move(found ? Number(found[1]) : 0);
    },
  };
}
