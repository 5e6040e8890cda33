import type { Command } from './command.ts';

export const agentCommands: readonly Command[] = [
  {
    name: 'agents',
    about: 'What coding agents on this machine used and cost, from their logs',
    operands: { show: '[daily|weekly|monthly|session|blocks]', min: 0, max: 1 },
    options: [
      { name: 'since', value: 'TIME', about: 'from this date or time on' },
      { name: 'until', value: 'TIME', about: 'up to this time; a bare date includes that day' },
      {
        name: 'zone',
        value: 'ZONE',
        about: 'time zone of the days, such as Europe/Berlin; your own when left out',
      },
      {
        name: 'by',
        value: 'FIELD',
        about: 'model, project or agent: within each row, or alone without days',
        choices: ['model', 'project', 'agent'],
      },
      { name: 'breakdown', about: 'models within each row' },
      {
        name: 'agent',
        value: 'NAME',
        about: 'only claude-code, codex, gemini-cli or opencode',
        choices: ['claude-code', 'codex', 'gemini-cli', 'opencode'],
      },
      { name: 'heatmap', about: 'a calendar of what each day cost, besides' },
      { name: 'no-cache', about: 'read all logs anew' },
    ],
    notes: [
      'Reads the logs of Claude Code, Codex, Gemini CLI and OpenCode where these keep them. Nothing is imported or ' +
        'configured, and no ledger is made. Costs are what the provider charges for the API, at the price of the ' +
        "call's own day; with a subscription you pay that instead.",
      'blocks are the five-hour windows of subscriptions, with the pace of the current one and where it leads.',
    ],
    examples: [
      'nanocent agents',
      'nanocent agents monthly --by project',
      'nanocent agents blocks --since 2026-11-20',
      'nanocent agents daily --csv > agents.csv',
    ],
    load: () => import('./commands/agents.ts'),
  },
];
