// The bar with the buttons: where the training stands, what the one large button does now, and how far it is.
import type { Phase, State } from '../protocol.ts';
import { byId, say } from './dom.ts';
import { inFrames } from './frames.ts';
import { epochsIn, type Run } from './run.ts';
import { count, duration, number, PHASES, percent, STATES } from './words.ts';

/** The worker's states, and what comes before them: `none` without an adapter, `empty` without images. */
export type Standing = State | 'opening' | 'none' | 'empty' | 'taking' | 'starting' | 'pausing';

export interface Bar {
  standing(): Standing;
  stand(standing: Standing): void;
  /** One line on the training that would start. */
  plan(text: string): void;
  show(run: Run | undefined): void;
  changed(): void;
}

const SAID: Record<Standing, string> = {
  ...STATES,
  opening: 'Looking for a GPU …',
  none: 'This browser gives no GPU to pages',
  empty: 'Choose images to learn from',
  taking: 'Taking the images in …',
  starting: 'Starting …',
  pausing: 'Pausing after this step …',
};

/** What the button does; those that are not here leave it as it was called, and without effect. */
const ACTIONS: Partial<Record<Standing, string>> = {
  idle: 'Start training',
  training: 'Pause',
  paused: 'Resume',
  done: 'Train again',
};

const TITLE = document.title;
/** Seconds of a training before its speed says when it will end. */
const TOO_EARLY = 3;

export function bar(actions: Record<'start' | 'pause' | 'resume' | 'reset', () => void>): Bar {
  const go = byId<HTMLButtonElement>('go');
  const reset = byId<HTMLButtonElement>('reset');
  const line = byId('plan');
  const done = byId<HTMLProgressElement>('done');
  let standing: Standing = 'opening';
  let planned = '';
  let run: Run | undefined;
  /** Where it stood when it last went on, to tell when it will end. */
  let since: { time: number; done: number } | undefined;

  go.addEventListener('click', () => {
    if (standing === 'idle' || standing === 'done') actions.start();
    if (standing === 'training') actions.pause();
    if (standing === 'paused') actions.resume();
  });
  reset.addEventListener('click', actions.reset);

  function state(phase?: Phase): void {
    const going = phase !== undefined && standing === 'training';
    say(byId('state'), going ? `Training: ${PHASES[phase].toLowerCase()}` : SAID[standing]);
  }

  const redraw = inFrames(() => {
    const progress = run?.progress;
    state(run?.phase);
    done.hidden = !run;
    done.value = progress?.done ?? 0;
    document.title = TITLE;
    if (!run || standing === 'idle' || standing === 'done') return say(line, standing === 'idle' || run ? planned : '');
    if (!progress) return say(line, 'Preparing the first steps …');
    if (standing === 'training') since ??= { time: performance.now(), done: progress.done };
    document.title = `${percent(progress.done, 0)} · ${TITLE}`;
    const words = [
      `epoch ${progress.epoch.toFixed(1)} of ${number(epochsIn(run.started, progress.phase))}`,
      `${progress.imagesPerSecond < 100 ? number(progress.imagesPerSecond) : count(progress.imagesPerSecond)} images/s`,
      left(progress.done),
    ];
    say(line, words.filter(Boolean).join(' · '));
  });

  function left(part: number): string {
    if (!since) return '';
    const [time, progress] = [(performance.now() - since.time) / 1000, part - since.done];
    return time < TOO_EARLY || progress <= 0 ? '' : `about ${duration((time / progress) * (1 - part))} left`;
  }

  return {
    standing: () => standing,
    stand(now) {
      standing = now;
      since = undefined;
      say(go, ACTIONS[now] ?? go.textContent!);
      // Not disabled, which would take the focus away from who just pressed it.
      if (ACTIONS[now]) go.removeAttribute('aria-disabled');
      else go.setAttribute('aria-disabled', 'true');
      const resettable = now === 'training' || now === 'paused' || now === 'done' || now === 'lost';
      if (!resettable && document.activeElement === reset) go.focus();
      reset.disabled = !resettable;
      state(run?.phase);
      redraw();
    },
    plan(text) {
      planned = text;
      redraw();
    },
    show(of) {
      run = of;
      redraw();
    },
    changed: redraw,
  };
}
