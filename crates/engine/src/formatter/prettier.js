// Lays texts out with the Prettier that is installed in the working folder: a line of JSON in, a line of JSON out.
const path = require('node:path');
const { createRequire } = require('node:module');

// What configurations and plugins print is no answer.
const answer = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

async function laidOut(prettier, { file, texts }) {
  const ignorePath = ['.gitignore', '.prettierignore'].map((name) => path.resolve(name));
  let info = { ignored: false };
  for (const ignores of ignorePath) {
    info = await prettier.getFileInfo(file, { ignorePath: ignores });
    if (info.ignored) return { ignored: true };
  }
  if (info.inferredParser === null) return { ignored: true };
  const options = { ...(await prettier.resolveConfig(file, { editorconfig: true })), filepath: file };
  return { texts: await Promise.all(texts.map((text) => prettier.format(text, options))) };
}

async function main() {
  const prettier = createRequire(path.join(process.cwd(), 'package.json'))('prettier');
  const lines = require('node:readline').createInterface({ input: process.stdin, crlfDelay: Infinity });
  for await (const line of lines) {
    let told;
    try {
      told = await laidOut(prettier, JSON.parse(line));
    } catch (error) {
      told = { error: String((error && error.message) || error).split('\n')[0] };
    }
    answer(`${JSON.stringify(told)}\n`);
  }
}

main().catch((error) => {
  answer(`${JSON.stringify({ error: String((error && error.message) || error).split('\n')[0] })}\n`);
  process.exitCode = 1;
});
