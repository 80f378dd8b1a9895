//! Properties that come, go, and change their name or kind.

use insta::assert_snapshot;
use lockstep_core::{contract::Property, edit::ContractEdit};

use super::fixture::{FILE, Fixture, add_property, default, remove_property, rename_property, sizes};
use crate::model::DeclarationForm::{Plain, TypeUnion, VariantMap};

const INTERFACE: &str = "\
import { forwardRef } from 'react';

export interface ButtonProps {
  /** How big. */
  size?: 'small' | 'large'; // see the guide
  /** Whether it can be pressed. */
  disabled?: boolean;
}

export const Button = forwardRef<HTMLElement, ButtonProps>(({ size = 'small', disabled, ...rest }, ref) => {
  return <button className={classes[size]} ref={ref} {...rest} />;
});
";

fn interface() -> Fixture {
    Fixture::new(INTERFACE, "Button = forwardRef")
        .props_type("{\n  /** How big. */\n  size?: 'small' | 'large'; // see the guide\n  /** Whether it can be pressed. */\n  disabled?: boolean;\n}")
        .property(
            "size",
            TypeUnion,
            "size?: 'small' | 'large';",
            sizes(Some("small")),
            &["size?: 'small' | 'large';"],
            Some("size = 'small'"),
        )
        .property("disabled", Plain, "disabled?: boolean;", Property::boolean(None), &[], None)
}

