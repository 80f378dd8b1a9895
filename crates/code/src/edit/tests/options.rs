//! Each form of declaration by each edit of options and defaults.

use insta::assert_snapshot;

use super::fixture::{Fixture, add, default, remove, rename, sizes};
use crate::model::DeclarationForm::{
    ConstArray, ConstObject, EnumDeclaration, PropTypes, TypeUnion, VariantMap,
};

/// Every edit of options and of the default, one after the other on the same text.
fn all(fixture: &Fixture) -> String {
    let edits = [
        ("add", vec![add("xl")]),
        ("remove", vec![default("size", Some("large")), remove("small")]),
        ("rename", vec![rename("small", "s")]),
        ("default", vec![default("size", Some("large"))]),
        ("no default", vec![default("size", None)]),
    ];
    edits.iter().map(|(name, edits)| format!("# {name}\n{}", fixture.shown(edits))).collect()
}

#[test]
fn a_union_inline() {
    let text = "\
interface ButtonProps {
  /**
   * How big.
   * @default 'small'
   */
  size?: 'small' | 'large';
}
export function Button({ size = 'small', ...rest }: ButtonProps) {
  return <button data-big={size === 'small' ? 1 : 2} {...rest} />;
}
";
    let fixture = Fixture::new(text, "function Button").property(
        "size",
        TypeUnion,
        "size?: 'small' | 'large';",
        sizes(Some("small")),
        &["size?: 'small' | 'large';"],
        Some("size = 'small'"),
    );
    assert_snapshot!(all(&fixture), @"
    # add
    -  size?: 'small' | 'large';
    +  size?: 'small' | 'large' | 'xl';
    # remove
    -   * @default 'small'
    +   * @default 'large'
    -export function Button({ size = 'small', ...rest }: ButtonProps) {
    +export function Button({ size = 'large', ...rest }: ButtonProps) {
    manual src/Button.tsx:9 `size` is still compared with `small` here
    # rename
    -   * @default 'small'
    +   * @default 's'
    -  size?: 'small' | 'large';
    +  size?: 's' | 'large';
    -export function Button({ size = 'small', ...rest }: ButtonProps) {
    -  return <button data-big={size === 'small' ? 1 : 2} {...rest} />;
    +export function Button({ size = 's', ...rest }: ButtonProps) {
    +  return <button data-big={size === 's' ? 1 : 2} {...rest} />;
    # default
    -   * @default 'small'
    +   * @default 'large'
    -export function Button({ size = 'small', ...rest }: ButtonProps) {
    +export function Button({ size = 'large', ...rest }: ButtonProps) {
    # no default
    -   * @default 'small'
    -export function Button({ size = 'small', ...rest }: ButtonProps) {
    +export function Button({ size, ...rest }: ButtonProps) {
    ");
}

#[test]
fn a_union_in_an_alias_with_a_class_map() {
    let text = "\
type Size =
\t| \"small\" // the least
\t| \"large\" // the most

const classes: Record<Size, string> = {
\tsmall: \"p-1\",
\tlarge: \"p-2\"
}

export const Button = ({ size = \"small\" }: { size?: Size }) => <b className={classes[size]} />
";
    let fixture = Fixture::new(text, "Button = ").property(
        "size",
        TypeUnion,
        "size?: Size",
        sizes(Some("small")),
        &["\t| \"small\" // the least\n\t| \"large\" // the most", "{\n\tsmall: \"p-1\",\n\tlarge: \"p-2\""],
        Some("size = \"small\""),
    );
    assert_snapshot!(all(&fixture), @r#"
    # add
    +	| "xl"
    -	large: "p-2"
    +	large: "p-2",
    +	xl: ""
    note src/Button.tsx:7 the classes of `xl` are still empty
    # remove
    -	| "small" // the least
    -	small: "p-1",
    -export const Button = ({ size = "small" }: { size?: Size }) => <b className={classes[size]} />
    +export const Button = ({ size = "large" }: { size?: Size }) => <b className={classes[size]} />
    # rename
    -	| "small" // the least
    +	| "s" // the least
    -	small: "p-1",
    +	s: "p-1",
    -export const Button = ({ size = "small" }: { size?: Size }) => <b className={classes[size]} />
    +export const Button = ({ size = "s" }: { size?: Size }) => <b className={classes[size]} />
    # default
    -export const Button = ({ size = "small" }: { size?: Size }) => <b className={classes[size]} />
    +export const Button = ({ size = "large" }: { size?: Size }) => <b className={classes[size]} />
    # no default
    -export const Button = ({ size = "small" }: { size?: Size }) => <b className={classes[size]} />
    +export const Button = ({ size }: { size?: Size }) => <b className={classes[size]} />
    "#);
}

#[test]
fn a_constant_array() {
    let text = "\
const sizes = ['small', 'large'] as const;
type Props = { size?: (typeof sizes)[number] };
export const Button = forwardRef<HTMLElement, Props>(function Button({ size = 'small' }, ref) { return null; });
";
    let fixture = Fixture::new(text, "Button = ").property(
        "size",
        ConstArray,
        "size?: (typeof sizes)[number]",
        sizes(Some("small")),
        &["['small', 'large']"],
        Some("size = 'small'"),
    );
    assert_snapshot!(all(&fixture), @"
    # add
    -const sizes = ['small', 'large'] as const;
    +const sizes = ['small', 'large', 'xl'] as const;
    # remove
    -const sizes = ['small', 'large'] as const;
    +const sizes = ['large'] as const;
    -export const Button = forwardRef<HTMLElement, Props>(function Button({ size = 'small' }, ref) { return null; });
    +export const Button = forwardRef<HTMLElement, Props>(function Button({ size = 'large' }, ref) { return null; });
    # rename
    -const sizes = ['small', 'large'] as const;
    +const sizes = ['s', 'large'] as const;
    -export const Button = forwardRef<HTMLElement, Props>(function Button({ size = 'small' }, ref) { return null; });
    +export const Button = forwardRef<HTMLElement, Props>(function Button({ size = 's' }, ref) { return null; });
    # default
    -export const Button = forwardRef<HTMLElement, Props>(function Button({ size = 'small' }, ref) { return null; });
    +export const Button = forwardRef<HTMLElement, Props>(function Button({ size = 'large' }, ref) { return null; });
    # no default
    -export const Button = forwardRef<HTMLElement, Props>(function Button({ size = 'small' }, ref) { return null; });
    +export const Button = forwardRef<HTMLElement, Props>(function Button({ size }, ref) { return null; });
    ");
}

#[test]
fn a_constant_object_by_its_values() {
    let text = "\
export const Size = {
  Small: 'small',
  Large: 'large',
} as const;
type Size = (typeof Size)[keyof typeof Size];
export function Button({ size = Size.Small }: { size?: Size }) { return null; }
";
    let fixture = Fixture::new(text, "function Button").property(
        "size",
        ConstObject,
        "size?: Size",
        sizes(Some("small")),
        &["  Small: 'small',\n  Large: 'large',"],
        Some("size = Size.Small }"),
    );
    assert_snapshot!(all(&fixture), @"
    # add
    +  Xl: 'xl',
    # remove
    -  Small: 'small',
    -export function Button({ size = Size.Small }: { size?: Size }) { return null; }
    +export function Button({ size = Size.Large }: { size?: Size }) { return null; }
    # rename
    -  Small: 'small',
    +  Small: 's',
    # default
    -export function Button({ size = Size.Small }: { size?: Size }) { return null; }
    +export function Button({ size = Size.Large }: { size?: Size }) { return null; }
    # no default
    -export function Button({ size = Size.Small }: { size?: Size }) { return null; }
    +export function Button({ size }: { size?: Size }) { return null; }
    ");
}

#[test]
fn a_constant_object_by_its_keys() {
    let text = "\
const sizes = { small: 'h-8', large: 'h-10' };
export function Button({ size = 'small' }: { size?: keyof typeof sizes }) { return <b className={sizes[size]} />; }
";
    let fixture = Fixture::new(text, "function Button").property(
        "size",
        ConstObject,
        "size?: keyof typeof sizes",
        sizes(Some("small")),
        &["{ small: 'h-8', large: 'h-10' }"],
        Some("size = 'small' }"),
    );
    assert_snapshot!(all(&fixture), @"
    # add
    -const sizes = { small: 'h-8', large: 'h-10' };
    +const sizes = { small: 'h-8', large: 'h-10', xl: '' };
    note src/Button.tsx:1 the classes of `xl` are still empty
    # remove
    -const sizes = { small: 'h-8', large: 'h-10' };
    -export function Button({ size = 'small' }: { size?: keyof typeof sizes }) { return <b className={sizes[size]} />; }
    +const sizes = { large: 'h-10' };
    +export function Button({ size = 'large' }: { size?: keyof typeof sizes }) { return <b className={sizes[size]} />; }
    # rename
    -const sizes = { small: 'h-8', large: 'h-10' };
    -export function Button({ size = 'small' }: { size?: keyof typeof sizes }) { return <b className={sizes[size]} />; }
    +const sizes = { s: 'h-8', large: 'h-10' };
    +export function Button({ size = 's' }: { size?: keyof typeof sizes }) { return <b className={sizes[size]} />; }
    # default
    -export function Button({ size = 'small' }: { size?: keyof typeof sizes }) { return <b className={sizes[size]} />; }
    +export function Button({ size = 'large' }: { size?: keyof typeof sizes }) { return <b className={sizes[size]} />; }
    # no default
    -export function Button({ size = 'small' }: { size?: keyof typeof sizes }) { return <b className={sizes[size]} />; }
    +export function Button({ size }: { size?: keyof typeof sizes }) { return <b className={sizes[size]} />; }
    ");
}

#[test]
fn an_enum() {
    let text = "\
export enum Size {
    Small = 'small',
    Large = 'large'
}
export const Button: React.FC<{ size?: Size }> = props => {
    const { size = Size.Small } = props;
    return null;
};
";
    let fixture = Fixture::new(text, "Button: React").property(
        "size",
        EnumDeclaration,
        "size?: Size",
        sizes(Some("small")),
        &["    Small = 'small',\n    Large = 'large'"],
        Some("size = Size.Small }"),
    );
    assert_snapshot!(all(&fixture), @"
    # add
    -    Large = 'large'
    +    Large = 'large',
    +    Xl = 'xl'
    # remove
    -    Small = 'small',
    -    const { size = Size.Small } = props;
    +    const { size = Size.Large } = props;
    # rename
    -    Small = 'small',
    +    Small = 's',
    # default
    -    const { size = Size.Small } = props;
    +    const { size = Size.Large } = props;
    # no default
    -    const { size = Size.Small } = props;
    +    const { size } = props;
    ");
}

#[test]
fn a_variant_map() {
    let text = "\
const buttonVariants = cva('base', {
  variants: {
    size: {
      small: 'h-8',
      large: 'h-10',
    },
  },
  compoundVariants: [
    { size: 'small', class: 'a' },
    { size: ['small', 'large'], class: 'b' },
  ],
  defaultVariants: {
    size: 'small',
  },
});
export function Button({ size, className }: VariantProps<typeof buttonVariants>) {
  return <b className={buttonVariants({ size, className })} />;
}
";
    let fixture = Fixture::new(text, "function Button").property(
        "size",
        VariantMap,
        "size: {\n      small: 'h-8',\n      large: 'h-10',\n    }",
        sizes(Some("small")),
        &["size: {\n      small: 'h-8',\n      large: 'h-10',\n    }"],
        Some("    size: 'small',"),
    );
    assert_snapshot!(all(&fixture), @"
    # add
    +      xl: '',
    note src/Button.tsx:5 the classes of `xl` are still empty
    # remove
    -      small: 'h-8',
    -    { size: 'small', class: 'a' },
    -    { size: ['small', 'large'], class: 'b' },
    +    { size: ['large'], class: 'b' },
    -    size: 'small',
    +    size: 'large',
    # rename
    -      small: 'h-8',
    +      s: 'h-8',
    -    { size: 'small', class: 'a' },
    -    { size: ['small', 'large'], class: 'b' },
    +    { size: 's', class: 'a' },
    +    { size: ['s', 'large'], class: 'b' },
    -    size: 'small',
    +    size: 's',
    # default
    -    size: 'small',
    +    size: 'large',
    # no default
    -  defaultVariants: {
    -    size: 'small',
    -  },
    ");
}

#[test]
fn prop_types() {
    let text = "\
export class Button extends Component {
  static defaultProps = { size: 'small', kind: 'x' }
  render() { return this.props.size === 'small' }
}
Button.propTypes = {
  size: PropTypes.oneOf(['small', 'large']),
}
";
    let fixture = Fixture::new(text, "class Button").property(
        "size",
        PropTypes,
        "size: PropTypes.oneOf(['small', 'large'])",
        sizes(Some("small")),
        &["['small', 'large']"],
        Some("{ size: 'small'"),
    );
    assert_snapshot!(all(&fixture), @"
    # add
    -  size: PropTypes.oneOf(['small', 'large']),
    +  size: PropTypes.oneOf(['small', 'large', 'xl']),
    # remove
    -  static defaultProps = { size: 'small', kind: 'x' }
    +  static defaultProps = { size: 'large', kind: 'x' }
    manual src/Button.tsx:3 `size` is still compared with `small` here
    # rename
    -  static defaultProps = { size: 'small', kind: 'x' }
    -  render() { return this.props.size === 'small' }
    +  static defaultProps = { size: 's', kind: 'x' }
    +  render() { return this.props.size === 's' }
    -  size: PropTypes.oneOf(['small', 'large']),
    +  size: PropTypes.oneOf(['s', 'large']),
    # default
    -  static defaultProps = { size: 'small', kind: 'x' }
    +  static defaultProps = { size: 'large', kind: 'x' }
    # no default
    -  static defaultProps = { size: 'small', kind: 'x' }
    +  static defaultProps = { kind: 'x' }
    ");
}

#[test]
fn a_property_definition() {
    let text = "\
const sizes = ['small', 'large'] as const;
const buttonPropDefs = {
  size: { type: 'enum', className: 'rt-r-size', values: sizes, default: 'small', responsive: true },
} satisfies Record<string, PropDef>;
export const Button = (props: ButtonProps) => null;
";
    let fixture = Fixture::new(text, "Button = ").property(
        "size",
        ConstArray,
        "size: { type: 'enum', className: 'rt-r-size', values: sizes, default: 'small', responsive: true }",
        sizes(Some("small")),
        &["['small', 'large']"],
        Some("default: 'small'"),
    );
    assert_snapshot!(all(&fixture), @"
    # add
    -const sizes = ['small', 'large'] as const;
    +const sizes = ['small', 'large', 'xl'] as const;
    # remove
    -const sizes = ['small', 'large'] as const;
    +const sizes = ['large'] as const;
    -  size: { type: 'enum', className: 'rt-r-size', values: sizes, default: 'small', responsive: true },
    +  size: { type: 'enum', className: 'rt-r-size', values: sizes, default: 'large', responsive: true },
    # rename
    -const sizes = ['small', 'large'] as const;
    +const sizes = ['s', 'large'] as const;
    -  size: { type: 'enum', className: 'rt-r-size', values: sizes, default: 'small', responsive: true },
    +  size: { type: 'enum', className: 'rt-r-size', values: sizes, default: 's', responsive: true },
    # default
    -  size: { type: 'enum', className: 'rt-r-size', values: sizes, default: 'small', responsive: true },
    +  size: { type: 'enum', className: 'rt-r-size', values: sizes, default: 'large', responsive: true },
    # no default
    -  size: { type: 'enum', className: 'rt-r-size', values: sizes, default: 'small', responsive: true },
    +  size: { type: 'enum', className: 'rt-r-size', values: sizes, responsive: true },
    ");
}
