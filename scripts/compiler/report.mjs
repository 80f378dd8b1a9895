// The report: a table of all libraries, then every disagreement with its reason.
import { writeFileSync } from 'node:fs';
import { some } from './compare.mjs';

export function report(results, manifest, out) {
  const lines = [
    '# What Lockstep says of props, held against the TypeScript compiler',
    '',
    `Made by \`scripts/oracle\`, with TypeScript ${manifest.typescript}. Counted are the props that the compiler knows as a choice of literals or as a`,
    'boolean and that are not inherited from the DOM, from ARIA or from React.',
    '',
    '| library | how its props are written | components | choices | agreed | missing | wrong | set aside by name | `any` | rate | other props: agreed | missing | wrong |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
  ];
  for (const result of results) lines.push(row(result));
  for (const result of results) lines.push('', ...details(result));
  writeFileSync(out, `${lines.join('\n')}\n`);
  process.stdout.write(`${lines.slice(5, 7 + results.length).join('\n')}\n`);
}

const count = (rows, verdict) => rows.filter((row) => row.verdict === verdict).length;

function row({ library, components, rows }) {
  const choices = rows.filter((row) => row.choice && row.verdict !== 'platform');
  const rest = rows.filter((row) => !row.choice);
  const agreed = count(choices, 'agreed');
  const missing = count(choices, 'missing');
  const wrong = count(choices, 'wrong');
  const rate = agreed + missing + wrong ? ((100 * agreed) / (agreed + missing + wrong)).toFixed(1) : '–';
  const cells = [
    `${library.package} ${library.version}`, library.style, components, agreed + missing + wrong, agreed, missing, wrong,
    count(choices, 'aside'), count(rows, 'any'), `${rate} %`, count(rest, 'agreed'), count(rest, 'missing'), count(rest, 'wrong'),
  ];
  return `| ${cells.join(' | ')} |`;
}

function details({ library, rows, unknownToUs, unknownToThem }) {
  const lines = [`## ${library.package}`];
  for (const [title, verdict] of [['Wrong', 'wrong'], ['Missing', 'missing'], ['Set aside by name', 'aside']]) {
    const all = rows.filter((row) => row.verdict === verdict && (row.choice || verdict === 'wrong'));
    if (!all.length) continue;
    lines.push('', `### ${title}`, '');
    for (const [line, components] of grouped(all)) {
      lines.push(`- ${components.length > 4 ? `${components.slice(0, 4).join(', ')} and ${components.length - 4} more` : components.join(', ')}: ${line}`);
    }
  }
  if (unknownToUs.length) {
    lines.push('', '### Components that only the compiler knows', '', unknownToUs.map((one) => `${one.name} (${one.props})`).sort().join(', '));
  }
  if (unknownToThem.length) lines.push('', '### Components that only Lockstep knows', '', unknownToThem.sort().join(', '));
  return lines;
}

function grouped(rows) {
  const groups = new Map();
  for (const row of rows) {
    const known = groups.get(line(row)) ?? [];
    known.push(row.component);
    groups.set(line(row), known);
  }
  return [...groups].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
}

function line({ prop, theirs, why }) {
  const says = !theirs ? '' : theirs.kind === 'enum' ? some(theirs.options) : theirs.kind;
  const from = theirs?.declared?.length ? ` (${theirs.declared[0]})` : '';
  return `\`${prop}\`${says ? `, ${says}` : ''}${from}: ${why}`;
}
