import { describeRefreshes } from './refreshes.js';

describeRefreshes(1, 2);
