// Networks to files and back: an arm saved as it is, and a saved network loaded to be looked at beside the others.
import type { Call } from '../client.ts';
import type { ArmId, LoadedNetwork } from '../protocol.ts';
import { byId, make, say } from './dom.ts';
import type { Run } from './run.ts';
import { ARMS, count, percent } from './words.ts';

export interface Files {
  show(run: Run | undefined): void;
  /** An arm has begun its guide: it can be saved. */
  changed(): void;
}

/** `loaded` is told of a network that was taken in. */
export function files(call: Call, loaded: (network: LoadedNetwork) => void): Files {
  const arm = make('select', {}) as HTMLSelectElement;
  const save = (['safetensors', 'onnx'] as const).map((format) => {
    const name = format === 'onnx' ? 'ONNX' : 'safetensors';
    const button = make('button', { type: 'button', disabled: true }, `Save as ${name}`);
    button.addEventListener('click', () => void saveAs(format, button));
    return button;
  });
  const file = make('input', { type: 'file', accept: '.safetensors' });
  const tools = make(
    'div',
    { class: 'tools', hidden: true },
    make('label', { class: 'inline' }, 'Network ', arm),
    ...save,
  );
  const place = make('label', { class: 'drop' }, 'Load a network (.safetensors), or drop it here ', file);
  const said = make('p', { role: 'status' });
  byId('files').append(tools, place, said);
  let run: Run | undefined;
  let begun = false;
  let isLoaded = false;
  /** What a person chose to save. */
  let chosen = '';

  /** What can be saved now. */
  function offer(): void {
    const arms: ArmId[] = (run?.started.arms ?? []).map(({ id }) => id);
    if (isLoaded) arms.push('loaded');
    arm.replaceChildren(...arms.map((id) => make('option', { value: id }, ARMS[id].name)));
    arm.value = [chosen, 'trained', ...arms].find((id) => arms.includes(id as ArmId)) ?? '';
    tools.hidden = arms.length === 0;
    enable();
  }

  function enable(): void {
    for (const button of save) button.disabled = !begun && arm.value !== 'loaded';
  }

  arm.addEventListener('change', () => {
    chosen = arm.value;
    enable();
  });

  async function saveAs(format: 'safetensors' | 'onnx', button: HTMLButtonElement): Promise<void> {
    if (button.hasAttribute('aria-disabled')) return;
    button.setAttribute('aria-disabled', 'true');
    try {
      const { name, bytes } = await call('save', { arm: arm.value as ArmId, format });
      download(name, bytes);
      say(said, `Saved as ${name}, ${count(Math.ceil(bytes.length / 1024))} KB, its gates folded into its weights.`);
    } catch (error) {
      say(said, (error as Error).message);
    }
    button.removeAttribute('aria-disabled');
  }

  async function load(chosen: File | undefined): Promise<void> {
    if (!chosen) return;
    say(said, `Loading ${chosen.name} …`);
    try {
      // A folder that was dropped comes as a file, too.
      const bytes = await chosen.arrayBuffer().catch(() => {
        throw new Error(`${chosen.name} cannot be read: choose a .safetensors file, which is still where it was.`);
      });
      const network = await call('load', { name: chosen.name, bytes });
      isLoaded = true;
      offer();
      say(said, wordsOf(chosen.name, network));
      loaded(network);
    } catch (error) {
      say(said, (error as Error).message);
    }
  }

  file.addEventListener('change', () => {
    void load(file.files?.[0]);
    file.value = '';
  });
  place.addEventListener('drop', ({ dataTransfer }) => void load(dataTransfer?.files[0]));

  return {
    show(of) {
      run = of;
      begun = false;
      offer();
    },
    changed() {
      if (begun || run?.phase !== 'guide') return;
      begun = true;
      enable();
    },
  };
}

function wordsOf(name: string, { model, classes, parameters, accuracy }: LoadedNetwork): string {
  const what = `${name} is a ${model} with ${count(parameters)} parameters and ${classes.length} classes`;
  return accuracy === undefined
    ? `${what}. Its classes or its size of images are not those of the images here, so it is not measured on them.`
    : `${what}. It is right about ${percent(accuracy)} of the test images.`;
}

function download(name: string, bytes: Uint8Array<ArrayBuffer>): void {
  const url = URL.createObjectURL(new Blob([bytes]));
  make('a', { href: url, download: name }).click();
  // The browser has read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
