// Libraries with their dependencies, installed once by npm, each in a folder of its own.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Installs packages into a folder, unless just these are there. */
export function installed(folder, dependencies, overrides = {}) {
  const wanted = `${JSON.stringify({ private: true, dependencies, overrides }, null, 2)}\n`;
  const manifest = path.join(folder, 'package.json');
  const done = path.join(folder, 'node_modules', '.package-lock.json');
  if (existsSync(done) && existsSync(manifest) && readFileSync(manifest, 'utf8') === wanted) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(manifest, wanted);
  process.stderr.write(`installing ${Object.keys(dependencies).join(', ')}\n`);
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], { cwd: folder, stdio: 'inherit' });
}

/** Copies a workspace that stands beside this script, and links its packages as npm does. */
export function assembled(folder, source) {
  cpSync(source, folder, { recursive: true });
  for (const name of readdirSync(path.join(folder, 'packages'))) {
    const target = path.join(folder, 'packages', name);
    const manifest = JSON.parse(readFileSync(path.join(target, 'package.json'), 'utf8'));
    const link = path.join(folder, 'node_modules', manifest.name);
    mkdirSync(path.dirname(link), { recursive: true });
    if (!existsSync(link)) symlinkSync(target, link, 'dir');
  }
}

/** The files that `lib/*.ts` and the like name, sorted. */
export function files(base, patterns) {
  return patterns.flatMap((pattern) => {
    const [folder, rest] = pattern.split('*');
    if (rest === undefined) return [path.join(base, pattern)];
    const at = path.join(base, folder);
    return readdirSync(at)
      .filter((name) => name.endsWith(rest) && !name.endsWith('.d.ts'))
      .sort()
      .map((name) => path.join(at, name));
  });
}
