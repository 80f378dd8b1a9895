// What the TypeScript compiler says of the components that a library's entries export, as plain values.
import path from 'node:path';
import { readings } from './read.mjs';

const OPTIONS = (ts) => ({
  allowJs: false,
  esModuleInterop: true,
  jsx: ts.JsxEmit.ReactJSX,
  lib: ['lib.esnext.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  noEmit: true,
  skipLibCheck: true,
  strict: true,
  target: ts.ScriptTarget.ESNext,
  types: ['react'],
});

const isComponentName = (name) => /^\p{Lu}/u.test(name) && !(name.includes('_') && name === name.toUpperCase());
/** Parts of parts are components of their own, as deep as this. */
const DEEPEST_PART = 2;

/**
 * @param ts the `typescript` module
 * @param folder the folder that the library was installed in
 * @param entries the files whose exports are the library, absolute
 * @param paths `compilerOptions.paths`, relative to `base`
 */
export function ask(ts, { folder, entries, base, paths }) {
  const options = { ...OPTIONS(ts), ...(paths ? { baseUrl: base, paths } : {}) };
  const host = ts.createCompilerHost(options, true);
  host.getCurrentDirectory = () => folder;
  const asking = path.join(folder, 'asking.ts');
  const react = `import type { ReactNode } from 'react'; export type Node = ReactNode | Promise<ReactNode>;`;
  const plain = program(ts, entries, options, host, asking, react);
  const named = exported(ts, plain, entries);
  // A generic component is asked about through inference, which puts each parameter's constraint in its place.
  const generics = [...named.values()].filter((one) => one.generic);
  const questions = generics.map((one, index) => question(one, index, entries));
  const asked = program(ts, entries, options, host, asking, [react, INFERENCE, ...questions].join('\n'));
  const checker = asked.getTypeChecker();
  const source = asked.getSourceFile(asking);
  const answers = new Map();
  for (const statement of source.statements) {
    if (ts.isTypeAliasDeclaration(statement)) answers.set(statement.name.text, checker.getTypeAtLocation(statement.name));
  }
  const read = readings(ts, checker, folder);
  const components = [];
  for (const one of exported(ts, asked, entries).values()) {
    const index = generics.findIndex((other) => other.names[0] === one.names[0]);
    const inferred = index < 0 ? undefined : answers.get(`P${index}`);
    const types = one.generic && inferred ? [...one.plain, inferred] : one.types;
    components.push({ names: one.names, file: one.file, line: one.line, ...read.props(types, one.declaration) });
  }
  return components;
}

const INFERENCE = `
type One<C> = C extends (props: infer P, ...rest: any) => any ? P : never;
type Two<C> = C extends { (props: infer P, ...rest: any): any; (props: infer Q, ...rest: any): any } ? P | Q : never;
`;

function question(one, index, entries) {
  const access = one.path.map((part) => `[${JSON.stringify(part)}]`).join('');
  const infer = one.signatures > 1 ? 'Two' : 'One';
  const module = JSON.stringify(entries[one.entry].replace(/(\.d)?\.tsx?$/, ''));
  if (one.defaults) {
    // Left alone, a type parameter is what its default says.
    return `import * as e${index} from ${module}; export type P${index} = ${infer}<typeof e${index}.${one.path.join('.')}<${one.defaults.join(', ')}>>;`;
  }
  return `export type P${index} = ${infer}<(typeof import(${module}))${access}>;`;
}

function program(ts, entries, options, host, asking, text) {
  const own = Object.create(host);
  own.getSourceFile = (name, ...rest) =>
    name === asking ? ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, true) : host.getSourceFile(name, ...rest);
  own.fileExists = (name) => name === asking || host.fileExists(name);
  own.readFile = (name) => (name === asking ? text : host.readFile(name));
  return ts.createProgram([...entries, asking], options, own);
}

/** The defaults of a signature's type parameters, where all are literals. */
function literalDefaults(signature) {
  const defaults = (signature.typeParameters ?? []).map((parameter) => parameter.getDefault());
  if (!defaults.length || !defaults.every((type) => type?.isStringLiteral())) return undefined;
  return defaults.map((type) => JSON.stringify(type.value));
}

