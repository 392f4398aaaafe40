// Elements are made from values, never from text: what a stranger wrote stays text.

const PROPERTIES = new Set(["value", "checked", "disabled", "open", "selected", "indeterminate"]);

/** Makes an element: h("p", {class: "note", onclick}, "text", child, [children]). */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element[name] = value;
    else if (PROPERTIES.has(name)) element[name] = value;
    else if (name === "style") for (const [key, to] of Object.entries(value)) element.style.setProperty(key, to);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(element, child);
    else element.append(child instanceof Node ? child : String(child));
  }
}

/** Makes `before` look like `after`, in place: focus, scroll and selection stay. */
export function morph(before, after) {
  if (before.nodeType !== after.nodeType || before.nodeName !== after.nodeName
      || (before.dataset?.key ?? "") !== (after.dataset?.key ?? "")) {
    before.replaceWith(after);
    return after;
  }
  if (before.nodeType === Node.TEXT_NODE) {
    if (before.data !== after.data) before.data = after.data;
    return before;
  }
  if (before.dataset?.keep !== undefined) return before;
  morphAttributes(before, after);
  const theirs = [...after.childNodes];
  const ours = [...before.childNodes];
  theirs.forEach((child, place) => {
    if (place < ours.length) morph(ours[place], child);
    else before.append(child);
  });
  for (const extra of ours.slice(theirs.length)) extra.remove();
  return before;
}

function morphAttributes(before, after) {
  for (const { name, value } of [...after.attributes]) {
    if (before.getAttribute(name) === value) continue;
    // The policy allows no style in text, only by the object model.
    if (name === "style") before.style.cssText = value;
    else before.setAttribute(name, value);
  }
  for (const { name } of [...before.attributes]) {
    if (!after.hasAttribute(name) && !(name === "open" && before.nodeName === "DETAILS")) {
      before.removeAttribute(name);
    }
  }
  for (const name of ["onclick", "oninput", "onchange", "onsubmit", "ontoggle", "onkeydown"]) {
    before[name] = after[name];
  }
  if ("disabled" in before) before.disabled = after.disabled;
}

/** Replaces what is in `place`, in place where it looks alike. */
export function show(place, ...children) {
  const after = place.cloneNode(false);
  append(after, children);
  morph(place, after);
}
