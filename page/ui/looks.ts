// Grad-CAM of every arm over the same test images. It costs the trainer time, so it is asked for only while it is in view, an arm at a time, when an epoch has ended.
import type { Call } from '../client.ts';
import type { ArmId, Explanations, Pictures } from '../protocol.ts';
import { byId, make, say } from './dom.ts';
import { inFrames } from './frames.ts';
import { heatOver, whereIn } from './heat.ts';
import { ARMS, capital, percent } from './words.ts';

export interface Looks {
  /** Begins anew, on these images. */
  clear(classes: readonly string[], testImages: number): void;
  /** An arm is there, or has become another: an epoch of it ended. */
  changed(arm: ArmId): void;
}

const IMAGES = 8;

export function looks(call: Call): Looks {
  const host = byId('looks');
  const other = make('button', { type: 'button' }, 'Other images');
  const classChoice = make('select', {}) as HTMLSelectElement;
  byId('looks-tools').append(make('label', { class: 'inline' }, 'Explain ', classChoice), other);
  let classes: readonly string[] = [];
  let testImages = 0;
  let first = 0;
  /** Counts what was asked before for something else. */
  let asked = 0;
  let inView = false;
  let busy = false;
  const stale = new Set<ArmId>();
  const rows = new Map<ArmId, Row>();
  const original = row('the images');
  const trouble = make('p', { class: 'hint' });
  const drawings = new Map<ArmId, Explanations>();
  const redraw = inFrames(draw);

  new IntersectionObserver(([entry]) => {
    inView = entry.isIntersecting;
    if (inView) void ask();
  }).observe(host);
  other.addEventListener('click', () => {
    first = (first + IMAGES) % Math.max(1, testImages);
    askAnew();
  });
  classChoice.addEventListener('change', askAnew);

  function askAnew(): void {
    asked++;
    for (const arm of rows.keys()) stale.add(arm);
    void ask();
  }

  async function ask(): Promise<void> {
    if (busy || !inView) return;
    busy = true;
    for (let arm = next(); arm !== undefined && inView; arm = next()) {
      stale.delete(arm);
      const turn = asked;
      const count = Math.min(IMAGES, testImages);
      const images = Array.from({ length: count }, (_, i) => (first + i) % testImages);
      const chosen = classChoice.value === '' ? {} : { class: Number(classChoice.value) };
      try {
        const answer = await call('explain', { arm, images, ...chosen });
        if (turn !== asked) continue;
        drawings.set(arm, answer);
        say(trouble, '');
        redraw();
      } catch (error) {
        if (turn === asked) say(trouble, (error as Error).message);
      }
    }
    busy = false;
  }

  /** In the order of the rows. */
  const next = (): ArmId | undefined => [...rows.keys()].find((arm) => stale.has(arm));

  function draw(): void {
    // A row a frame: pictures of a folder may be large.
    const [entry] = drawings;
    if (!entry) return;
    const [arm, found] = entry;
    drawings.delete(arm);
    original.pictures(found.pictures, (i) => ({
      caption: classes[found.images[i].label],
      spoken: `Test image ${found.images[i].image}: ${classes[found.images[i].label]}`,
    }));
    rows.get(arm)?.looks(found, classes);
    if (drawings.size > 0) redraw();
  }

  return {
    clear(names, test) {
      classes = names;
      testImages = test;
      first = 0;
      asked++;
      classChoice.replaceChildren(
        make('option', { value: '' }, 'each one’s answer'),
        ...names.map((name, i) => make('option', { value: i }, name)),
      );
      rows.clear();
      stale.clear();
      drawings.clear();
      original.clear();
      say(trouble, 'The first come when an epoch of the guide has ended.');
      host.replaceChildren(original.element, trouble);
    },
    changed(arm) {
      if (!rows.has(arm)) {
        rows.set(arm, row(ARMS[arm].name));
        host.insertBefore(rows.get(arm)!.element, trouble);
      }
      stale.add(arm);
      if (rows.get(arm)!.empty()) say(trouble, 'Looking …');
      void ask();
    },
  };
}

interface Row {
  element: HTMLElement;
  pictures(of: Pictures, describe: (i: number) => { caption: string; spoken: string }): void;
  looks(of: Explanations, classes: readonly string[]): void;
  clear(): void;
  empty(): boolean;
}

function row(name: string): Row {
  const count = make('span', { class: 'soft' });
  const list = make('ul', { class: 'looks' });
  const element = make('div', { class: 'look-row' }, make('h3', {}, `${capital(name)} `, count), list);

  function fill(
    { count: images, height, width }: Pictures,
    pixels: (i: number) => Uint8ClampedArray<ArrayBuffer>,
    describe: (i: number) => { caption: string; more?: string; spoken: string; right?: boolean },
  ): void {
    while (list.children.length > images) list.lastElementChild!.remove();
    for (let i = 0; i < images; i++) {
      const item = (list.children[i] ??
        list.appendChild(
          make('li', {}, make('canvas', { role: 'img' }), make('small'), make('small')),
        )) as HTMLLIElement;
      const canvas = item.firstElementChild as HTMLCanvasElement;
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      canvas.getContext('2d')!.putImageData(new ImageData(pixels(i), width, height), 0, 0);
      const { caption, more = '', spoken, right } = describe(i);
      canvas.setAttribute('aria-label', spoken);
      say(item.children[1], caption);
      say(item.children[2], more);
      item.className = right === undefined ? '' : right ? 'right' : 'wrong';
    }
  }

  return {
    element,
    empty: () => list.children.length === 0,
    clear() {
      list.replaceChildren();
      say(count, '');
    },
    pictures: (of, describe) => fill(of, (i) => slice(of.pixels, i, of.count), describe),
    looks({ pictures, heat, images, layer }, classes) {
      const right = images.filter(({ label, predicted }) => label === predicted).length;
      say(count, `${right} of ${images.length} right · layer ${layer}`);
      const map = (i: number): Uint8Array =>
        heat.subarray(i * (heat.length / pictures.count), (i + 1) * (heat.length / pictures.count));
      fill(
        pictures,
        (i) => heatOver(slice(pictures.pixels, i, pictures.count), map(i)),
        (i) => {
          const { image, label, predicted, probability, explained } = images[i];
          const where = whereIn(map(i), pictures.width, pictures.height);
          return {
            caption: `${label === predicted ? '✓' : '✗'} ${classes[predicted]}`,
            more: percent(probability, 0),
            spoken: `Test image ${image}, ${classes[label]}: ${name} takes it for ${classes[predicted]}, ${percent(probability, 0)}. For ${classes[explained]} it looks at the ${where}.`,
            right: label === predicted,
          };
        },
      );
    },
  };
}

const slice = (pixels: Uint8ClampedArray, i: number, of: number): Uint8ClampedArray<ArrayBuffer> =>
  new Uint8ClampedArray(pixels.subarray((i * pixels.length) / of, ((i + 1) * pixels.length) / of));
