import { slices } from './activityOptions.js';
import type { Run } from './run.js';

/** Disabling and enabling: by hand and confirmed, or by the customer's program or endpoint, which the activity calls. */
export async function maintain(
  run: Run,
  stage: 'disableApplications' | 'enableApplications',
  step: 'applicationsDisabled' | 'applicationsEnabled',
): Promise<void> {
  const { state } = run;
  const byHand = state.preflight!.maintenance === 'confirm';
  const call = stage === 'disableApplications' ? slices.disableApplications : slices.enableApplications;
  if (byHand && stage === 'enableApplications') {
    // The queues are proved empty before anybody enables by hand, and the activity needs no second proof after it.
    await run.slices((options) => call.executeWithOptions(options, [{ run: state.reference!, confirmed: false }]));
  }
  if (byHand) {
    const verb = stage === 'disableApplications' ? 'Disable' : 'Enable';
    const names = state.plan!.applications.join(', ');
    await run.confirmation(step, stage, `${verb} in Service Center, then confirm ${step}: ${names}`);
  }
  await run.slices((options) => call.executeWithOptions(options, [{ run: state.reference!, confirmed: true }]));
}
