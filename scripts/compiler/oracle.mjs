#!/usr/bin/env node
// Asks the TypeScript compiler about published libraries, compares what Lockstep says, and writes a report.
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask } from './ask.mjs';
import { compare } from './compare.mjs';
import { assembled, files, installed } from './install.mjs';
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
  const place = library.workspace ? library.place : path.join('node_modules', library.package);
  const own = library.workspace ? {} : { [library.package]: library.version };
  installed(folder, { ...own, ...library.beside }, library.instead);
  if (library.workspace) assembled(folder, path.join(here, library.workspace));
  const base = path.join(folder, place);
  if (library.paths && !library.workspace) {
    writeFileSync(path.join(base, 'tsconfig.json'), JSON.stringify({ compilerOptions: { baseUrl: '.', paths: library.paths } }));
  }
  const answers = remembered(folder, library, () =>
    ask(ts, { folder, entries: files(base, library.entries), base: library.workspace ? folder : base, paths: library.paths }),
  );
  const ours = JSON.parse(execFileSync(contracts, [folder, place], { maxBuffer: 1 << 30 }));
  results.push({ library, ...compare(ours, answers, (file) => path.join(folder, file)) });
  process.stderr.write(`${library.package}: ${results.at(-1).components} components\n`);
}
report(results, manifest, out);

/** The compiler's answers cost seconds: they are kept until a question changes. */
function remembered(folder, library, asked) {
  const file = path.join(folder, 'answers.json');
  const hash = createHash('sha256').update(JSON.stringify([library, manifest.typescript]));
  for (const script of ['ask.mjs', 'read.mjs']) hash.update(readFileSync(path.join(here, script)));
  if (library.workspace) {
    for (const file of readdirSync(path.join(here, library.workspace), { recursive: true, withFileTypes: true })) {
      if (file.isFile()) hash.update(readFileSync(path.join(file.parentPath ?? file.path, file.name)));
    }
  }
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
