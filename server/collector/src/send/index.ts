// Sending, refreshing and handing over.
export { exportDrafts, HandoverProblem, importDrafts } from './handover';
export { giveBack } from './phone_key';
export { photo, refresh, versionBody, type RefreshResult } from './refresh';
export { Sender, type SenderState } from './sender';
