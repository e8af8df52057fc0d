// What values in COCO's files may be, which say so of themselves as little as any JSON.
import type { CocoId } from './instances.ts';

/** Is it a number, and a finite one? */
export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** Is it a list of such numbers? */
export const areNumbers = (value: unknown): value is number[] => Array.isArray(value) && value.every(isNumber);

/** Can it name an image or a category? */
export const isId = (value: unknown): value is CocoId => typeof value === 'number' || typeof value === 'string';
