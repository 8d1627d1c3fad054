// Words marked in a text. Spans count Unicode code points, first = 0, end exclusive; the browser counts UTF-16 units.

import { make } from "/dom.js";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Code points before a UTF-16 offset. */
function points(text, offset) {
  return Array.from(text.slice(0, offset)).length;
}

/** The words of a span. */
export function words(text, [start, end]) {
  return Array.from(text).slice(start, end).join("");
}

/** The span of what is selected inside an element that holds `text` and nothing else; null for nothing. */
export function selected(element, text) {
  const selection = document.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(element)) return null;
  const inside = document.createRange();
  inside.selectNodeContents(element);
  if (element.contains(range.startContainer)) inside.setStart(range.startContainer, range.startOffset);
  if (element.contains(range.endContainer)) inside.setEnd(range.endContainer, range.endOffset);
  const before = document.createRange();
  before.selectNodeContents(element);
  before.setEnd(inside.startContainer, inside.startOffset);
  const start = before.toString().length;
  return whole(text, start, start + inside.toString().length);
}

/** UTF-16 offsets as a span of whole characters as people see them, without blanks around. */
function whole(text, start, end) {
  let from = text.length, to = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    const met = index < end && index + segment.length > start && segment.trim() !== "";
    if (met) [from, to] = [Math.min(from, index), Math.max(to, index + segment.length)];
  }
  return from < to ? [points(text, from), points(text, to)] : null;
}

/** Adds a span; spans that meet become one. */
export function add(spans, [start, end]) {
  const apart = spans.filter(([from, to]) => to < start || from > end);
  const met = spans.filter(([from, to]) => to >= start && from <= end);
  const one = [Math.min(start, ...met.map(([from]) => from)), Math.max(end, ...met.map(([, to]) => to))];
  return [...apart, one].sort(([one], [other]) => one - other);
}

/** Writes the text with its marks, `{span, hue, label}` each; where several meet, the first gives the colour. */
export function paint(element, text, marks) {
  const letters = Array.from(text);
  const edges = new Set([0, letters.length, ...marks.flatMap(({ span }) => span)]);
  const cuts = [...edges].filter((edge) => edge <= letters.length).sort((one, other) => one - other);
  const parts = cuts.slice(0, -1).map((start, at) => {
    const part = letters.slice(start, cuts[at + 1]).join("");
    const over = marks.filter(({ span }) => span[0] <= start && span[1] > start);
    if (!over.length) return part;
    const mark = make(`mark.hue-${over[0].hue}`, { title: over.map(({ label }) => label).join(", ") }, part);
    mark.classList.toggle("several", over.length > 1);
    return mark;
  });
  element.replaceChildren(...parts);
}
