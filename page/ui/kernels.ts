// Where the time of a training step goes on the GPU, kernel by kernel, when a person asks for it.
import type { Call } from '../client.ts';
import type { ArmId, KernelTable, Opened } from '../protocol.ts';
import { byId, make, say, table } from './dom.ts';
import type { Run } from './run.ts';
import { ARMS, count, number, percent } from './words.ts';

export interface Kernels {
  /** Shows another training, or none. */
  show(run: Run | undefined, adapter: Opened['adapter']): void;
  /** An arm has begun its guide: it can be timed. */
  changed(): void;
}

export function kernels(call: Call): Kernels {
  const host = byId('kernels');
  const arm = make('select', {}) as HTMLSelectElement;
  const time = make('button', { type: 'button', disabled: true }, 'Time a step');
  byId('kernels-tools').append(make('label', { class: 'inline' }, 'Network ', arm), time);
  let run: Run | undefined;
  let timed = false;

  time.addEventListener('click', async () => {
    const of = run;
    time.setAttribute('aria-disabled', 'true');
    time.disabled = true;
    say(host, 'Timing a few steps …');
    try {
      const found = await call('profile', { arm: arm.value as ArmId });
      if (of === run) host.replaceChildren(...shown(found, ARMS[found.arm].inText));
    } catch (error) {
      if (of === run) say(host, (error as Error).message);
    }
    time.disabled = false;
    time.removeAttribute('aria-disabled');
    time.focus({ preventScroll: true });
  });

  return {
    show(of, adapter) {
      run = of;
      timed = adapter?.timestamps ?? false;
      arm.replaceChildren(...(of?.started.arms ?? []).map(({ id }) => make('option', { value: id }, ARMS[id].name)));
      time.disabled = true;
      say(
        host,
        timed
          ? 'Once the guide has begun, a few extra steps can be timed; they leave no trace in the training.'
          : 'Kernels are timed by timestamps of the GPU, which this browser does not give to pages. Chrome and Edge do from version 121 on, Safari from 26.',
      );
    },
    changed() {
      if (run?.phase === 'guide' && timed && !time.hasAttribute('aria-disabled')) time.disabled = false;
    },
  };
}

function shown({ steps, kernels: busy, wall, rows }: KernelTable, name: string): HTMLElement[] {
  const most = Math.max(...rows.map(({ share }) => share), Number.MIN_VALUE);
  const bar = (share: number): HTMLElement => {
    const element = make('span', { class: 'share' }, make('span', { class: 'value' }, percent(share)));
    element.style.setProperty('--share', String(share / most));
    return element;
  };
  return [
    make(
      'p',
      {},
      `A step of ${name} takes ${number(wall)} ms, of which kernels run ${number(busy)} ms (mean of ${count(steps)} steps).`,
    ),
    Object.assign(
      table(
        'Kernels of a training step',
        ['Kernel', 'Calls', 'ms', 'Share', 'GFLOP/s', 'GB/s'],
        rows.map(({ kernel, detail, calls, ms, share, gflops, gbs }) => [
          make('span', {}, kernel, make('small', {}, detail)),
          count(calls),
          number(ms),
          bar(share),
          gflops === undefined ? '' : number(gflops),
          gbs === undefined ? '' : number(gbs),
        ]),
      ),
      { className: 'kernels' },
    ),
  ];
}
