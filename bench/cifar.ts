// The main job: `node bench/cifar.js` trains AstroNet on CIFAR-10, with its controls, and leaves a folder with the table and the report. It is
// `npx astrogpu train` under the name that the results in docs/ were made with.
import { runToEnd, train } from 'astrogpu/cli';

runToEnd(train(process.argv.slice(2), 'node bench/cifar.js'));
