// Runs before `npm start`, `npm test` and `npm run check`, on whatever Node npm finds: plain JavaScript that is
// valid as a module and as CommonJS, and says in one sentence what is missing and what to run.
const oldest = 24;
const purpose = process.argv[2];

function missing() {
  if (Number(process.versions.node.split('.')[0]) < oldest) {
    return `Node ${oldest} or newer is missing (this is Node ${process.versions.node})`;
  }
  const { existsSync } = process.getBuiltinModule('node:fs');
  const needed = purpose === 'start' ? ['undici'] : ['undici', 'typescript', 'fast-check'];
  const absent = needed.find((name) => !existsSync(`node_modules/${name}/package.json`));
  return absent === undefined ? undefined : `the package ${absent} is not installed`;
}

const lack = missing();
if (lack !== undefined) {
  process.stderr.write(
    `nanocent: ${lack}; run "npm ci" without --ignore-scripts and with NODE_ENV other than "production", ` +
      `which brings Node ${oldest} and all packages with it.\n`,
  );
  process.exitCode = 6;
}
