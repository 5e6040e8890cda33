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
  type DiscoverOptions,
  discoverLogs,
  type FoundLogs,
  type LogFile,
  type LogPlace,
} from './discover-logs.ts';
