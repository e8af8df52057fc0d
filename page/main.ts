// The page: it starts the worker that trains, tells it what a person wants, and shows what comes back. Each part of what is seen has a file in ui/; here is what they have to do
// with one another.
import { connect } from './client.ts';
import type { DataSource, DataSummary, Opened, TrainerEvent } from './protocol.ts';
import { armTable } from './ui/arms.ts';
import { bar as makeBar, type Standing } from './ui/bar.ts';
import { curves as makeCurves } from './ui/curves.ts';
import { dataCard } from './ui/data.ts';
import { byId, make } from './ui/dom.ts';
import { files as makeFiles } from './ui/files.ts';
import { gates as makeGates } from './ui/gates.ts';
import { kernels as makeKernels } from './ui/kernels.ts';
import { looks as makeLooks } from './ui/looks.ts';
import { notices as makeNotices } from './ui/notices.ts';
import { resultWords } from './ui/result.ts';
import { Run, type RunEvent } from './ui/run.ts';
import { settingsForm } from './ui/settings.ts';
import { ARMS, count, percent } from './ui/words.ts';

/** As wide as it takes to have the settings beside the curves, as in style.css. */
const WIDE = '(min-width: 60rem)';
const CALM = '(prefers-reduced-motion: reduce)';

const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
const call = connect(worker, listen);
const notices = makeNotices();
const bar = makeBar({ start, pause, resume, reset });
const data = dataCard((source) => void take(source));
const settings = settingsForm();
const [arms, curves, gates] = [armTable(), makeCurves(), makeGates()];
const [looks, kernels] = [makeLooks(call), makeKernels(call)];
const files = makeFiles(call, ({ accuracy }) => {
  // Where it could be measured on the images here, it can be explained on them.
  loadedFits = accuracy !== undefined;
  lookAtLoaded();
});

let opened: Opened | undefined;
let images: { source: DataSource['kind']; summary: DataSummary } | undefined;
let run: Run | undefined;
let loadedFits = false;
/** Counts choices of images: an answer to an earlier one is late. */
let taken = 0;

for (const card of document.querySelectorAll<HTMLDetailsElement>('.side > details'))
  card.open = matchMedia(WIDE).matches;
// A file that misses its place would replace the page, and end the training.
for (const type of ['dragover', 'drop'] as const) addEventListener(type, (event) => event.preventDefault());
for (const id of ['settings', 'data']) byId(id).addEventListener('change', plan);
worker.addEventListener('error', ({ message }) => {
  stand('none');
  notices.advise(
    `The program that trains did not start: ${message || 'its file worker.js could not be loaded'}. Reload the page.`,
  );
});
// For the browser's console, and for tests.
Object.assign(globalThis, { astronet: { call } });
void open();

async function open(): Promise<void> {
  stand('opening');
  notices.advise(undefined);
  try {
    opened = await call('open');
  } catch (error) {
    stand('none');
    notices.advise((error as Error).message, () => void open());
    return;
  }
  const { adapter, advice, choices, defaults } = opened;
  settings.offer(choices, defaults);
  if (adapter)
    byId('machine').textContent = adapter.software
      ? `on your machine’s processor (${shortName(adapter.description)}), for want of a GPU`
      : `on your own GPU (${adapter.description})`;
  if (!adapter) {
    stand('none');
    notices.advise(advice ?? 'This browser gives no GPU to pages.', () => void open());
    return;
  }
  if (advice) notices.advise(advice);
  await take({ kind: 'drawn' });
}

async function take(source: DataSource): Promise<void> {
  const turn = ++taken;
  if (!opened?.adapter) return;
  stand('taking');
  data.say(source.kind === 'drawn' ? 'Drawing …' : 'Reading …');
  try {
    const summary = await call('data', source);
    if (turn !== taken) return;
    images = { source: source.kind, summary };
    loadedFits = false;
    data.show(summary);
    show(undefined);
    stand('idle');
  } catch (error) {
    if (turn !== taken) return;
    // The worker has the images that it had.
    if (images) data.show(images.summary);
    else data.say('There are no images yet.');
    notices.add('error', (error as Error).message);
    stand(images ? 'idle' : 'empty');
  }
}

