// Runs before anything is painted, so that no page flashes in the other colours.
"use strict";
{
  let kept = null;
  try { kept = localStorage.getItem("theme"); } catch { /* private windows may refuse */ }
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
}
