// A line of progress that fits its terminal: what people look for, loss, accuracy and time left, is there at any width; the rest gives way in a fixed order.

/** What a line tells, each part as text. */
export interface ProgressParts {
  arm?: string;
  phase: string;
  /** `2/5` */
  epoch?: string;
  /** `360/390` */
  steps: string;
  /** How full the bar is, 0 to 1; a line that stays has none. */
  filled?: number;
  /** `320 images/s` */
  speed: string;
  /** `steps wait 12 % for images` */
  loading?: string;
  /** By name, the task network's first. */
  losses: [name: string, value: string][];
  /** By name, what matters most last. */
  accuracies: [name: string, value: string][];
  /** `1 min 30 s left` */
  left: string;
}

/** What is left out, from the first that gives way on; each step keeps those before it. */
const STEPS = [
  'half the bar',
  'bar',
  'loading',
  'speed',
  'names',
  'steps',
  'phase',
  'other losses',
  'other accuracies',
  'arm',
  'epoch',
] as const;

/** The line in at most `width` columns, with as much of the parts as fits. */
export function progressLine(parts: ProgressParts, width = Number.POSITIVE_INFINITY): string {
  for (let given = 0; given <= STEPS.length; given++) {
    const line = compose(parts, new Set<string>(STEPS.slice(0, given)));
    if (line.length <= width) return line;
  }
  return `${compose(parts, new Set<string>(STEPS)).slice(0, Math.max(0, width - 1))}…`;
}

function compose(parts: ProgressParts, out: ReadonlySet<string>): string {
  const { arm, phase, epoch, steps, filled, speed, loading, losses, accuracies, left } = parts;
  const at = out.has('epoch') || epoch === undefined ? '' : out.has('phase') ? epoch : `epoch ${epoch}`;
  const head = [out.has('arm') ? '' : arm, out.has('phase') ? '' : phase, at];
  const bar = filled === undefined || out.has('bar') ? '' : barOf(filled, out.has('half the bar') ? 10 : 20);
  const short = (name: string): string => (out.has('names') ? name.replace(/ ?accuracy$/, '') || 'accuracy' : name);
  return [
    head.filter(Boolean).join(' · '),
    out.has('steps') ? '' : [filled === undefined ? 'step' : bar, steps].filter(Boolean).join(' '),
    out.has('speed') ? '' : speed,
    out.has('loading') ? '' : loading,
    ...losses.slice(0, out.has('other losses') ? 1 : undefined).map(([name, value]) => `${name} ${value}`),
    ...accuracies.slice(out.has('other accuracies') ? -1 : 0).map(([name, value]) => `${short(name)} ${value}`),
    left,
  ]
    .filter(Boolean)
    .join('  ');
}

function barOf(filled: number, cells: number): string {
  const full = Math.round(cells * Math.min(1, Math.max(0, filled)));
  return `${'█'.repeat(full)}${'░'.repeat(cells - full)}`;
}
