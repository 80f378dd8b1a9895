//! Laws that hold for any sequence of edits, over one fixture of each style.

use std::{fs, path::Path};

use lockstep_core::{contract::Property, edit::ContractEdit};
use proptest::prelude::*;

use super::super::{EditOptions, MemoryFiles, plan};
use crate::{ScanOptions, model::ScannedComponent, scan};

/// Components in different hands: quotes, semicolons, indentation, line endings, byte-order marks.
const STYLES: [&str; 6] = [
    "export interface ButtonProps {\n  /** How big.\n   * @default 'm' */\n  size?: 's' | 'm' | 'l';\n  tone?: Tone; // mood\n  busy?: boolean;\n}\ntype Tone =\n  | 'calm'\n  | 'loud';\nexport function Button({ size = 'm', tone, busy = false }: ButtonProps) {\n  return <b className={size === 'm' ? tone : undefined} aria-busy={busy} />;\n}\n",
    "\u{feff}const sizes = [\"s\", \"m\", \"l\"] as const\r\ntype Props = {\r\n\tsize?: (typeof sizes)[number]\r\n\ttone?: 'calm'|'loud'\r\n\tbusy?: boolean\r\n}\r\nexport const Button = ({ size = \"m\", tone, busy }: Props) => <b data-x={[size, tone, busy]} />",
    "import { forwardRef } from 'react';\nexport const Size = {\n    Small: 's',\n    Medium: 'm',\n    Large: 'l',\n} as const;\nexport type Size = (typeof Size)[keyof typeof Size];\nenum Tone { Calm = 'calm', Loud = 'loud' }\ninterface Props { size?: Size, tone?: Tone, busy?: boolean }\nexport const Button = forwardRef<HTMLElement, Props>((props, ref) => {\n    const { size = Size.Medium, tone = Tone.Calm, busy } = props;\n    return <b ref={ref} title={`${size}${tone}${busy}`} />;\n});\n",
    "import { cva, type VariantProps } from 'class-variance-authority'\nconst button = cva('b', {\n  variants: {\n    size: { s: 'p-1', m: 'p-2', l: 'p-3' },\n    tone: {\n      calm: '',\n      loud: 'bg-red',\n    },\n    busy: { true: 'wait' },\n  },\n  compoundVariants: [{ size: 's', tone: 'loud', class: 'x' }],\n  defaultVariants: { size: 'm' },\n})\nexport interface ButtonProps extends VariantProps<typeof button> { label?: string }\nexport function Button({ size, tone, busy, label }: ButtonProps) {\n  return <b className={button({ size, tone, busy })}>{label}</b>\n}\n",
    "type Size = 's' | 'm' | 'l';\nconst classes: Record<Size, string> = { s: 'p-1', m: 'p-2', l: 'p-3' };\nconst icons = { calm: <i />, loud: <em /> };\nexport function Button({ size = 'm', tone = 'calm', ...rest }: { size?: Size; tone?: keyof typeof icons; busy?: boolean }) {\n  return <b className={classes[size]} {...rest}>{icons[tone]}</b>;\n}\n",
    "import PropTypes from 'prop-types';\nimport { Component } from 'react';\nexport class Button extends Component {\n  static defaultProps = { size: 'm' };\n  static propTypes = {\n    size: PropTypes.oneOf(['s', 'm', 'l']),\n    tone: PropTypes.oneOf(['calm', 'loud']),\n    busy: PropTypes.bool\n  };\n  render() { return <b className={this.props.size} />; }\n}\n",
];

pub(super) fn scanned(folder: &Path, text: &str) -> ScannedComponent {
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("package.json"), r#"{"name":"x"}"#).unwrap();
    fs::write(folder.join("src/Button.tsx"), text).unwrap();
    let found = scan(&ScanOptions::new(folder, "")).unwrap().components;
    found.into_iter().find(|component| component.name == "Button").expect("the fixture has a Button")
}

fn option() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["s", "m", "l", "calm", "loud", "xl", "extra-large", "2", "it's"])
        .prop_map(str::to_owned)
}

fn property() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["size", "tone", "busy", "fresh", "label", "fresh-thing"])
        .prop_map(str::to_owned)
}

fn edit() -> impl Strategy<Value = ContractEdit> {
    let kind = prop_oneof![
        Just(Property::Text),
        Just(Property::Slot),
        any::<Option<bool>>().prop_map(Property::boolean),
        Just(Property::enumeration(["a", "b c"], Some("a"))),
    ];
    prop_oneof![
        3 => (property(), option()).prop_map(|(p, o)| ContractEdit::AddOption { property: p.into(), option: o.into() }),
        3 => (property(), option()).prop_map(|(p, o)| ContractEdit::RemoveOption { property: p.into(), option: o.into() }),
        3 => (property(), option(), option()).prop_map(|(p, from, to)| ContractEdit::RenameOption {
            property: p.into(), from: from.into(), to: to.into(),
        }),
        3 => (property(), prop::option::of(option())).prop_map(|(p, to)| ContractEdit::SetDefault { property: p.into(), to }),
        2 => (property(), kind.clone()).prop_map(|(name, property)| ContractEdit::AddProperty { name: name.into(), property }),
        1 => (property(), kind).prop_map(|(name, to)| ContractEdit::ChangeKind { name: name.into(), to }),
        1 => property().prop_map(|name| ContractEdit::RemoveProperty { name: name.into() }),
        1 => (property(), property()).prop_map(|(from, to)| ContractEdit::RenameProperty { from: from.into(), to: to.into() }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, ..ProptestConfig::default() })]

    #[test]
    fn what_was_made_is_what_a_scan_finds(style in 0..STYLES.len(), edits in prop::collection::vec(edit(), 1..5)) {
        let folder = tempfile::tempdir().unwrap();
        let component = scanned(folder.path(), STYLES[style]);
        let files: MemoryFiles = [("src/Button.tsx", STYLES[style])].into_iter().collect();
        let planned = plan(&component, &[], &[], &edits, &EditOptions::default(), &files);
        let mut expected = component.statement.contract.clone();
        for edit in &planned.made {
            edit.apply(&mut expected).unwrap();
        }
        let after = planned.files.first().map_or(STYLES[style], |file| file.after.as_str());
        let found = scanned(folder.path(), after).statement.contract;
        prop_assert_eq!(found, expected, "{:?}\n{}", planned.made, after);
    }
}
