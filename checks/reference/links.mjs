// Links of pages and documents that lead nowhere: to a file that is not there, or a place of one that it does not have. What lies elsewhere on the web is not asked.
// Plain JavaScript with JSDoc types, like setup.mjs.
import { posix } from 'node:path';

/**
 * GitHub's name of a heading in a link.
 * @param {string} heading
 */
const anchorOf = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

/**
 * Text with entities as typedoc and people write them into addresses.
 * @param {string} text
 */
const plain = (text) => text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'");

/** How a page says where it leads, and what one can lead to. */
const MARKUP = {
  links: /\s(?:href|src)="([^"]*)"/g,
  /** @param {string} text */
  places: (text) => [...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => plain(id)),
};
/** The same by the end of its name. */
const KINDS = {
  html: MARKUP,
  svg: MARKUP,
  md: {
    links: /\]\(([^)\s]+)\)/g,
    /** @param {string} text */
    places: (text) => [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading)),
  },
};

/**
 * @param {string} path
 * @returns {typeof MARKUP | undefined}
 */
const kindOf = (path) => KINDS[/** @type {keyof typeof KINDS} */ (path.split('.').at(-1))];

/**
 * A line for each link that leads nowhere. Pages are .html, .svg and .md.
 * @param {ReadonlyMap<string, string>} pages their texts by path, with forward slashes
 * @param {(path: string) => boolean} isThere whether a file or folder is there that is no page
 * @returns {string[]}
 */
export function brokenLinks(pages, isThere = () => false) {
  /** @type {Map<string, Set<string>>} */
  const known = new Map();
  /** @param {string} path */
  const placesOf = (path) => {
    const places = known.get(path) ?? new Set(kindOf(path)?.places(pages.get(path) ?? ''));
    known.set(path, places);
    return places;
  };
  return [...pages].flatMap(([path, text]) =>
    [...text.matchAll(kindOf(path)?.links ?? /(?!)/g)].flatMap(({ index, 1: written }) => {
      const link = plain(written);
      if (/^\w+:|^\/\//.test(link)) return [];
      const [target, anchor] = link.split('#').map(decodeURIComponent);
      const file = target === '' ? path : posix.join(posix.dirname(path), target).replace(/\/$/, '');
      const from = `${path}:${text.slice(0, index).split('\n').length} leads to ${link}`;
      if (!pages.has(file) && !isThere(file)) return [`${from}: there is no such file or folder`];
      if (!anchor || placesOf(file).has(anchor)) return [];
      return [`${from}: it has no such place`];
    }),
  );
}
