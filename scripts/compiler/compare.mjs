// Holds our contracts against the compiler's answers, prop by prop.

const CHOICES = new Set(['enum', 'boolean']);
/** React's own, of which a contract never speaks. */
const FRAMEWORK = new Set(['ref', 'key', 'as']);

/** Pairs components by name and then compares their props. */
export function compare(ours, theirs, where) {
  const byName = new Map();
  for (const one of theirs) for (const name of one.names) if (!byName.has(name)) byName.set(name, one);
  const byPlace = new Map(theirs.map((one) => [`${one.file}:${one.line}`, one]));
  const result = { components: 0, rows: [], unknownToUs: [], unknownToThem: [] };
  const paired = new Set();
  for (const own of ours) {
    const place = `${where(own.declared.file)}:${own.declared.line}`;
    const candidates = theirs.filter((one) => one.names.includes(own.name));
    const other = candidates.find((one) => one.file === where(own.declared.file)) ?? candidates[0] ?? byPlace.get(place) ?? byName.get(own.name);
    if (!other) {
      result.unknownToThem.push(own.name);
      continue;
    }
    paired.add(other);
    result.components += 1;
    for (const row of rows(own, other)) result.rows.push({ component: own.name, ...row });
  }
  for (const one of theirs) {
    const isOthers = one.file?.startsWith(where('')) && isOf(one.file) !== isOf(where(ours[0]?.declared.file ?? ''));
    if (!paired.has(one) && !isOthers) result.unknownToUs.push({ name: one.names[0], props: choices(one) });
  }
  return result;
}

/** The package that a file belongs to. */
const isOf = (file) => /.*[\\/]node_modules[\\/]((@[^\\/]+[\\/])?[^\\/]+)/.exec(file)?.[1];

const choices = (one) => Object.values(one.properties).filter((prop) => !prop.platform && CHOICES.has(prop.kind)).length;

function rows(own, other) {
  const statement = own.statement;
  const contract = statement.contract.properties;
  const aside = new Map((statement.not_compared ?? []).map((one) => [one.property, one]));
  const open = statement.open ?? [];
  const names = [...new Set([...Object.keys(other.properties), ...Object.keys(contract)])].sort();
  return names.map((name) => {
    const theirs = other.properties[name];
    const row = { prop: name, theirs, choice: Boolean(theirs && CHOICES.has(theirs.kind)) };
    const said = verdict(name, contract[name], aside.get(name), theirs, open, other, statement.open_options?.[name]);
    const comparable = said.verdict === 'agreed' && contract[name] && !theirs.platform;
    const required = Boolean(statement.required?.includes(name));
    return { ...row, ...said, ours: contract[name], ...(comparable ? { optionality: required === theirs.required ? 'agreed' : `stated as ${required ? 'required' : 'optional'}` } : {}) };
  });
}

function verdict(name, stated, aside, theirs, open, other, openly) {
  if (!theirs) {
    if (other.any || other.index) return { verdict: 'any', why: 'the compiler knows no props but `any`' };
    return { verdict: 'wrong', choice: CHOICES.has(stated.kind), why: 'the compiler knows no such prop' };
  }
  if (stated) return contradiction(stated, theirs, openly);
  if (theirs.platform) return { verdict: 'platform' };
  if (theirs.kind === 'any') return { verdict: 'any', why: 'the compiler says `any`' };
  if (aside) {
    switch (aside.why) {
      case 'framework':
      case 'html_attribute':
        return { verdict: 'aside', why: aside.why };
      case 'unresolved':
        return theirs.kind === 'never' ? { verdict: 'agreed' } : { verdict: 'missing', why: aside.detail };
      default:
        if (theirs.kind === 'other' || theirs.kind === 'never') return { verdict: 'agreed' };
        return { verdict: 'wrong', why: `set aside as ${aside.detail}` };
    }
  }
  if (theirs.kind === 'never' || FRAMEWORK.has(name)) return { verdict: 'agreed' };
  if (open.length) return { verdict: 'missing', why: open.join('; ') };
  return { verdict: 'wrong', why: 'not stated, and nothing said of it' };
}

function contradiction(stated, theirs, openly) {
  if (theirs.kind === 'any') return { verdict: 'any', why: 'the compiler says `any`' };
  // Options of the library's own beside any CSS value.
  if (theirs.what === 'a CSS value' && stated.options?.every((option) => theirs.options.includes(option))) return { verdict: 'agreed' };
  if (stated.kind !== theirs.kind) return { verdict: 'wrong', why: `stated as ${stated.kind}` };
  if (stated.kind === 'enum') {
    const options = [...stated.options].sort();
    const missing = theirs.options.filter((option) => !options.includes(option));
    const invented = options.filter((option) => !theirs.options.includes(option));
    if (openly && !invented.length && missing.length) return { verdict: 'missing', why: `lists ${options.length} of ${theirs.options.length}: ${openly}` };
    if (missing.length || invented.length) {
      const parts = [missing.length ? `lacks ${some(missing)}` : '', invented.length ? `has ${some(invented)}` : ''];
      return { verdict: 'wrong', why: parts.filter(Boolean).join(', ') };
    }
  }
  if (theirs.default !== undefined && stated.default !== undefined && String(stated.default) !== theirs.default) {
    return { verdict: 'wrong', why: `its default is stated as ${stated.default}` };
  }
  const told = theirs.default !== undefined && stated.default !== undefined;
  return { verdict: 'agreed', told };
}

export const some = (options) => (options.length > 8 ? `${options.slice(0, 8).join(' | ')} | … (${options.length})` : options.join(' | '));
