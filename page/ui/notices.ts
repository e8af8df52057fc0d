// What the page has to say that nobody asked for: errors and notes, each until it is put away; and what to do where there is no GPU.
import { byId, make } from './dom.ts';

export interface Notices {
  add(level: 'info' | 'error', message: string): void;
  /** Instead of everything else said before, with a button that tries again; without a message it goes. */
  advise(message: string | undefined, again?: () => void): void;
}

/** More than these push the oldest out. */
const MOST = 4;

export function notices(): Notices {
  const host = byId('notices');
  const advice = make('div', { role: 'status' });
  const list = make('div', {});
  host.append(advice, list);
  return {
    add(level, message) {
      const same = [...list.children].find((one) => one.firstElementChild?.textContent === message);
      same?.remove();
      const close = make('button', { type: 'button', class: 'quiet', 'aria-label': 'Put this note away' }, '×');
      const notice = make(
        'div',
        { class: `notice ${level}`, role: level === 'error' ? 'alert' : 'status' },
        make('p', {}, message),
        close,
      );
      close.addEventListener('click', () => {
        notice.remove();
        byId('go').focus();
      });
      list.append(notice);
      if (list.children.length > MOST) list.firstElementChild!.remove();
    },
    advise(message, again) {
      if (message === undefined) return advice.replaceChildren();
      const notice = make('div', { class: `notice ${again ? 'error' : 'info'}` }, make('p', {}, message));
      if (again) {
        const retry = make('button', { type: 'button' }, 'Try again');
        retry.addEventListener('click', again);
        notice.append(retry);
      }
      advice.replaceChildren(notice);
    },
  };
}
