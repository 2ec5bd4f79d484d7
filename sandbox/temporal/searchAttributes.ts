import { Connection } from '@temporalio/client';

/** temporal.api.enums.v1.IndexedValueType */
const KEYWORD = 2;

/** Registers those of the keyword search attributes that the server does not know yet. */
export async function registerSearchAttributes(
  address: string,
  names: readonly string[],
  namespace = 'default',
): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 5_000 });
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const missing = names.filter((name) => !(name in (customAttributes ?? {})));
    if (missing.length === 0) return;
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
    });
  } finally {
    await connection.close();
  }
}
