// When things are drawn: what changed, with the newest values, in the browser's next frame; and what does not fit into that frame's time, in the one after.

/** Milliseconds of a frame that drawing may begin in: a started drawing is finished, so that a frame takes this and the longest one. */
const BUDGET = 8;

const waiting = new Set<() => void>();
let asked = false;

function frame(): void {
  asked = false;
  const end = performance.now() + BUDGET;
  for (const draw of waiting) {
    if (performance.now() > end) {
      ask();
      return;
    }
    waiting.delete(draw);
    draw();
  }
}

function ask(): void {
  if (asked) return;
  asked = true;
  requestAnimationFrame(frame);
}

/** Of something that draws, what asks for it to be drawn: any number of times, for one drawing. */
export function inFrames(draw: () => void): () => void {
  return () => {
    // To the end of the line, so that a busy one cannot keep others from their turn.
    waiting.delete(draw);
    waiting.add(draw);
    ask();
  };
}
