import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';

/** Ends a workflow of this id if one runs; what it worked on is about to be written anew. */
export async function terminateRun(address: string, workflowId: string): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await new Client({ connection }).workflow
      .getHandle(workflowId)
      .terminate('the sample environments are written anew');
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  } finally {
    await connection.close();
  }
}
