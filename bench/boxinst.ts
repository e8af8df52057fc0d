// BoxInst on COCO: `node bench/boxinst.js --data coco/ --backbone resnet50.safetensors` trains a detector with boxes as the only supervision, and leaves a folder with it and its report.
import { runToEnd, trainDetector } from 'astrogpu/cli';

runToEnd(trainDetector(process.argv.slice(2), 'node bench/boxinst.js'));
