// The report: a table of all libraries, then every disagreement with its reason.
import { writeFileSync } from 'node:fs';
import { some } from './compare.mjs';

export function report(results, manifest, out) {
  const lines = [
    '# What Lockstep says of props, held against the TypeScript compiler',
    '',
    `Made by \`scripts/oracle\`, with TypeScript ${manifest.typescript}; the libraries are those of \`scripts/compiler/libraries.json\`.`,
    '',
    '- **Choices** are the props that the compiler knows as a choice of literals or as a boolean, each counted once a component. Left out are',
    '  those that React, the DOM or ARIA declare, the values of CSS, and lists of all elements: no contract speaks of them.',
    '- **Agreed**: of one kind, with just the same options, and with the same default where the compiler can tell one.',
    '- **Missing**: Lockstep says that it does not know, and why. **Wrong**: anything else. `any`: the compiler does not know.',
    '- **Set aside**: called like an attribute (`autoFocus`, `type`) or like what frameworks take (`as`, `asChild`): listed beside a contract.',
    '- **Optionality**: whether a prop has to be given, of all that agree and are stated.',
    '- **Other props** are texts, numbers, slots, functions and objects.',
    '',
    '| library | how its props are written | components | choices | agreed | missing | wrong | rate | set aside | `any` | defaults agreed | optionality agreed | wrong | other props agreed | missing | wrong |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
  ];
  for (const result of results) lines.push(row(result));
  for (const result of results) lines.push('', ...details(result));
  writeFileSync(out, `${lines.join('\n')}\n`);
  process.stdout.write(`${lines.slice(12, 14 + results.length).join('\n')}\n`);
}

const otherwise = (rows) => rows.filter((row) => row.optionality && row.optionality !== 'agreed');
const count = (rows, verdict) => rows.filter((row) => row.verdict === verdict).length;

function row({ library, components, rows }) {
  const choices = rows.filter((row) => row.choice && row.verdict !== 'platform');
  const rest = rows.filter((row) => !row.choice);
  const agreed = count(choices, 'agreed');
  const missing = count(choices, 'missing');
  const wrong = count(choices, 'wrong');
  const rate = agreed + missing + wrong ? ((100 * agreed) / (agreed + missing + wrong)).toFixed(1) : '–';
  const cells = [
    `${library.package} ${library.version}`, library.style, components, agreed + missing + wrong, agreed, missing, wrong, `${rate} %`,
    count(choices, 'aside'), count(rows, 'any'), rows.filter((row) => row.told).length,
    rows.filter((row) => row.optionality === 'agreed').length, otherwise(rows).length, count(rest, 'agreed'), count(rest, 'missing'), count(rest, 'wrong'),
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
      lines.push(`- ${listed(components)}: ${line}`);
    }
  }
  const optionality = otherwise(rows).map((row) => ({ ...row, why: row.optionality }));
  if (optionality.length) {
    lines.push('', '### Optionality', '');
    for (const [line, components] of grouped(optionality)) lines.push(`- ${listed(components)}: ${line}`);
  }
  if (unknownToUs.length) {
    lines.push('', '### Components that only the compiler knows', '', unknownToUs.map((one) => `${one.name} (${one.props})`).sort().join(', '));
  }
  if (unknownToThem.length) lines.push('', '### Components that only Lockstep knows', '', unknownToThem.sort().join(', '));
  return lines;
}

const listed = (components) => (components.length > 4 ? `${components.slice(0, 4).join(', ')} and ${components.length - 4} more` : components.join(', '));

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
