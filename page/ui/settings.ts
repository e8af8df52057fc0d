// The settings of a training as a form: what one wants to change first, the rest under "more". What was not touched follows the recipe.
import type { Opened, Settings } from '../protocol.ts';
import { byId, make } from './dom.ts';
import { ARMS } from './words.ts';

export interface SettingsForm {
  /** Offers what there is to choose, with the values to begin with. */
  offer(choices: Opened['choices'], defaults: Opened['defaults']): void;
  /** What stands there; undefined, and said at the field, where something cannot be. */
  read(): Settings | undefined;
  /** The same without saying anything. */
  peek(): Settings | undefined;
  lock(locked: boolean): void;
}

type Recipe = Settings['recipe'];
type Named = readonly (readonly [value: string, name: string])[];

interface Row {
  key: Exclude<keyof Settings, 'arms'>;
  label: string;
  hint: string;
  more?: boolean;
  /** A number, what is so or not, else one of `options`. */
  number?: { min: number; max?: number; whole?: boolean; percent?: boolean; optional?: string };
  /** What it is called if it is not so, and if it is. */
  flag?: readonly [no: string, yes: string];
  options?: (choices: Opened['choices']) => Named;
}

const same = (names: readonly string[]): Named => names.map((name) => [name, name]);
const ROWS: readonly Row[] = [
  {
    key: 'recipe',
    label: 'Recipe',
    hint: 'Gates start open, or, as in the paper, at an even chance.',
    options: () => [
      ['astrogpu', 'astrogpu'],
      ['paper', 'paper'],
    ],
  },
  {
    key: 'model',
    label: 'Network',
    hint: 'What learns to tell the images apart.',
    options: ({ models }) => same(models),
  },
  {
    key: 'an',
    label: 'Astrocyte',
    hint: 'The structure of the network that gives the probabilities.',
    options: ({ astrocytes }) => same(astrocytes),
  },
  {
    key: 'keep',
    label: 'Kept, %',
    hint: 'The part of all gates that stays open.',
    number: { min: 1, max: 100, percent: true, optional: 'by the recipe' },
  },
  { key: 'epochs', label: 'Epochs', hint: 'Passes over the images for each network.', number: { min: 1, whole: true } },
  { key: 'searchEpochs', label: 'Epochs of the search', hint: '', more: true, number: { min: 1, whole: true } },
  {
    key: 'width',
    label: 'Width, %',
    hint: 'Channels of each layer, in parts of the network’s own.',
    more: true,
    number: { min: 1, max: 100, percent: true },
  },
  {
    key: 'T',
    label: 'Iterations T',
    hint: 'How often the gates are refined.',
    more: true,
    number: { min: 1, max: 10, whole: true },
  },
  { key: 'lambda', label: 'λ', hint: 'Weight of |eᵗ − eᵗ⁻¹| in the astrocyte’s loss.', more: true, number: { min: 0 } },
  {
    key: 'gate',
    label: 'A gate for each',
    hint: '',
    more: true,
    options: ({ gates }) => same(gates),
  },
  { key: 'images', label: 'Training images', hint: '', more: true, number: { min: 1, whole: true } },
  { key: 'testImages', label: 'Test images', hint: '', more: true, number: { min: 1, whole: true } },
  {
    key: 'noAugment',
    label: 'Training images are',
    hint: 'Varied: flipped and moved by chance, which helps long trainings and holds up short ones.',
    more: true,
    flag: ['varied', 'as they are'],
  },
  { key: 'batch', label: 'Images in a batch', hint: '', more: true, number: { min: 1, whole: true } },
  { key: 'lr', label: 'Learning rate', hint: 'At its peak.', more: true, number: { min: 1e-6 } },
  {
    key: 'seed',
    label: 'Seed',
    hint: 'The same seed gives the same training.',
    more: true,
    number: { min: 0, whole: true },
  },
];

const flagOptions = ([no, yes]: NonNullable<Row['flag']>): Named => [
  ['false', no],
  ['true', yes],
];

