/** Elements in one expression, for a page without a framework. */
type Child = Node | string | null | undefined | false;
type Listeners = { readonly [E in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[E]) => void };

export interface Attributes {
  readonly on?: Listeners;
  readonly [attribute: string]: string | number | boolean | null | undefined | Listeners;
}

/** `true` sets an attribute without a value; `false`, null and undefined leave it out. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'on') {
      for (const [event, listener] of Object.entries(value as Listeners)) {
        element.addEventListener(event, listener as EventListener);
      }
    } else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, String(value));
  }
  for (const child of children)
    if (child !== null && child !== undefined && child !== false) element.append(child);
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

export function svg(
  tag: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: readonly Node[]
): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** Changes a text only if it differs: an unchanged one costs no layout. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets a bar's length, 0 to 1, on the bar itself: as a custom property of something larger, all in that is styled anew. */
export function setShare(bar: HTMLElement, share: number): void {
  const transform = `scaleX(${share.toFixed(3)})`;
  if (bar.style.transform !== transform) bar.style.transform = transform;
}

/** A short note at the edge of the page that goes by itself. */
export function toast(text: string, testId?: string): void {
  const note = el('p', { class: 'toast', 'data-testid': testId }, text);
  document.querySelector('#toasts')?.append(note);
  setTimeout(() => note.remove(), 6000);
}
