#!/usr/bin/env node
// `npx astrogpu COMMAND`: finds the command and leaves the rest to it.
import { runToEnd } from './common/command.ts';
import { dispatch } from './dispatch.ts';

runToEnd(dispatch(process.argv.slice(2)));
