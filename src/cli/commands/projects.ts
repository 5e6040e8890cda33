import type { ProjectEntry } from '../../books/directory.ts';
import { formatInstant, formatInZone } from '../../time/index.ts';
import { nothingListed, pageFrom } from '../directory-words.ts';
import type { Shell } from '../shell.ts';
import { showTable } from '../show-table.ts';
import { visible } from '../text.ts';

export async function add(shell: Shell): Promise<undefined> {
  const books = await shell.books();
  await tell(shell, await books.projects.add(shell.arguments.operands[0]!), 'added project');
}

export async function update(shell: Shell): Promise<undefined> {
  const name = shell.arguments.required('new-name', 'say what it is called from now on');
  const books = await shell.books();
  await tell(
    shell,
    await books.projects.update(shell.arguments.operands[0]!, { name }),
    'renamed project to',
  );
}

export async function remove(shell: Shell): Promise<undefined> {
  const name = shell.arguments.operands[0]!;
  const books = await shell.books();
  await books.projects.delete(name);
  await shell.report({
    json: () => ({ schema: 'nanocent.projectDeleted/1', name }),
    text: () => `deleted project ${visible(name)}\n`,
  });
}

export async function list(shell: Shell): Promise<undefined> {
  const books = await shell.books();
  const projects = await books.projects.list(pageFrom(shell.arguments));
  const { zone } = books.context;
  await shell.report({
    json: () => ({ schema: 'nanocent.projects/1', projects: projects.map(document) }),
    csv: () => ({
      columns: ['name', 'createdAt', 'updatedAt'],
      rows: projects.map(document).map(({ name, createdAt, updatedAt }) => [name, createdAt, updatedAt]),
    }),
    text: () =>
      projects.length === 0
        ? nothingListed(shell.arguments, 'project')
        : showTable(
            shell,
            [{ title: 'Project', cutTo: 20 }, { title: `Since (${zone})` }],
            projects.map(({ name, createdAt }) => [name, formatInZone(createdAt, zone)]),
          ),
  });
}

async function tell(shell: Shell, project: ProjectEntry, what: string): Promise<undefined> {
  await shell.report({
    json: () => ({ schema: 'nanocent.project/1', ...document(project) }),
    text: () => `${what} ${visible(project.name)}\n`,
  });
}

function document({ name, createdAt, updatedAt }: ProjectEntry) {
  return { name, createdAt: formatInstant(createdAt), updatedAt: formatInstant(updatedAt) };
}
