// Sending, refreshing and handing over.
export { exportDrafts, HandoverProblem, importDrafts } from './handover';
export { photo, refresh, type RefreshResult } from './refresh';
export { Sender, type SenderState } from './sender';
