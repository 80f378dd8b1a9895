use std::fmt::Write as _;

use super::*;
use crate::{imports::Imports, model::CodeConnection, parsed::parsed};

/// `./Name` beside the file.
struct Beside;

impl Imports for Beside {
    fn file(&self, from: &str, specifier: &str) -> Option<String> {
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        Some(format!("{folder}/{}.tsx", specifier.strip_prefix("./")?))
    }
}

fn resolved(file: &str, source: &str) -> (Vec<CodeConnection>, Vec<lockstep_core::diagnostic::Diagnostic>) {
    let facts = parsed(file, source, |program| lower(program, source, file)).expect("a Code Connect file");
    let stored = serde_json::to_string(&facts).unwrap();
    assert_eq!(serde_json::from_str::<ConnectFacts>(&stored).unwrap(), facts);
    let config = CodeConnectConfig {
        substitutions: vec![("<KIT>".into(), "https://www.figma.com/design/KIT/Kit".into())],
        ..Default::default()
    };
    resolve(&[(file, &facts)], &config, &Beside)
}

fn told(file: &str, source: &str) -> String {
    let (connections, diagnostics) = resolved(file, source);
    let mut text = String::new();
    for connection in connections {
        write!(text, "{} -> {}", connection.url, connection.component.as_deref().unwrap_or("nothing"))
            .unwrap();
        if let Some(file) = connection.component_file {
            write!(text, " in {file}").unwrap();
        }
        if !connection.variant.is_empty() {
            write!(text, " where {:?}", connection.variant).unwrap();
        }
        text.push('\n');
        for property in connection.properties {
            let code = property.code.as_ref().map_or("?", |code| code.as_str());
            let options: Vec<_> =
                property.options.iter().map(|(option, value)| format!("{option}={value}")).collect();
            writeln!(text, "  {:?} {} -> {code} {}", property.reads, property.design, options.join(" "))
                .unwrap();
            let place = &source[property.place.start as usize..property.place.end as usize];
            assert!(place.contains('(') && place.ends_with(')'), "the place of a call: {place}");
        }
    }
    for diagnostic in diagnostics {
        let line = diagnostic.place.map_or(0, |place| place.line);
        writeln!(text, "line {line} {}: {}", diagnostic.code, diagnostic.message).unwrap();
    }
    text
}

