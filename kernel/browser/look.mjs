// What a reader would complain of in the outputs of a notebook's page.

// complaints looks at the parts of a page that a selector names, and returns what is wrong with them: errors that a front
// end shows in place of an output, pictures that are missing or too wide, text that is cut off or hardly seen. It runs
// in the page.
export function complaints(selector) {
  const found = [];
  const complain = (area, what) => { const text = `${what} (output ${areas.indexOf(area) + 1})`; if (!found.includes(text)) found.push(text); };
  // colour reads a computed colour: red, green, blue of 0 to 255, and opacity.
  const colour = text => {
    const n = text.match(/-?[\d.]+(e-?\d+)?/g)?.map(Number) ?? [0, 0, 0, 0];
    const scale = text.startsWith("color(") ? 255 : 1;
    return [n[0] * scale, n[1] * scale, n[2] * scale, n[3] ?? 1];
  };
  const over = (top, below) => top.slice(0, 3).map((v, i) => v * top[3] + below[i] * (1 - top[3])).concat(1);
  // behind is the colour that an element is painted on, its own background included.
  const behind = element => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const c = colour(getComputedStyle(e).backgroundColor);
      if (c[3] > 0) layers.push(c);
      if (c[3] === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const luminance = c => c.slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const contrast = (a, b) => { const [x, y] = [luminance(a), luminance(b)].sort((x, y) => y - x); return (x + 0.05) / (y + 0.05); };
  const name = e => e.tagName.toLowerCase() + (e.textContent.trim() ? ` ${JSON.stringify(e.textContent.trim().slice(0, 40))}` : "");

  const areas = [...document.querySelectorAll(selector)].filter(a => a.getClientRects().length > 0);
  for (const area of areas) {
    const box = area.getBoundingClientRect();
    const said = area.innerText.match(/javascript error|error displaying widget|error creating widget|loading widget|widget not found|model not found/i);
    if (said) complain(area, `it says ${JSON.stringify(said[0])}`);
    for (const image of area.querySelectorAll("img")) {
      if (image.complete && image.naturalWidth === 0) complain(area, "a picture is broken");
      if (image.getBoundingClientRect().right > box.right + 1) complain(area, `a picture is wider than its place: ${Math.round(image.getBoundingClientRect().width)} of ${Math.round(box.width)}`);
    }
    for (const element of area.querySelectorAll("*")) {
      const style = getComputedStyle(element);
      if (style.display === "inline" || style.visibility === "hidden") continue;
      if (element.scrollWidth > element.clientWidth + 2 && element.clientWidth > 0 && (style.overflowX === "hidden" || style.overflowX === "clip")) {
        complain(area, `${name(element)} is cut off: ${element.clientWidth} of ${element.scrollWidth}`);
      }
    }
    const texts = document.createTreeWalker(area, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement, style = getComputedStyle(element);
      if (!texts.currentNode.data.trim() || !element.getClientRects().length || style.visibility === "hidden") continue;
      if (element.closest("script, style, title, desc, math, [disabled], .sr-only, [class*=ansi-]")) continue; // a terminal's colours are the front end's own
      const ground = behind(element);
      const seen = contrast(over(colour(element.closest("svg") ? style.fill : style.color), ground), ground);
      if (seen < 3) complain(area, `${name(element)} is hardly seen: contrast ${seen.toFixed(1)}`);
    }
  }
  return found;
}

// strip takes from the parts of a page that a selector names what GitHub takes from the outputs of a notebook: scripts,
// styles, drawings and every attribute that says how something looks. It runs in the page, and returns how many elements
// it has looked at.
export function strip(selector) {
  const kept = ["href", "src", "alt", "width", "height", "title", "colspan", "rowspan", "align", "valign", "open", "start"];
  let seen = 0;
  for (const area of document.querySelectorAll(selector)) {
    for (const element of area.querySelectorAll("*")) {
      seen++;
      if (element.matches("script, style, link, meta, iframe, object, embed, form, input, button, select, textarea, canvas, svg, progress, meter")) {
        element.remove();
        continue;
      }
      for (const { name, value } of [...element.attributes]) {
        if (name === "class" && /^(jp-|ansi|highlight)/.test(value)) continue; // of the page itself
        if (!kept.includes(name) || /^\s*javascript:/i.test(value)) element.removeAttribute(name);
      }
    }
  }
  return seen;
}
