import type { DataConverter } from '@temporalio/common';
import { keyRingOf } from './keys.js';
import { EncryptionCodec } from './payloadCodec.js';

/**
 * What client and worker need to encrypt payloads: nothing without keys in the environment.
 * @throws BadInputError (CODEC_KEY_INVALID)
 */
export function payloadEncryption(variables: NodeJS.ProcessEnv): { dataConverter?: DataConverter } {
  const keys = keyRingOf(variables);
  return keys === null ? {} : { dataConverter: { payloadCodecs: [new EncryptionCodec(keys)] } };
}
