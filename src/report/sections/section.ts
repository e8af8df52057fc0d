// What all sections of a page are made of.
import { escapeHtml } from '../html.ts';

/** A section under its heading; none without content. The content must be safe HTML already. */
export const section = (heading: string, content: string): string =>
  content ? `<section>\n<h2>${escapeHtml(heading)}</h2>\n${content}\n</section>` : '';

/** Names with what they mean. */
export const definitions = (entries: readonly (readonly [string, string])[]): string =>
  `<dl>${entries.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join('\n')}</dl>`;

/** A paragraph for each text. */
export const paragraphs = (texts: readonly string[]): string =>
  texts.map((text) => `<p>${escapeHtml(text)}</p>`).join('\n');