#[test]
fn new_properties_join_the_props_type() {
    let fixture = interface();
    let new = |property| fixture.shown(&[add_property("extra", property)]);
    assert_snapshot!(new(Property::boolean(None)), @"
    +  extra?: boolean;
    note src/Button.tsx:11 `extra` is passed on from here until the component uses it
    ");
    assert_snapshot!(new(Property::boolean(Some(false))), @"
    +  extra?: boolean;
    -export const Button = forwardRef<HTMLElement, ButtonProps>(({ size = 'small', disabled, ...rest }, ref) => {
    +export const Button = forwardRef<HTMLElement, ButtonProps>(({ size = 'small', disabled, extra = false, ...rest }, ref) => {
    ");
    assert_snapshot!(new(Property::Text), @"
    +  extra?: string;
    note src/Button.tsx:11 `extra` is passed on from here until the component uses it
    ");
    assert_snapshot!(new(Property::Number), @"
    +  extra?: number;
    note src/Button.tsx:11 `extra` is passed on from here until the component uses it
    ");
    assert_snapshot!(new(Property::Slot), @"
    +import type { ReactNode } from 'react';
    +  extra?: ReactNode;
    note src/Button.tsx:12 `extra` is passed on from here until the component uses it
    ");
    assert_snapshot!(new(Property::enumeration(["calm", "loud"], Some("calm"))), @"
    +  extra?: 'calm' | 'loud';
    -export const Button = forwardRef<HTMLElement, ButtonProps>(({ size = 'small', disabled, ...rest }, ref) => {
    +export const Button = forwardRef<HTMLElement, ButtonProps>(({ size = 'small', disabled, extra = 'calm', ...rest }, ref) => {
    ");
}

#[test]
fn new_properties_follow_the_layout_of_the_type() {
    for (props, expected) in [
        ("interface P {}", "interface P {\n  wide?: boolean;\n}"),
        ("type P = {\r\n\ta: string\r\n}\r\n", "type P = {\r\n\ta: string\r\n\twide?: boolean\r\n}\r\n"),
        ("type P = { a: string }", "type P = { a: string; wide?: boolean }"),
        ("type P = { a: string, b: string }", "type P = { a: string, b: string, wide?: boolean }"),
        ("type P = { a: string; };", "type P = { a: string; wide?: boolean; };"),
        (
            "interface P {\n    a: string, // first\n    // end\n}",
            "interface P {\n    a: string, // first\n    wide?: boolean,\n    // end\n}",
        ),
    ] {
        let text = format!("\u{feff}{props}");
        let fixture = Fixture::new(&text, props).props_type(props);
        let planned = fixture.plan(&[add_property("wide", Property::boolean(None))]);
        assert_eq!(planned.manual, []);
        assert_eq!(planned.files[0].after, format!("\u{feff}{expected}"));
        let back = Fixture::new(&planned.files[0].after, expected).property(
            "wide",
            Plain,
            &expected[expected.find("wide").unwrap()..][..14],
            Property::boolean(None),
            &[],
            None,
        );
        if props != "interface P {}" {
            assert_eq!(back.plan(&[]).files, []);
        }
    }
}

#[test]
fn properties_go_when_nothing_uses_them() {
    let fixture = interface();
    assert_snapshot!(fixture.shown(&[remove_property("disabled")]), @"
    -  /** Whether it can be pressed. */
    -  disabled?: boolean;
    -export const Button = forwardRef<HTMLElement, ButtonProps>(({ size = 'small', disabled, ...rest }, ref) => {
    +export const Button = forwardRef<HTMLElement, ButtonProps>(({ size = 'small', ...rest }, ref) => {
    note src/Button.tsx:10 a `disabled` that callers still pass goes into the rest from now on
    ");
    assert_snapshot!(fixture.shown(&[remove_property("size")]), @"manual src/Button.tsx:11 `size` is still used here");
}

#[test]
fn renamed_properties_keep_their_local_name() {
    let fixture = interface();
    assert_snapshot!(fixture.shown(&[rename_property("size", "scale"), rename_property("disabled", "is-off")]), @"
    -  size?: 'small' | 'large'; // see the guide
    +  scale?: 'small' | 'large'; // see the guide
    -  disabled?: boolean;
    +  'is-off'?: boolean;
    -export const Button = forwardRef<HTMLElement, ButtonProps>(({ size = 'small', disabled, ...rest }, ref) => {
    +export const Button = forwardRef<HTMLElement, ButtonProps>(({ scale: size = 'small', 'is-off': disabled, ...rest }, ref) => {
    ");
    let there_and_back = [rename_property("size", "scale"), rename_property("scale", "size")];
    assert_eq!(fixture.after(&there_and_back), INTERFACE);
    assert_eq!(fixture.plan(&there_and_back).files, []);
}

#[test]
fn kinds_change_where_the_type_is_written_out() {
    let fixture = interface();
    let change = |name: &str, to| fixture.shown(&[ContractEdit::ChangeKind { name: name.into(), to }]);
    assert_snapshot!(change("disabled", Property::enumeration(["no", "yes"], Some("no"))), @"
    -  disabled?: boolean;
    +  disabled?: 'no' | 'yes';
    -export const Button = forwardRef<HTMLElement, ButtonProps>(({ size = 'small', disabled, ...rest }, ref) => {
    +export const Button = forwardRef<HTMLElement, ButtonProps>(({ size = 'small', disabled = 'no', ...rest }, ref) => {
    ");
    assert_snapshot!(change("size", Property::boolean(Some(true))), @"
    -  size?: 'small' | 'large'; // see the guide
    +  size?: boolean; // see the guide
    -export const Button = forwardRef<HTMLElement, ButtonProps>(({ size = 'small', disabled, ...rest }, ref) => {
    +export const Button = forwardRef<HTMLElement, ButtonProps>(({ size = true, disabled, ...rest }, ref) => {
    note src/Button.tsx:11 this was written for the old kind of `size`
    ");
    assert_snapshot!(change("size", Property::Slot), @"
    +import type { ReactNode } from 'react';
    -  size?: 'small' | 'large'; // see the guide
    +  size?: ReactNode; // see the guide
    -export const Button = forwardRef<HTMLElement, ButtonProps>(({ size = 'small', disabled, ...rest }, ref) => {
    +export const Button = forwardRef<HTMLElement, ButtonProps>(({ size, disabled, ...rest }, ref) => {
    note src/Button.tsx:11 this was written for the old kind of `size`
    ");
}

#[test]
fn a_variant_map_takes_part() {
    let text = "\
const button = tv({
  base: 'b',
  variants: {
    size: { small: 'h-8', large: 'h-10' },
    loud: { true: 'x' },
  },
  compoundVariants: [{ size: 'small', loud: true, class: 'a' }],
  defaultVariants: { size: 'small', loud: false },
});
type ButtonProps = VariantProps<typeof button>;
export function Button({ size, loud, ...props }: ButtonProps) {
  return <b className={button({ size, loud })} {...props} />;
}
";
    let fixture = Fixture::new(text, "function Button")
        .property(
            "size",
            VariantMap,
            "size: { small: 'h-8', large: 'h-10' }",
            sizes(Some("small")),
            &["{ small: 'h-8', large: 'h-10' }"],
            Some("defaultVariants: { size: 'small',"),
        )
        .property(
            "loud",
            VariantMap,
            "loud: { true: 'x' }",
            Property::boolean(Some(false)),
            &[],
            Some("loud: false }"),
        );
    assert_snapshot!(fixture.shown(&[remove_property("size")]), @"
    -    size: { small: 'h-8', large: 'h-10' },
    -  compoundVariants: [{ size: 'small', loud: true, class: 'a' }],
    -  defaultVariants: { size: 'small', loud: false },
    +  defaultVariants: { loud: false },
    -export function Button({ size, loud, ...props }: ButtonProps) {
    -  return <b className={button({ size, loud })} {...props} />;
    +export function Button({ loud, ...props }: ButtonProps) {
    +  return <b className={button({ loud })} {...props} />;
    note src/Button.tsx:11 a `size` that callers still pass goes into the rest from now on
    ");
    assert_snapshot!(fixture.shown(&[remove_property("loud")]), @"
    -    loud: { true: 'x' },
    -  compoundVariants: [{ size: 'small', loud: true, class: 'a' }],
    -  defaultVariants: { size: 'small', loud: false },
    +  defaultVariants: { size: 'small' },
    -export function Button({ size, loud, ...props }: ButtonProps) {
    -  return <b className={button({ size, loud })} {...props} />;
    +export function Button({ size, ...props }: ButtonProps) {
    +  return <b className={button({ size })} {...props} />;
    note src/Button.tsx:11 a `loud` that callers still pass goes into the rest from now on
    ");
    assert_snapshot!(fixture.shown(&[rename_property("size", "scale")]), @"
    -    size: { small: 'h-8', large: 'h-10' },
    +    scale: { small: 'h-8', large: 'h-10' },
    -  compoundVariants: [{ size: 'small', loud: true, class: 'a' }],
    -  defaultVariants: { size: 'small', loud: false },
    +  compoundVariants: [{ scale: 'small', loud: true, class: 'a' }],
    +  defaultVariants: { scale: 'small', loud: false },
    -export function Button({ size, loud, ...props }: ButtonProps) {
    -  return <b className={button({ size, loud })} {...props} />;
    +export function Button({ scale: size, loud, ...props }: ButtonProps) {
    +  return <b className={button({ scale: size, loud })} {...props} />;
    ");
    assert_snapshot!(fixture.shown(&[add_property("tone", Property::enumeration(["calm", "loud"], Some("calm")))]), @"
    +    tone: { calm: '', loud: '' },
    -  defaultVariants: { size: 'small', loud: false },
    +  defaultVariants: { size: 'small', loud: false, tone: 'calm' },
    note src/Button.tsx:5 the classes of `tone` are still empty, and the component must pass it to the variant map
    note src/Button.tsx:12 `tone` is passed on from here until the component uses it
    ");
    assert_snapshot!(fixture.shown(&[default("loud", Some("true"))]), @"
    -  defaultVariants: { size: 'small', loud: false },
    +  defaultVariants: { size: 'small', loud: true },
    ");
    assert_eq!(
        fixture.after(&[rename_property("size", "scale"), rename_property("scale", "size")]),
        fixture.text(FILE)
    );
}

#[test]
fn types_that_name_a_property_follow_it() {
    let text = "\
interface ButtonProps {
  size?: 'small' | 'large';
}
type Size = ButtonProps['size'];
type Rest = Omit<ButtonProps, 'size' | 'tone'> & Pick<OtherProps, 'size'>;
export function Button({ size }: ButtonProps) { return null; }
";
    let fixture = Fixture::new(text, "function Button").property(
        "size",
        TypeUnion,
        "size?: 'small' | 'large';",
        sizes(None),
        &["size?: 'small' | 'large';"],
        None,
    );
    assert_snapshot!(fixture.shown(&[rename_property("size", "scale")]), @"
    -  size?: 'small' | 'large';
    +  scale?: 'small' | 'large';
    -type Size = ButtonProps['size'];
    -type Rest = Omit<ButtonProps, 'size' | 'tone'> & Pick<OtherProps, 'size'>;
    -export function Button({ size }: ButtonProps) { return null; }
    +type Size = ButtonProps['scale'];
    +type Rest = Omit<ButtonProps, 'scale' | 'tone'> & Pick<OtherProps, 'size'>;
    +export function Button({ scale: size }: ButtonProps) { return null; }
    note src/Button.tsx:5 this may name the property `size`; it was left as it is
    ");
    assert_snapshot!(fixture.shown(&[rename_property("size", "children")]), @"manual src/Button.tsx:2 `children` is what stands between a component's tags, whatever its props say");
    assert_snapshot!(fixture.shown(&[remove_property("size")]), @"
    manual src/Button.tsx:4 this type names `size`
    manual src/Button.tsx:5 this type names `size`
    ");
}

#[test]
fn a_new_name_keeps_to_its_neighbour_where_blank_lines_part_groups() {
    let text = "interface P {\n  disabled?: boolean;\n}\nexport const Button = ({\n  size,\n\n  disabled,\n  ...rest\n}: P) => <b {...rest} />;\n";
    let fixture = Fixture::new(text, "Button = (").props_type("{\n  disabled?: boolean;\n}").property(
        "disabled",
        Plain,
        "disabled?: boolean;",
        Property::boolean(None),
        &[],
        None,
    );
    assert_snapshot!(fixture.shown(&[add_property("extra", Property::boolean(Some(false)))]), @"
    +  extra?: boolean;
    +  extra = false,
    ");
}
