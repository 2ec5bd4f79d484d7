import { describeRefreshes } from './refreshes.js';

describeRefreshes(0, 2);
