#!/usr/bin/env node
// Asks the TypeScript compiler about published libraries, compares what Lockstep says, and writes a report.
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask } from './ask.mjs';
import { compare } from './compare.mjs';
import { files, installed } from './install.mjs';
import { report } from './report.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const { cache, contracts, out, wanted } = arguments_(process.argv.slice(2));
const manifest = JSON.parse(readFileSync(path.join(here, 'libraries.json'), 'utf8'));
const compiler = path.join(cache, 'typescript');
installed(compiler, { typescript: manifest.typescript });
const ts = createRequire(path.join(compiler, 'package.json'))('typescript');

const results = [];
for (const library of manifest.libraries) {
  const id = library.package.replace('@', '').replace('/', '-');
  if (wanted.length && !wanted.some((name) => library.package.includes(name))) continue;
  const folder = path.join(cache, id);
  installed(folder, { [library.package]: library.version, ...library.beside }, library.instead);
  const base = path.join(folder, 'node_modules', library.package);
  if (library.paths) {
    writeFileSync(path.join(base, 'tsconfig.json'), JSON.stringify({ compilerOptions: { baseUrl: '.', paths: library.paths } }));
  }
  const answers = remembered(folder, library, () =>
    ask(ts, { folder, entries: files(base, library.entries), base, paths: library.paths }),
  );
  const ours = JSON.parse(execFileSync(contracts, [folder, path.join('node_modules', library.package)], { maxBuffer: 1 << 30 }));
  results.push({ library, ...compare(ours, answers, (file) => path.join(folder, file)) });
  process.stderr.write(`${library.package}: ${results.at(-1).components} components\n`);
}
report(results, manifest, out);

/** The compiler's answers cost seconds: they are kept until a question changes. */
function remembered(folder, library, asked) {
  const file = path.join(folder, 'answers.json');
  const hash = createHash('sha256').update(JSON.stringify([library, manifest.typescript]));
  for (const script of ['ask.mjs', 'read.mjs']) hash.update(readFileSync(path.join(here, script)));
  const key = hash.digest('hex');
  const known = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  if (known.key === key) return known.answers;
  process.stderr.write(`asking about ${library.package}\n`);
  const answers = asked();
  writeFileSync(file, JSON.stringify({ key, answers }));
  return answers;
}

function arguments_(all) {
  const [cache, contracts, out, ...wanted] = all;
  return { cache, contracts, out, wanted };
}