#[test]
fn connect_calls() {
    let source = r#"
        import figma from '@figma/code-connect';
        import { Button as B, Icon } from './Button';
        import * as Lib from './Lib';
        const address = '<KIT>?node-id=1-2';
        figma.connect(B, address, {
          props: {
            size: figma.enum('Size', { Small: 'small', Large: 'large', Huge: <b/>, Auto: undefined }),
            off: figma.boolean('Disabled#12:3'),
            label: figma.string('Label'),
            icon: figma.instance('Icon').render((x) => x),
            lead: figma.boolean('Has lead', { true: figma.instance('Lead'), false: undefined }),
            tone: figma.enum('Tone', { Loud: 'loud', Custom: figma.string('Own tone') }),
            children: figma.children('*'),
            nested: figma.nestedProps('Inner', { deep: figma.boolean('Deep') }),
            className: figma.className(['btn', figma.enum('Size', { Small: 'btn-s' })]),
            text: figma.textContent('Caption'),
            body: figma.slot('Body'),
            unused: figma.string('Unused'),
            wrong: figma.number('Count'),
            plain: 'constant',
          },
          variant: { State: 'Default', 'Has Icon': true, Level: 2 },
          example: ({ size, off: isOff, label, lead: Lead, tone = 'x', ...rest }) => {
            const shown = label ?? 'none';
            return (
              <B size={size} disabled={!isOff} title={shown} {...rest}>
                {rest.body}
                <Icon name={rest.icon}>{Lead}</Icon>
                <>{tone}</>
              </B>
            );
          },
          imports: ['import { B } from "x"'],
          links: [{ name: 'Docs', url: 'https://example.com' }],
        });
        figma.connect(Lib.Card.Header, '<KIT>?node-id=3-4');
        figma.connect(Lib.Card, 'https://www.figma.com/design/KIT/Kit?node-id=3-5', { props: { open: figma.boolean('Open') } });
        figma.connect('<KIT>?node-id=5-6', { props: { a: figma.string('A') }, example: (props) => <Icon name={props.a} /> });
        figma.connect('<KIT>?node-id=7-8', { example: () => <button>x</button> });
    "#;
    insta::assert_snapshot!(told("src/Button.figma.tsx", source), @r#"
    https://www.figma.com/design/KIT/Kit?node-id=1-2 -> Button in src/Button.tsx where {"Has Icon": "true", "Level": "2", "State": "Default"}
      Enum Size -> size Small="small" Large="large"
      Boolean Disabled -> disabled true=false false=true
      Text Label -> title 
      Instance Icon -> icon 
      Boolean Has lead -> ? 
      Instance Lead -> ? 
      Enum Tone -> children Loud="loud"
      Text Own tone -> children 
      Other * -> children 
      Other Inner -> nested 
      Other btn -> className 
      Text Caption -> text 
      Instance Body -> body 
      Instance Body -> children 
      Text Unused -> unused 
    https://www.figma.com/design/KIT/Kit?node-id=3-4 -> Card.Header in src/Lib.tsx
    https://www.figma.com/design/KIT/Kit?node-id=3-5 -> Card in src/Lib.tsx
      Boolean Open -> open 
    https://www.figma.com/design/KIT/Kit?node-id=5-6 -> Icon in src/Button.tsx
      Text A -> name 
    https://www.figma.com/design/KIT/Kit?node-id=7-8 -> nothing
    line 20 code-connect-unknown-call: `figma.number` is no call that Code Connect knows
    "#);
}

#[test]
fn connect_calls_for_html() {
    let source = r#"
        import figma, { html } from '@figma/code-connect/html';
        figma.connect('<KIT>?node-id=1-2', {
          props: { label: figma.string('Label'), size: figma.enum('Size', { L: 'lg' }), off: figma.boolean('Off') },
          example: (props) => html`<ui-button size="${props.size}" ?disabled=${props.off}>${props.label}</ui-button>`,
        });
    "#;
    insta::assert_snapshot!(told("src/button.figma.ts", source), @r#"
    https://www.figma.com/design/KIT/Kit?node-id=1-2 -> nothing
      Text Label -> children 
      Enum Size -> size L="lg"
      Boolean Off -> disabled
    "#);
}

#[test]
fn templates() {
    let source = r#"// Copyright
// url=<KIT>?node-id=1-2
// source=./Button.tsx
// component=Button
import figma from 'figma'
import { helper } from './template-helpers'

const it = figma.selectedInstance
const render = figma.helpers.react.renderProp
const size = it.getEnum('Size', { Small: 'sm', 'Medium*': 'md' })
const disabled = it.getEnum('State', { Default: false, Disabled: true })
const collapsed = figma.properties.enum('Mode', { Expanded: 'false', Collapsed: 'true' })
const label = it.getBoolean('Has label') ? it.getString('Label') : undefined
const icon = it.getBoolean('Show icon') ? it.getInstanceSwap('Icon') : null
let iconCode
if (icon && icon.type === 'INSTANCE') {
  iconCode = icon.executeTemplate().example
}
const trailing = it.getInstanceSwap('Trailing')?.executeTemplate().example
const wideAttr = it.getBoolean('Wide') && ' wide'
const plain = it.getPropertyValue('Plain')
const inverted = !it.getBoolean('Outlined')
const inner = it.findInstance('Inner')
const nested = inner.getString('Nested')
const odd = it.getNumber('Odd')
const unnamed = it.getString(name)

export default {
  id: 'button',
  example: figma.code`
    <Button
      size="${size}" class="btn-${size}"
      collapsed={${collapsed}}
      ${disabled ? 'disabled' : ''}
      ${iconCode ? figma.code`startIcon={${iconCode}}` : ''}${render('trailing', trailing)}${wideAttr}
      ${helper('kind', plain)} filled={${inverted}}
    >
      ${label}
      <Icon name="${figma.currentLayer.__properties__.string('Glyph')}" />
    </Button>${it.getSlot('After')}`,
  imports: ['import { Button } from "./Button"'],
  metadata: { nestable: true, props: { size } },
}
"#;
    insta::assert_snapshot!(told("src/button/Button.figma.ts", source), @r#"
    https://www.figma.com/design/KIT/Kit?node-id=1-2 -> Button in src/button/Button.tsx
      Enum Size -> size Small="sm" Medium*="md"
      Enum State -> disabled Default=false Disabled=true
      Enum Mode -> collapsed Expanded=false Collapsed=true
      Boolean Has label -> ? 
      Text Label -> children 
      Boolean Show icon -> ? 
      Instance Icon -> startIcon 
      Instance Trailing -> trailing 
      Boolean Wide -> wide 
      Text Plain -> kind 
      Boolean Outlined -> filled true=false false=true
      Other Inner -> ? 
      Text Glyph -> ? 
      Instance After -> ? 
    line 25 code-connect-unknown-call: `instance.getNumber` is no call that templates know
    line 26 code-connect-name-computed: the design property's name is no plain text, so this call is left aside
    "#);
}

#[test]
fn templates_name_their_component_as_far_as_they_say() {
    let template = |header: &str, example: &str| {
        let source = format!(
            "// url=<KIT>?node-id=1-2\n{header}const figma = require('figma');\nconst size = figma.selectedInstance.getEnum('Size', {{ S: 's' }});\nexport default {{ example: {example}, imports: [\"import Menu, {{ Item }} from './menu';\"] }};"
        );
        let told = told("src/x.figma.js", &source);
        told.split_once(" -> ").unwrap().1.trim().replace("\n  ", " | ")
    };
    for (header, example, expected) in [
        ("", "figma.code`<Menu size=\"${size}\" />`", "Menu in src/menu.tsx | Enum Size -> size S=\"s\""),
        ("", "figma.html`<ui-menu size=\"${size}\"></ui-menu>`", "nothing | Enum Size -> size S=\"s\""),
        (
            "// component=Item\n",
            "figma.tsx`<Item a={${size}} />`",
            "Item in src/menu.tsx | Enum Size -> a S=\"s\"",
        ),
        ("// component=Other\n", "figma.code`<Item a=\"${size}\" />`", "Other | Enum Size -> a S=\"s\""),
        (
            "// component=Menu\n",
            "figma.code`<Menu.Root a=\"${size}\"><Menu.B b=\"${size}\"/></Menu.Root>`",
            "Menu in src/menu.tsx | Enum Size -> a S=\"s\"",
        ),
        (
            "// source=https://github.com/a/b/blob/main/src/M.tsx\n",
            "figma.code`<Menu />`",
            "Menu in src/M.tsx | Enum Size -> ? S=\"s\"",
        ),
    ] {
        assert_eq!(template(header, example), expected, "{header}{example}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    let connect =
        |calls: &str| told("src/A.figma.tsx", &format!("import figma from '@figma/code-connect';\n{calls}"));
    insta::assert_snapshot!(
        [
            connect("figma.connect();"),
            connect("figma.connect(A);"),
            connect("figma.connect(A, address());"),
            connect("figma.connect(A, '<OTHER>?node-id=1-2');"),
            connect("figma.connect(A, 'https://www.figma.com/design/K/F');"),
            connect("figma.connect(A, '<KIT>?node-id=1-2', settings);"),
            connect("figma.connect(A, '<KIT>?node-id=1-2', { props: all() });"),
            connect("figma.connect(A, '<KIT>?node-id=1-2', { props: { a: figma.boolean(name) } });"),
            told("src/A.figma.ts", "import figma from 'figma';\nexport default {};"),
            told("src/A.figma.batch.figma.ts", "import figma from 'figma';\nexport default {};"),
            told("src/A.figma.ts", "// url=nowhere\nexport default {};"),
        ]
        .join("--\n"),
        @"
    line 2 code-connect-no-url: this connection names no design node: its address is missing, or no plain text
    --
    line 2 code-connect-no-url: this connection names no design node: its address is missing, or no plain text
    --
    line 2 code-connect-no-url: this connection names no design node: its address is missing, or no plain text
    --
    line 2 code-connect-bad-url: `<OTHER>?node-id=1-2` is no web address
    --
    line 2 code-connect-bad-url: `https://www.figma.com/design/K/F` has no node-id
    --
    https://www.figma.com/design/KIT/Kit?node-id=1-2 -> A
    line 2 code-connect-computed: the settings of this connection are no object literal, so its properties are unknown
    --
    https://www.figma.com/design/KIT/Kit?node-id=1-2 -> A
    line 2 code-connect-computed: `props` is no object literal, so the properties of this connection are unknown
    --
    https://www.figma.com/design/KIT/Kit?node-id=1-2 -> A
    line 2 code-connect-name-computed: the design property's name is no plain text, so this call is left aside
    --
    line 1 code-connect-no-url: this template names no design node: there is no `// url=…` at its top
    --
    line 1 code-connect-batch: batch templates are not read, so the components of this batch are not connected by it
    --
    line 1 code-connect-bad-url: `nowhere` is no web address
    "
    );
}

#[test]
fn other_files_connect_nothing() {
    for (file, source) in [
        ("src/Button.tsx", "export const Button = () => <b/>;"),
        ("src/theme.figma.ts", "export const colours = {};"),
        ("src/Make.tsx", "import figma from '@figma/code-connect'; export const x = 1;"),
    ] {
        assert!(parsed(file, source, |program| lower(program, source, file)).is_none(), "{file}");
    }
    let source = "// url=x\nimport figma from 'figma';";
    assert!(parsed("src/a.ts", source, |program| lower(program, source, "src/a.ts")).is_none());
}

#[test]
fn hostile_files_cost_a_bounded_amount() {
    let nested = (0..300)
        .fold("figma.string('x')".to_owned(), |inner, _| format!("figma.boolean('a', {{ true: {inner} }})"));
    let chain = format!("figma.instance('x'){}", ".a()".repeat(20_000));
    let sum = vec!["props.a"; 20_000].join(" || ");
    let names: String = (1..200).map(|n| format!("const a{n} = a{p} ?? a{p};", p = n - 1)).collect();
    let connect = format!(
        "import figma from '@figma/code-connect';
         figma.connect(A, '<KIT>?node-id=1-2', {{
           props: {{ a: {nested}, b: {chain} }},
           example: (props) => {{ const a0 = props.a; {names} return <A x={{a199}} y={{{sum}}}>{{props.b}}</A>; }} }});"
    );
    let (connections, _) = resolved("src/A.figma.tsx", &connect);
    assert_eq!(connections.len(), 1);
    let cyclic = "// url=<KIT>?node-id=1-2\nimport figma from 'figma'; let a = b; let b = a; a = figma.selectedInstance.getString('A');
        export default { example: figma.code`<A x=\"${b}\" />` }";
    assert!(told("src/A.figma.ts", cyclic).contains("Text A -> x"));
}
