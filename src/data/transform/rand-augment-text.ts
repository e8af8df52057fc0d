// RandAugment in a word, as timm and its recipes write it, so that an option and a run's configuration can hold it.
import { ConfigError, needArguments } from '../../gpu/index.ts';
import { checkRandAugment, type RandAugment } from './rand-augment.ts';

const PARTS: Record<string, keyof RandAugment> = { n: 'ops', m: 'magnitude', mstd: 'deviation' };

/**
 * `rand-m9-n2-mstd0.5-inc1` is timm's ops at magnitude 9, two on each image, with noise of 0.5 on the magnitude (inc1: that all ops grow with it is the only form here);
 * `torchvision-m9-n2` is torchvision's. What is left out is as RandAugment has it. Throws ConfigError of `field`.
 */
export function parseRandAugment(text: string, field = 'randAugment'): RandAugment {
  needArguments('parseRandAugment', 'a text', { text });
  const [space, ...parts] = text.split('-');
  const refuse = (): never => {
    throw new ConfigError(
      field,
      (named) =>
        `${named(field, text)}: takes rand-m9-mstd0.5-inc1 (timm's) or torchvision-m9, with n2 for the number of ops`,
    );
  };
  if (space !== 'rand' && space !== 'torchvision') refuse();
  const how: RandAugment = { space: space === 'rand' ? 'timm' : 'torchvision' };
  for (const part of parts) {
    const [, name = '', number = ''] = /^([a-z]+)(\d+(?:\.\d+)?)$/.exec(part) ?? [];
    if (name === 'inc' && space === 'rand' && number === '1') continue;
    const key = Object.hasOwn(PARTS, name) ? PARTS[name] : refuse();
    if (key === 'deviation' && space !== 'rand') refuse();
    Object.assign(how, { [key]: Number(number) });
  }
  if (space === 'rand' && !parts.includes('inc1')) refuse();
  checkRandAugment(how);
  return how;
}
