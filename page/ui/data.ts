// The choice of images: drawn ones, CIFAR-10's files, or a folder of one's own; and what was made of it, with a few samples.
import type { DataSource, DataSummary } from '../protocol.ts';
import { byId, make } from './dom.ts';
import { type Dropped, filesChosen, filesOf, isCifar10 } from './dropped.ts';
import { count, counted } from './words.ts';

export interface DataCard {
  /** Says what is there now. */
  show(summary: DataSummary): void;
  /** Says that something is under way, or went wrong. */
  say(text: string, level?: 'error'): void;
  /** While a training goes on, other images would end it. */
  lock(locked: boolean): void;
}

type Kind = DataSource['kind'];

/** `choose` is given what a person wants to learn from. */
export function dataCard(choose: (source: DataSource) => void): DataCard {
  const card = byId('data-card');
  const form = byId<HTMLFormElement>('data');
  const fields = form.querySelector('fieldset')!;
  const summary = byId('data-summary');
  const kindOf = (): Kind => new FormData(form).get('kind') as Kind;

  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('change', ({ target }) => {
    const { id, name } = target as HTMLInputElement;
    if (name === 'kind') {
      open(kindOf());
      if (kindOf() === 'drawn') choose({ kind: 'drawn' });
    }
    if (id.endsWith('-files')) {
      take(filesChosen((target as HTMLInputElement).files));
      // The same may be chosen again, after it was put right.
      (target as HTMLInputElement).value = '';
    }
  });

  function open(kind: Kind): void {
    byId('cifar10-part').hidden = kind !== 'cifar10';
    byId('folder-part').hidden = kind !== 'folder';
    for (const input of form.querySelectorAll<HTMLInputElement>('[name=kind]')) input.checked = input.value === kind;
  }

  /** What the files are, they say themselves, wherever they were dropped. None at all are an empty folder, which the worker refuses as it does others that no set can be made of. */
  function take(files: readonly Dropped[]): void {
    const kind = isCifar10(files, kindOf()) ? 'cifar10' : 'folder';
    open(kind);
    if (kind === 'cifar10') choose({ kind, files: files.map(({ file }) => file) });
    else choose({ kind, files: [...files], size: Number(byId<HTMLSelectElement>('folder-size').value) });
  }

  card.addEventListener('dragover', (event) => {
    event.preventDefault();
    card.classList.toggle('over', !fields.disabled);
  });
  card.addEventListener('dragleave', () => card.classList.remove('over'));
  card.addEventListener('drop', (event) => {
    event.preventDefault();
    card.classList.remove('over');
    if (fields.disabled || !event.dataTransfer?.types.includes('Files')) return;
    filesOf(event.dataTransfer).then(
      // A large folder takes a while, in which a training may have begun.
      (files) => !fields.disabled && take(files),
      ({ message }) => say(`What was dropped cannot be read (${message}); choose it instead`, 'error'),
    );
  });

  function say(text: string, level?: 'error'): void {
    summary.replaceChildren(make('p', { class: level ?? 'soft' }, text));
  }

  return {
    say,
    show: (of) => summary.replaceChildren(...shown(of)),
    lock(locked) {
      fields.disabled = locked;
      fields.title = locked ? 'Reset the training to choose other images' : '';
    },
  };
}

function shown(of: DataSummary): HTMLElement[] {
  const { name, train, test, height, width, classes, leftOut, samples, labels } = of;
  const facts = `${count(train)} training and ${count(test)} test images, ${height} × ${width}, ${counted(classes.length, 'class', 'classes')}`;
  const pictures = labels.map((label, i) => {
    const canvas = make('canvas', { role: 'img', width: samples.width, height: samples.height });
    canvas.setAttribute('aria-label', `A training image: ${classes[label]}`);
    const size = samples.width * samples.height * 4;
    const pixels = new Uint8ClampedArray(samples.pixels.subarray(i * size, (i + 1) * size));
    canvas.getContext('2d')!.putImageData(new ImageData(pixels, samples.width, samples.height), 0, 0);
    return make('li', {}, canvas, make('small', {}, classes[label]));
  });
  const out = make(
    'details',
    { class: 'table-of' },
    make('summary', {}, `${counted(leftOut.length, 'file is', 'files are')} left out`),
    make('ul', {}, ...leftOut.map((line) => make('li', {}, line))),
  );
  return [
    make('p', {}, make('b', {}, name)),
    make('p', { class: 'soft' }, `${facts}.`),
    ...(leftOut.length > 0 ? [out] : []),
    make('ul', { class: 'samples' }, ...pictures),
  ];
}
