import { join } from 'node:path';
import { tmpdir } from 'node:os';

/**
 * The variables without what they say about Temporal, and with a profile file that does not exist: the sandbox must not
 * reach an operator's own cluster, whatever the shell or the profile file of the Temporal CLI names.
 */
export function withoutOtherClusters(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(variables).filter(([name]) => !name.startsWith('TEMPORAL_'))),
    TEMPORAL_CONFIG_FILE: join(tmpdir(), 'outsystems-refresh-no-temporal.toml'),
  };
}