export function settingsForm(): SettingsForm {
  const form = byId<HTMLFormElement>('settings');
  const fields = make('fieldset', {}, make('legend', { class: 'unseen' }, 'Of the next training'));
  const again = make('button', { type: 'button' }, 'Back to the defaults');
  const touched = new Set<string>();
  let defaults: Opened['defaults'] | undefined;

  const inputOf = (key: string) => form.elements.namedItem(key) as HTMLInputElement | HTMLSelectElement;
  const arms = () => [...form.querySelectorAll<HTMLInputElement>('[name=arms]')];
  const recipe = (): Recipe => inputOf('recipe').value as Recipe;

  function fill(): void {
    const values = defaults![recipe()];
    for (const { key, number } of ROWS) {
      if (key === 'recipe' || touched.has(key)) continue;
      const value = values[key];
      inputOf(key).value =
        value === undefined ? '' : String(number?.percent ? Math.round(1000 * (value as number)) / 10 : value);
    }
    if (!touched.has('arms')) for (const box of arms()) box.checked = values.arms.some((arm) => arm === box.value);
    checkArms();
  }

  function checkArms(): void {
    const [first, ...others] = arms();
    const some = [first, ...others].some(({ checked }) => checked);
    first.setCustomValidity(some ? '' : 'Choose at least one network to train.');
  }

  function values(): Settings {
    const entries = ROWS.flatMap(({ key, number, flag }): [string, string | number | boolean][] => {
      const { value } = inputOf(key);
      if (flag) return [[key, value === 'true']];
      if (number === undefined) return [[key, value]];
      return value === '' ? [] : [[key, number.percent ? Number(value) / 100 : Number(value)]];
    });
    const chosen = arms().flatMap(({ checked, value }) => (checked ? [value] : []));
    return { ...Object.fromEntries(entries), arms: chosen } as Settings;
  }

  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('change', ({ target }) => {
    const { name } = target as HTMLInputElement;
    if (name === 'recipe') fill();
    else touched.add(name);
    checkArms();
  });
  again.addEventListener('click', () => {
    touched.clear();
    (inputOf('recipe') as HTMLSelectElement).selectedIndex = 0;
    fill();
  });

  return {
    offer(choices, values) {
      if (defaults) return;
      defaults = values;
      const made = ROWS.map((row) => ({ row, element: fieldOf(row, choices) }));
      const boxes = choices.arms.map((arm) =>
        make(
          'label',
          { class: 'check' },
          make('input', { type: 'checkbox', name: 'arms', value: arm }),
          make('span', {}, ` ${ARMS[arm].name}`, make('small', {}, ARMS[arm].what)),
        ),
      );
      const more = make('details', { class: 'more' }, make('summary', {}, 'More settings'));
      more.append(...made.filter(({ row }) => row.more).map(({ element }) => element), again);
      fields.append(
        ...made.filter(({ row }) => !row.more).map(({ element }) => element),
        make('fieldset', { class: 'boxes' }, make('legend', {}, 'Networks to compare'), ...boxes),
        more,
      );
      form.append(fields);
      fill();
    },
    read() {
      if (!form.checkValidity()) {
        for (const element of form.querySelectorAll<HTMLInputElement>(':invalid:not(fieldset)'))
          for (const around of ancestors(element, 'details')) around.open = true;
        form.reportValidity();
        return undefined;
      }
      return values();
    },
    peek: () => (defaults && form.checkValidity() ? values() : undefined),
    lock(locked) {
      fields.disabled = locked;
      fields.title = locked ? 'Reset the training to change its settings' : '';
    },
  };
}

function fieldOf({ key, label, hint, number, flag, options }: Row, choices: Opened['choices']): HTMLElement {
  const described = hint ? { 'aria-describedby': `hint-${key}` } : {};
  const input = number
    ? make('input', {
        id: `set-${key}`,
        name: key,
        type: 'number',
        min: number.min,
        max: number.max,
        step: number.whole ? 1 : 'any',
        required: number.optional === undefined,
        placeholder: number.optional,
        inputmode: number.whole ? 'numeric' : 'decimal',
        ...described,
      })
    : make(
        'select',
        { id: `set-${key}`, name: key, ...described },
        ...(flag ? flagOptions(flag) : options!(choices)).map(([value, name]) => make('option', { value }, name)),
      );
  const text = make('label', { for: `set-${key}` }, label);
  return make('div', { class: 'field' }, text, input, ...(hint ? [make('small', { id: `hint-${key}` }, hint)] : []));
}

function* ancestors(element: Element, tag: 'details'): Generator<HTMLDetailsElement> {
  for (let at = element.closest(tag); at; at = at.parentElement?.closest(tag) ?? null) yield at;
}
