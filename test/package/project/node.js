// In Node: prints the losses.
import { train } from './train.js';

console.log(JSON.stringify(await train()));
