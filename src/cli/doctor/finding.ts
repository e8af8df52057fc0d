// One line of the doctor's: what was found, how bad it is, and what to do about it.

/** `failure`: nothing can be trained so. `warning`: it works, but not as it could. */
export interface Finding {
  state: 'ok' | 'warning' | 'failure';
  what: string;
  advice?: string;
}
