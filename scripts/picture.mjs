#!/usr/bin/env node
// Draws what a terminal showed as an SVG, for the README.
//
//   script -qec 'lockstep drift' /dev/null | node scripts/picture.mjs > docs/demo.svg
//
// Understands colours and weights (SGR); other control sequences are left out. Columns are placed one by one, so that
// tables stay aligned in any monospaced font.
import { readFileSync } from 'node:fs';

const cell = { width: 8.4, height: 19 };
const margin = { x: 18, top: 44, bottom: 16 };
const theme = { back: '#11151c', bar: '#1c222d', text: '#d6dbe4', dim: '#7f8897' };
const palette = ['#4b5362', '#ff7b72', '#7ee787', '#e3b341', '#79c0ff', '#d2a8ff', '#76e3ea', '#d6dbe4'];

const plain = () => ({ colour: undefined, bold: false, dim: false, underline: false });

/** Splits the output into lines of runs `{ column, text, style }`. */
function runs(output) {
  const lines = [];
  let style = plain();
  for (const line of output.replace(/\r\n/g, '\n').split('\n')) {
    const found = [];
    let column = 0;
    // What a carriage return overwrites was progress.
    const shown = line.slice(line.lastIndexOf('\r') + 1);
    for (const part of shown.split(/(\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07)/)) {
      const code = /^\x1b\[([0-9;]*)m$/.exec(part);
      if (code) style = restyle(style, code[1].split(';').map(Number));
      else if (part && !part.startsWith('\x1b')) {
        // Renderers differ in what they make of several blanks: each piece between them is placed by itself.
        for (const text of part.split(/( {2,})/)) {
          if (text.trim()) found.push({ column, text, style });
          column += width(text);
        }
      }
    }
    lines.push(found);
  }
  while (lines.length && !lines.at(-1).length) lines.pop();
  return lines;
}

function restyle(before, codes) {
  let style = { ...before };
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at];
    if (code === 0) style = plain();
    else if (code === 1) style.bold = true;
    else if (code === 2) style.dim = true;
    else if (code === 4) style.underline = true;
    else if (code === 22) style.bold = style.dim = false;
    else if (code === 24) style.underline = false;
    else if (code === 39) style.colour = undefined;
    else if (code >= 30 && code <= 37) style.colour = palette[code - 30];
    else if (code >= 90 && code <= 97) style.colour = palette[code - 90];
    else if (code === 38 && codes[at + 1] === 2) {
      style.colour = `rgb(${codes.slice(at + 2, at + 5).join(',')})`;
      at += 4;
    } else if (code === 38 && codes[at + 1] === 5) {
      style.colour = palette[codes[at + 2] % 8];
      at += 2;
    }
  }
  return style;
}

const width = (text) => [...text].length;
const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

function draw(lines) {
  const columns = Math.max(60, ...lines.map((line) => line.reduce((end, run) => Math.max(end, run.column + width(run.text)), 0)));
  const size = {
    width: Math.ceil(columns * cell.width + 2 * margin.x),
    height: margin.top + lines.length * cell.height + margin.bottom,
  };
  const text = lines.flatMap((line, row) => {
    const y = margin.top + row * cell.height + 13;
    return line.map((run) => {
      const lead = run.text.length - run.text.trimStart().length;
      const shown = run.text.trim();
      const attributes = [
        `x="${(margin.x + (run.column + lead) * cell.width).toFixed(1)}"`,
        `y="${y}"`,
        `textLength="${(width(shown) * cell.width).toFixed(1)}"`,
        `fill="${run.style.colour ?? (run.style.dim ? theme.dim : theme.text)}"`,
        run.style.bold && 'font-weight="700"',
        run.style.underline && 'text-decoration="underline"',
      ];
      return `<text ${attributes.filter(Boolean).join(' ')}>${escape(shown)}</text>`;
    });
  });
  const lights = ['#ff5f57', '#febc2e', '#28c840'].map((fill, i) => `<circle cx="${20 + i * 18}" cy="16" r="5.5" fill="${fill}"/>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img">`,
    `<rect width="100%" height="100%" rx="10" fill="${theme.back}"/>`,
    `<path d="M0 32V10A10 10 0 0 1 10 0H${size.width - 10}A10 10 0 0 1 ${size.width} 10V32Z" fill="${theme.bar}"/>`,
    ...lights,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">`,
    ...text,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

process.stdout.write(draw(runs(readFileSync(0, 'utf8'))));
