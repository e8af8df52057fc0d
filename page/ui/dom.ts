// The little that the page needs to find and make elements.

/** The element of an id in index.html. Throws where the two disagree. */
export function byId<E extends Element = HTMLElement>(id: string): E {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return element as unknown as E;
}

type Attributes = Record<string, string | number | boolean | undefined>;

/** An element with attributes (true: without a value; false or undefined: none) and children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children);
  return element;
}

/** Puts a text where it is not yet: what stays the same is not said again, nor laid out again. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A few of which one is chosen, beside one another. */
export interface Choice<T extends string> {
  element: HTMLElement;
  /** Offers these; the one that was chosen stays so if it is among them, else it is the last. */
  offer(options: readonly { value: T; name: string }[]): void;
  chosen(): T | undefined;
  choose(value: T): void;
}

/** Makes a choice with a name for people; `changed` is told when a person chose. */
export function choice<T extends string>(name: string, changed: () => void): Choice<T> {
  const group = `choice-${name.replace(/\W+/g, '-')}`;
  const element = make('fieldset', { class: 'choice' }, make('legend', { class: 'unseen' }, name));
  element.addEventListener('change', changed);
  let offered = '';
  const inputs = () => [...element.querySelectorAll('input')];
  const chosen = (): T | undefined => inputs().find(({ checked }) => checked)?.value as T | undefined;
  const choose = (value: T): void => {
    for (const input of inputs()) input.checked = input.value === value;
  };
  return {
    element,
    chosen,
    choose,
    offer(options) {
      const key = JSON.stringify(options);
      if (key === offered) return;
      offered = key;
      const before = chosen();
      element.querySelectorAll('label').forEach((label) => {
        label.remove();
      });
      for (const { value, name } of options) {
        const input = make('input', { type: 'radio', name: group, value });
        element.append(make('label', {}, input, make('span', {}, name)));
      }
      const stays = options.find(({ value }) => value === before) ?? options.at(-1);
      if (stays) choose(stays.value);
      element.hidden = options.length < 2;
    },
  };
}

/** A table of texts: the first cell of each row is its heading. Columns of numbers stand to the right. */
export function table(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly (string | Node)[])[],
): HTMLTableElement {
  return make(
    'table',
    {},
    make('caption', { class: 'unseen' }, caption),
    make('thead', {}, make('tr', {}, ...heads.map((head) => make('th', { scope: 'col' }, head)))),
    make(
      'tbody',
      {},
      ...rows.map((cells) =>
        make(
          'tr',
          {},
          ...cells.map((cell, i) => (i === 0 ? make('th', { scope: 'row' }, cell) : make('td', {}, cell))),
        ),
      ),
    ),
  );
}