async function start(): Promise<void> {
  const wanted = settings.read();
  if (!wanted) return;
  stand('starting');
  show(undefined);
  try {
    show(new Run(await call('start', wanted)));
    // What one came to see; the bar stays at hand.
    byId('live').scrollIntoView({ behavior: matchMedia(CALM).matches ? 'auto' : 'smooth' });
    if (bar.standing() === 'starting') stand('training');
  } catch (error) {
    notices.add('error', (error as Error).message);
    stand('idle');
  }
}

async function pause(): Promise<void> {
  stand('pausing');
  try {
    await call('pause');
    if (bar.standing() === 'pausing') stand('paused');
  } catch (error) {
    // It may have come to its end meanwhile.
    if (bar.standing() !== 'pausing') return;
    notices.add('error', (error as Error).message);
    stand('training');
  }
}

async function resume(): Promise<void> {
  try {
    await call('resume');
    if (bar.standing() === 'paused') stand('training');
  } catch (error) {
    notices.add('error', (error as Error).message);
  }
}

async function reset(): Promise<void> {
  try {
    await call('reset');
    show(undefined);
    stand('idle');
  } catch (error) {
    notices.add('error', (error as Error).message);
  }
}

/** Of a software adapter, without what the page says in its own words. */
const shortName = (description: string): string =>
  description.replace(/, a software adapter: no GPU$/, '').replace(/^unnamed \((.*)\)$/, '$1');

/** Shows a training that has begun, or what comes before one. */
function show(of: Run | undefined): void {
  run = of;
  byId('live').hidden = !of;
  byId('outline').hidden = of !== undefined;
  byId('result').hidden = true;
  byId('said').textContent = '';
  byId('gates-card').hidden = !of?.started.arms.some(({ gated }) => gated);
  for (const id of ['looks-card', 'kernels-card']) byId(id).hidden = !of;
  for (const part of [bar, arms, curves, gates, files]) part.show(of);
  kernels.show(of, opened?.adapter);
  if (images) looks.clear(images.summary.classes, of?.started.settings.testImages ?? images.summary.test);
  lookAtLoaded();
}

function lookAtLoaded(): void {
  if (!loadedFits) return;
  byId('looks-card').hidden = false;
  looks.changed('loaded');
}

/** A training has ended by itself before its time, as a note says: what was drawn of it stays, its networks are gone. */
function breakOff(): void {
  for (const id of ['looks-card', 'kernels-card']) byId(id).hidden = true;
  files.show(undefined);
  stand('idle');
}

function stand(standing: Standing): void {
  bar.stand(standing);
  const going = ['starting', 'training', 'pausing', 'paused', 'lost'].includes(standing);
  data.lock(going || standing === 'none' || standing === 'opening');
  settings.lock(going);
  plan();
  if (standing === 'done' && run) tell(run);
}

/** One line on the training that the button would start. */
function plan(): void {
  const wanted = images && settings.peek();
  if (!wanted) return;
  const learners = wanted.arms.map((arm) => ARMS[arm].name).join(', ');
  const trained = Math.min(wanted.images, images!.summary.train);
  const width = wanted.width < 1 ? ` at ${percent(wanted.width, 0)} of its width` : '';
  bar.plan(`${wanted.model}${width}, ${count(trained)} images, ${wanted.epochs} epochs: ${learners}`);
}

function tell(of: Run): void {
  // One that ended by an error has said so, and has no result.
  const words = (of.progress?.done ?? 0) > 0.99 ? resultWords(of, images?.source === 'drawn') : [];
  byId('result').hidden = words.length === 0;
  // What was hidden a moment ago is not read aloud.
  byId('said').textContent = words.join(' ');
  byId('result-text').replaceChildren(...words.map((sentence) => make('p', {}, sentence)));
}

function listen(event: TrainerEvent): void {
  if (event.type === 'state') {
    const standing = bar.standing();
    if (event.state === standing) return;
    if (event.state !== 'idle') stand(event.state);
    else if (run && (standing === 'training' || standing === 'pausing' || standing === 'lost')) breakOff();
    else if (standing === 'lost') stand('idle');
  } else if (event.type === 'note') notices.add(event.level, event.message);
  else if (run) follow(run, event);
}

function follow(of: Run, event: RunEvent): void {
  of.take(event);
  bar.changed();
  arms.changed();
  if (event.type === 'gates') gates.changed(event.arm);
  else curves.changed();
  if (event.phase !== 'guide') return;
  kernels.changed();
  files.changed();
  if (event.type === 'epoch') looks.changed(event.arm);
}
