export type { AgentLogs, ReadLogsOptions, Skipped } from './agent-logs.ts';
export {
  type AgentMessage,
  type AgentName,
  agentNames,
  agentTitles,
  type Confidence,
  confidences,
} from './agent-message.ts';
export {
  type AgentDimension,
  type AgentReport,
  type AgentReportQuery,
  type AgentView,
  agentDimensions,
  agentReport,
  agentViews,
  type CallsOnly,
  type ReportRow,
  totalTokens,
  type UnpricedModel,
} from './agent-report.ts';
export { type Block, blockMs } from './blocks.ts';
export {
  type DiscoverOptions,
  discoverLogs,
  type FoundLogs,
  type LogFile,
  type LogPlace,
} from './discover-logs.ts';
export type { Sums } from './priced-cells.ts';
export { readAgentLogs } from './read-logs.ts';
