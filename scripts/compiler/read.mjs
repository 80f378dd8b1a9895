// From the compiler's types to the words of a contract: kinds, options, defaults.
import path from 'node:path';

const NODES = new Set(['ReactElement', 'ReactPortal', 'Element', 'ReactComponentElement', 'FunctionComponentElement', 'DetailedReactHTMLElement', 'CElement', 'ClassicElement', 'DOMElement', 'ReactHTMLElement']);
const COMPONENTS = new Set(['FunctionComponent', 'ComponentClass', 'ForwardRefExoticComponent', 'ExoticComponent', 'NamedExoticComponent', 'MemoExoticComponent', 'LazyExoticComponent', 'JSXElementConstructor']);
const DEEPEST = 12;
/** In every type of CSS values, and in nothing else. */
const CSS = '-moz-initial';
/** In the names of HTML elements, and in hardly anything else. */
const ELEMENTS = ['abbr', 'blockquote', 'figcaption', 'tbody'];

export function readings(ts, checker, folder) {
  const { TypeFlags } = ts;
  // React declares an empty `Element` for those without a DOM: of one that the DOM declares too, it is not the owner.
  const isReact = (symbol) => symbol?.declarations?.length && symbol.declarations.every((one) => /[\\/]@types[\\/]react[\\/]/.test(one.getSourceFile().fileName));
  const isOfPlatform = (declaration) =>
    /[\\/](@types[\\/]react(-dom)?|csstype|typescript[\\/]lib)[\\/]/.test(declaration.getSourceFile().fileName);
  /** What a library adds to React's own interfaces is inherited with them. */
  const isPlatform = (declaration) => {
    if (isOfPlatform(declaration)) return true;
    const owner = declaration.parent?.name && checker.getSymbolAtLocation(declaration.parent.name);
    return Boolean(owner?.declarations?.some(isOfPlatform));
  };

  /** Collects the members of a type into the parts that its kind is made from. */
  function collect(type, parts, depth) {
    if (depth > DEEPEST) return void (parts.other = 'nested too deeply');
    if (type.flags & TypeFlags.Any) return void (parts.any = true);
    if (type.flags & (TypeFlags.Undefined | TypeFlags.Null | TypeFlags.Void | TypeFlags.Never)) return;
    if (type.isUnion()) return type.types.forEach((member) => collect(member, parts, depth + 1));
    if (type.flags & TypeFlags.BooleanLiteral) return void parts.literals.set(checker.typeToString(type), 'boolean');
    if (type.isStringLiteral()) return void parts.literals.set(type.value, 'string');
    if (type.isNumberLiteral()) return void parts.literals.set(String(type.value), 'number');
    if (type.flags & TypeFlags.String) return void (parts.string = true);
    if (type.flags & (TypeFlags.Number | TypeFlags.Enum)) return void (parts.number = true);
    if (type.flags & (TypeFlags.TemplateLiteral | TypeFlags.StringMapping)) return void (parts.openString = true);
    if (type.isIntersection()) {
      const isNode = (member) => isReact(member.symbol) && (NODES.has(member.symbol.name) || COMPONENTS.has(member.symbol.name));
      if (type.types.some(isNode)) return void (parts.slot = true);
      const primitive = type.types.find((member) => member.flags & (TypeFlags.String | TypeFlags.Number | TypeFlags.TemplateLiteral));
      if (primitive) return void (parts.openString = true);
      const literal = type.types.find((member) => member.flags & (TypeFlags.Literal | TypeFlags.Union));
      if (literal) return collect(literal, parts, depth + 1);
    }
    if (type.flags & TypeFlags.Instantiable) {
      const constraint = checker.getBaseConstraintOfType(type);
      if (constraint && constraint !== type) return collect(constraint, parts, depth + 1);
      return void (parts.other = 'a type parameter');
    }
    const name = type.symbol?.name;
    if (isReact(type.symbol) && (NODES.has(name) || COMPONENTS.has(name))) return void (parts.slot = true);
    // The two ways of `JSXElementConstructor`, which have no names.
    if (name === '__type' && isReact(type.symbol) && (type.getCallSignatures().length || type.getConstructSignatures().length)) {
      const [signature] = [...type.getCallSignatures(), ...type.getConstructSignatures()];
      if (signature.parameters[0]?.name === 'props') return void (parts.slot = true);
    }
    if (name === 'Iterable' && isReact(checker.getTypeArguments?.(type)?.[0]?.aliasSymbol)) return void (parts.slot = true);
    parts.other = type.getCallSignatures().length ? 'a function' : 'an object';
  }

  function kind(types) {
    const parts = { literals: new Map() };
    types.forEach((type) => collect(type, parts, 0));
    if (parts.any) return { kind: 'any' };
    if (parts.slot) return { kind: 'slot' };
    const options = [...parts.literals.keys()].sort();
    if (parts.literals.has(CSS)) return { kind: 'other', what: 'a CSS value', options };
    if (ELEMENTS.every((name) => parts.literals.has(name))) return { kind: 'other', what: 'the name of an element' };
    const kinds = new Set(parts.literals.values());
    const text = parts.string || parts.openString;
    if (options.length && !(kinds.size === 1 && kinds.has('boolean')) && !parts.string) {
      if (parts.number && ((kinds.size === 1 && kinds.has('number')) || options.length === 1)) return { kind: 'number' };
      return { kind: 'enum', options, ...(parts.openString || parts.number ? { open: true } : {}) };
    }
    const boolean = options.some((option) => parts.literals.get(option) === 'boolean');
    if (boolean && !text && !parts.number) return { kind: 'boolean' };
    if (boolean) return { kind: 'other', what: 'a text or a number, or a boolean' };
    if (text) return { kind: 'text' };
    if (parts.number) return { kind: 'number' };
    return parts.other ? { kind: 'other', what: parts.other } : { kind: 'never' };
  }

  /** The properties that props types have, each read over all the types that have it. */
  function props(types, declaration) {
    const all = new Map();
    let any = false;
    let index = false;
    let members = 0;
    const take = (type, depth) => {
      if (type.flags & TypeFlags.Any) return void (any = true);
      if (type.isUnion() && depth < DEEPEST) return type.types.forEach((member) => take(member, depth + 1));
      const apparent = checker.getApparentType(type);
      if (apparent !== type && apparent.isUnion() && depth < DEEPEST) return apparent.types.forEach((member) => take(member, depth + 1));
      if (checker.getIndexInfosOfType(apparent).length) index = true;
      members += 1;
      for (const symbol of checker.getPropertiesOfType(apparent)) {
        const known = all.get(symbol.name) ?? { types: [], symbols: [] };
        known.types.push(checker.getTypeOfSymbol(symbol));
        known.symbols.push(symbol);
        all.set(symbol.name, known);
      }
    };
    types.forEach((type) => take(type, 0));
    const defaults = written(declaration);
    // A list that the platform names and that takes any other text too: `React.HTMLInputTypeAttribute`.
    const isListOfPlatform = (one) => {
      const named = one.type && ts.isTypeReferenceNode(one.type) && checker.getSymbolAtLocation(one.type.typeName);
      const target = named && named.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(named) : named;
      return Boolean(target?.declarations?.every(isOfPlatform));
    };
    const properties = {};
    for (const [name, { types, symbols }] of [...all].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const declarations = symbols.flatMap((symbol) => symbol.declarations ?? []);
      let read = kind(types);
      if (read.open && declarations.length && declarations.every(isListOfPlatform)) read = { kind: 'text' };
      properties[name] = {
        ...read,
        // What one member of a union lacks can be left out.
        required: symbols.length === members && !symbols.some((symbol) => symbol.flags & ts.SymbolFlags.Optional),
        platform: declarations.length > 0 && declarations.every(isPlatform),
        declared: [...new Set(declarations.filter((one) => !isPlatform(one)).map(place))].sort().slice(0, 3),
        text: types.length ? checker.typeToString(types[0], undefined, ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias).slice(0, 200) : '',
        ...(defaults.has(name) ? { default: defaults.get(name) } : {}),
      };
    }
    return { any, index, properties };
  }

  function place(declaration) {
    const file = declaration.getSourceFile();
    const { line } = file.getLineAndCharacterOfPosition(declaration.getStart(file));
    return `${path.relative(folder, file.fileName).replace(/^node_modules\//, '')}:${line + 1}`;
  }

  /** Defaults that the function behind a component destructures its props with. */
  function written(declaration) {
    const found = new Map();
    const parameter = declaration && functionOf(declaration, 0)?.parameters[0];
    if (!parameter || !ts.isObjectBindingPattern(parameter.name)) return found;
    for (const element of parameter.name.elements) {
      const key = element.propertyName ?? element.name;
      if (!element.initializer || !(ts.isIdentifier(key) || ts.isStringLiteral(key))) continue;
      const type = checker.getTypeAtLocation(element.initializer);
      if (type.isStringLiteral() || type.isNumberLiteral()) found.set(key.text, String(type.value));
      else if (type.flags & TypeFlags.BooleanLiteral) found.set(key.text, checker.typeToString(type));
    }
    return found;
  }

  function functionOf(node, depth) {
    if (!node || depth > DEEPEST) return undefined;
    if (ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node) || ts.isArrowFunction(node)) return node;
    if (ts.isVariableDeclaration(node)) return functionOf(node.initializer, depth + 1);
    if (ts.isAsExpression(node) || ts.isParenthesizedExpression(node) || ts.isSatisfiesExpression(node)) return functionOf(node.expression, depth + 1);
    if (ts.isCallExpression(node)) {
      const called = node.expression.getText().replace(/^React\./, '');
      if (!['forwardRef', 'memo', 'Object.assign'].includes(called)) return undefined;
      return functionOf(node.arguments[0], depth + 1);
    }
    if (ts.isIdentifier(node)) return functionOf(checker.getSymbolAtLocation(node)?.valueDeclaration, depth + 1);
    return undefined;
  }

  return { props };
}