/** Every exported component, once, under all of its names. */
function exported(ts, program, entries) {
  const checker = program.getTypeChecker();
  const asking = program.getSourceFiles().find((file) => path.basename(file.fileName) === 'asking.ts');
  const node = checker.getTypeAtLocation(asking.statements.find(ts.isTypeAliasDeclaration).name);
  const found = new Map();
  const resolved = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);

  const add = (symbol, steps, entry, depth) => {
    const target = resolved(symbol);
    if (target.flags & ts.SymbolFlags.Module && !(target.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Variable | ts.SymbolFlags.Class))) {
      if (depth > 0) return;
      for (const part of checker.getExportsOfModule(target)) {
        if (isComponentName(part.name)) add(part, [...steps, part.name], entry, depth + 1);
      }
      return;
    }
    if (!(target.flags & ts.SymbolFlags.Value) || target.flags & ts.SymbolFlags.Enum) return;
    const type = checker.getTypeOfSymbol(target);
    const shape = shapeOf(ts, checker, type, node);
    if (!shape) return;
    const declaration = target.valueDeclaration ?? target.declarations?.[0];
    const file = declaration?.getSourceFile();
    const key = declaration ? `${file.fileName}:${declaration.pos}` : steps.join('.');
    const known = found.get(key);
    if (known) known.names.push(steps.join('.'));
    else {
      const line = file ? file.getLineAndCharacterOfPosition(declaration.getStart(file)).line + 1 : 0;
      found.set(key, { names: [steps.join('.')], path: steps, entry, file: file?.fileName, line, declaration, ...shape });
    }
    if (depth >= DEEPEST_PART) return;
    for (const part of checker.getPropertiesOfType(type)) {
      const where = part.valueDeclaration?.getSourceFile().fileName ?? '';
      if (isComponentName(part.name) && !where.includes('/@types/react/')) add(part, [...steps, part.name], entry, depth + 1);
    }
  };
  entries.forEach((entry, index) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(entry));
    if (!module) return;
    for (const symbol of checker.getExportsOfModule(module)) {
      if (isComponentName(symbol.name)) add(symbol, [symbol.name], index, 0);
    }
  });
  return found;
}

const isReact = (symbol) => symbol.declarations?.some((one) => one.getSourceFile().fileName.includes('/@types/react/'));

/** The types of a component's props; nothing when the type is no component's. */
function shapeOf(ts, checker, type, node) {
  if (['Context', 'Provider', 'Consumer', 'ProviderExoticComponent'].includes(type.symbol?.name) && isReact(type.symbol)) return undefined;
  if (type.flags & ts.TypeFlags.Any) return { types: [type], plain: [], generic: false, signatures: 0 };
  const instances = type.getConstructSignatures().map((signature) => signature.getReturnType());
  const props = instances.filter((instance) => instance.getProperty('render') && instance.getProperty('props'));
  if (props.length) {
    const types = props.map((instance) => checker.getTypeOfSymbol(instance.getProperty('props')));
    return { types, plain: types, generic: false, signatures: 0 };
  }
  const calls = type.getCallSignatures().filter((signature) => {
    const returned = signature.getReturnType();
    const gives = !(returned.flags & (ts.TypeFlags.Any | ts.TypeFlags.Never)) && checker.isTypeAssignableTo(returned, node);
    return gives && signature.parameters.length <= 2 && !(returned.flags & (ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BooleanLike | ts.TypeFlags.Void | ts.TypeFlags.Undefined));
  });
  if (!calls.length) return undefined;
  const first = (signature) => (signature.parameters[0] ? [checker.getTypeOfSymbol(signature.parameters[0])] : []);
  const isGeneric = (signature) => Boolean(signature.typeParameters?.length);
  return {
    types: calls.flatMap(first),
    plain: calls.filter((signature) => !isGeneric(signature)).flatMap(first),
    generic: calls.some((signature) => isGeneric(signature) && signature.parameters.length),
    signatures: calls.length,
    defaults: calls.length === 1 ? literalDefaults(calls[0]) : undefined,
  };
}
