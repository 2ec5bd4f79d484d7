/** Moves the rows of prepared environments once and prints what it took: memory can only be told of a whole process. */
import { text } from 'node:stream/consumers';
import { parseConfigurationText } from '../src/config.js';
import type { BenchEnvironments } from './environments.js';
import type { GrowthFigures } from './growth.js';
import { timeRefresh } from './refreshPath.js';

const { configurationText, variables } = JSON.parse(await text(process.stdin)) as BenchEnvironments;
const configuration = parseConfigurationText(configurationText, variables);
const sample = await timeRefresh({ configuration }, 'generate');
const figures: GrowthFigures = { seconds: sample.seconds, peakMegabytes: process.resourceUsage().maxRSS / 1024 };
process.stdout.write(`${JSON.stringify(figures)}\n`);
