/**
 * What an error does besides being reported, as observed of SQL Server ("Error and Transaction Handling in SQL
 * Server", Erland Sommarskog, and the documentation of SET XACT_ABORT and XACT_STATE).
 */

/** Failed conversions and the like end the batch and roll the transaction back; under TRY they doom it. */
const batchAborting = new Set([
  235, 236, 241, 242, 244, 245, 248, 293, 294, 295, 296, 8114, 3609, 3616, 3930, 3998, 1204, 9002,
]);

/** The transaction is gone when these are reported, whatever the settings. */
const transactionEnding = new Set([1205, 3960, 3961, 3952, 3951]);

/** Found when a statement is compiled: they end their scope, and a TRY in the same scope does not catch them. */
const compileTime = new Set([
  102, 103, 104, 105, 107, 108, 109, 110, 111, 113, 117, 120, 128, 132, 133, 134, 135, 136, 137, 139, 141, 145, 147,
  156, 164, 174, 178, 189, 195, 201, 206, 207, 208, 209, 213, 214, 257, 260, 263, 264, 319, 334, 402, 403, 408, 411,
  421, 448, 451, 457, 468, 529, 1011, 1013, 1031, 1033, 1038, 1087, 2715, 2716, 2717, 2749, 4104, 4145, 8117, 8120,
  8121, 8127, 8133, 8144, 8155, 8156, 8158, 8159, 10713, 10714, 50001,
]);

export function abortsBatch(number: number): boolean {
  return batchAborting.has(number);
}

export function endsTransaction(number: number): boolean {
  return transactionEnding.has(number);
}

export function isCompileError(number: number): boolean {
  return compileTime.has(number);
}
