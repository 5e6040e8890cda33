/**
 * The command lines that the first programs of this kind print in their manuals, word for word. Sources: the READMEs of
 * llm-accounting (https://github.com/matdev83/llm-accounting, MIT) before and at 0.1.1.
 */
export const printed = {
  '003': `
# Track a new usage entry (model name is required, timestamp is optional)
llm-accounting track \\
    --model gpt-4 \\  # Required: name of the LLM model
    --prompt-tokens 100 \\
    --completion-tokens 50 \\
    --total-tokens 150 \\
    --cost 0.002 \\
    --execution-time 1.5 \\
    --caller-name my_app \\
    --username john_doe \\
    --timestamp "2024-01-01T12:00:00" \\  # Optional: if not provided, current time will be used
    --cached-tokens 20 \\  # Optional: number of tokens retrieved from cache
    --reasoning-tokens 10  # Optional: number of tokens used for model reasoning

# Track with local token counts
llm-accounting track \\
    --model gpt-4 \\  # Required: name of the LLM model
    --prompt-tokens 100 \\
    --completion-tokens 50 \\
    --total-tokens 150 \\
    --local-prompt-tokens 95 \\
    --local-completion-tokens 48 \\
    --local-total-tokens 143 \\
    --cost 0.002 \\
    --execution-time 1.5 \\
    --cached-tokens 20 \\
    --reasoning-tokens 10

# Show today's stats
llm-accounting stats --daily

# Show stats for a custom period
llm-accounting stats --start 2024-01-01 --end 2024-01-31

# Show most recent entries
llm-accounting tail

# Show last 5 entries
llm-accounting tail -n 5

# Execute custom SQL queries
llm-accounting select --query "SELECT model, COUNT(*) as count FROM accounting_entries GROUP BY model"
llm-accounting select --query "SELECT * FROM accounting_entries WHERE model = 'gpt-4' ORDER BY datetime DESC LIMIT 10"

# Track usage after an LLM API call (model name is required, timestamp is optional)
llm-accounting track \\
    --model "gpt-4" \\  # Required: name of the LLM model
    --prompt-tokens "$PROMPT_TOKENS" \\
    --completion-tokens "$COMPLETION_TOKENS" \\
    --total-tokens "$TOTAL_TOKENS" \\
    --cost "$COST" \\
    --execution-time "$EXECUTION_TIME" \\
    --caller-name "my_script" \\
    --username "$USER"
    # Timestamp is optional - if not provided, current time will be used

# Check daily usage
llm-accounting stats --daily

# Example combining multiple limits
llm-accounting limits set \\
  --global daily_tokens=150000 \\
  --model gpt-4 hourly_requests=75 \\
  --user jane_doe daily_requests=300

# Check current usage against limits
llm-accounting limits check

# View limit configurations
llm-accounting limits show

# Force reset limits (admin only)
llm-accounting limits reset --model gpt-4
llm-accounting limits reset --user john_doe

# Delete all entries
llm-accounting purge
`,
  '004': `
# Track a new usage entry (model name is required, timestamp is optional)
llm-accounting track \\
    --model gpt-4 \\
    --prompt-tokens 100 \\
    --completion-tokens 50 \\
    --total-tokens 150 \\
    --cost 0.002 \\
    --execution-time 1.5 \\
    --caller-name my_app \\
    --username john_doe \\
    --timestamp "2024-01-01T12:00:00" \\
    --cached-tokens 20 \\
    --reasoning-tokens 10

# Show today's stats
llm-accounting stats --daily

# Show stats for a custom period
llm-accounting stats --start 2024-01-01 --end 2024-01-31

# Show most recent entries
llm-accounting tail

# Show last 5 entries
llm-accounting tail -n 5

# Execute custom SQL queries (if backend supports it and it's enabled)
llm-accounting select --query "SELECT model, COUNT(*) as count FROM accounting_entries GROUP BY model"

llm-accounting limits set \\
    --scope GLOBAL \\
    --limit-type requests \\
    --max-value 1000 \\
    --interval-unit day \\
    --interval-value 1

llm-accounting limits set \\
    --scope USER \\
    --username john_doe \\
    --limit-type cost \\
    --max-value 5.00 \\
    --interval-unit hour \\
    --interval-value 1

llm-accounting limits set \\
    --scope MODEL \\
    --model gpt-4 \\
    --limit-type input_tokens \\
    --max-value 50000 \\
    --interval-unit week \\
    --interval-value 1

llm-accounting limits list

llm-accounting limits delete --id 1

# Use SQLite backend (default behavior, --db-backend can be omitted)
llm-accounting --db-backend sqlite --db-file my_sqlite_db.sqlite stats --daily

# Use Neon backend
# Requires NEON_CONNECTION_STRING environment variable to be set, or provide it directly
llm-accounting --db-backend neon --neon-connection-string "postgresql://user:pass@host.neon.tech/dbname?sslmode=require" stats --daily

# Example: Track usage with Neon backend
llm-accounting --db-backend neon \\
    --neon-connection-string "postgresql://user:pass@host.neon.tech/dbname?sslmode=require" \\
    track \\
    --model gpt-4 \\
    --prompt-tokens 10 \\
    --cost 0.0001

# Track usage after an LLM API call
llm-accounting track \\
    --model "gpt-4" \\
    --prompt-tokens "$PROMPT_TOKENS" \\
    --completion-tokens "$COMPLETION_TOKENS" \\
    --total-tokens "$TOTAL_TOKENS" \\
    --cost "$COST" \\
    --execution-time "$EXECUTION_TIME" \\
    --caller-name "my_script" \\
    --username "$USER"

# Check daily usage
llm-accounting stats --daily

# Delete all entries
llm-accounting purge
`,
} as const;

/** One shell command each: the comments after a backslash, where no shell allows them, are taken out. */
export function commandsOf(text: string): string[] {
  return text
    .replace(/\\ +#.*$/gm, '\\')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/\s+# .*$/, '').trim())
    .filter((line) => line.startsWith('llm-accounting '));
}
