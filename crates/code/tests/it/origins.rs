//! Places are exact: what stands there is what they say.

use std::collections::BTreeMap;

use lockstep_code::model::{CodeScan, DeclarationForm, Place};

use crate::support::{component, scan_files};

const SOURCE: &str = "\
import { cva, type VariantProps } from 'class-variance-authority';
const sizes = ['s', \"m\"] as const;
const Tone = { Calm: 'calm', Loud: 'loud' } as const;
enum Shape { Round = 'round', Square = 'square' }
type Kind = 'é' | 'b';
const v = cva('x', { variants: { pad: { none: 'p-0', 'a lot': 'p-9' } }, defaultVariants: { pad: 'none' } });
interface Props extends VariantProps<typeof v> {
  size?: (typeof sizes)[number];
  /** Colour. */
  tone?: (typeof Tone)[keyof typeof Tone];
  shape: Shape;
  kind: Kind;
  label?: string,
}
export const C = ({ size = 's', tone = Tone.Calm }: Props) => <i />;
";

fn text<'s>(place: &Place, source: &'s str) -> &'s str {
    assert_eq!(place.file, "src/index.tsx");
    let before = &source[..place.start as usize];
    assert_eq!(place.line as usize, before.matches('\n').count() + 1);
    &source[place.start as usize..place.end as usize]
}

fn found() -> CodeScan {
    scan_files(&[("src/index.tsx", SOURCE)])
}

#[test]
fn every_place_is_what_it_says() {
    let scan = found();
    let component = component(&scan, "C");
    let mut lines = String::new();
    for (name, origin) in &component.origins {
        let options: BTreeMap<&str, Vec<&str>> = origin
            .options
            .iter()
            .map(|(option, places)| {
                (option.as_str(), places.iter().map(|place| text(place, SOURCE)).collect())
            })
            .collect();
        let defaults: Vec<&str> = origin.default.iter().map(|place| text(place, SOURCE)).collect();
        let declared = text(&origin.declared, SOURCE);
        lines.push_str(&format!("{name} {:?}\n  {declared}\n  {options:?} {defaults:?}\n", origin.form));
    }
    insta::assert_snapshot!(lines, @r#"
    kind TypeUnion
      kind: Kind;
      {"b": ["'b'"], "é": ["'é'"]} []
    label Plain
      label?: string,
      {} []
    pad VariantMap
      pad: { none: 'p-0', 'a lot': 'p-9' }
      {"a lot": ["'a lot'"], "none": ["none"]} ["'none'"]
    shape EnumDeclaration
      shape: Shape;
      {"round": ["'round'"], "square": ["'square'"]} []
    size ConstArray
      size?: (typeof sizes)[number];
      {"m": ["\"m\""], "s": ["'s'"]} ["'s'"]
    tone ConstObject
      tone?: (typeof Tone)[keyof typeof Tone];
      {"calm": ["'calm'"], "loud": ["'loud'"]} ["Tone.Calm"]
    "#);
    assert!(text(component.props_type.as_ref().unwrap(), SOURCE).starts_with("{\n  size?:"));
    assert!(text(&component.declared, SOURCE).starts_with("export const C"));
}

#[test]
fn a_rename_keeps_the_identity() {
    let before = found();
    let after =
        scan_files(&[("src/index.tsx", &SOURCE.replace("'é'", "'renamed'").replace("shape:", "form:"))]);
    let of = |scan: &CodeScan| component(scan, "C").statement.identities.clone();
    let (before, after) = (of(&before), of(&after));
    let kinds = (&before.options[&"kind".into()], &after.options[&"kind".into()]);
    assert_eq!(kinds.0[&"é".into()].shared(&kinds.1[&"renamed".into()]), 1);
    assert_eq!(kinds.0[&"é".into()].shared(&kinds.1[&"b".into()]), 0);
    assert_eq!(before.properties[&"shape".into()].shared(&after.properties[&"form".into()]), 1);
    assert_eq!(before.properties[&"shape".into()].shared(&after.properties[&"size".into()]), 0);
}

#[test]
fn options_stated_twice_have_both_places() {
    let source = "export const C = (p: { a: 's' | 'm' } | { a: 's'; b: 1 }) => <i />";
    let scan = scan_files(&[("src/index.tsx", source)]);
    let origin = &component(&scan, "C").origins[&"a".into()];
    assert_eq!(origin.options[&"s".into()].len(), 2);
    assert_eq!(origin.form, DeclarationForm::TypeUnion);
}
