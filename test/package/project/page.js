// In a page: the losses, for whoever asks the page.
import { train } from './train.js';

globalThis.losses = train();
