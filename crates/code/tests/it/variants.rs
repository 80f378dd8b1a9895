//! `cva`, `tv` and their like.

use crate::support::{component, contracts, render, scan_files};

const BUTTON: &str = "
    import { cva, type VariantProps } from 'class-variance-authority';
    const buttonVariants = cva('base', {
        variants: {
            size: { sm: 'h-8', lg: 'h-12' },
            'tone': { calm: ['text-blue'], 'loud': ['text-red'] },
            full: { true: 'w-full', false: '' },
            checked: { true: 'on', false: 'off', mixed: 'half' },
        },
        compoundVariants: [{ size: 'sm', tone: 'loud', class: 'x' }],
        defaultVariants: { size: 'lg', full: false },
    });
    export interface ButtonProps extends React.ButtonHTMLAttributes<HTMLButtonElement>, VariantProps<typeof buttonVariants> {
        asChild?: boolean;
    }
    export const Button = React.forwardRef<HTMLButtonElement, ButtonProps>(({ size, tone = 'calm', ...props }, ref) => <button />);
";

#[test]
fn the_variants_of_cva_are_properties() {
    insta::assert_snapshot!(contracts(BUTTON), @"
    Button
      checked: false | mixed | true
      full: boolean = false
      size: lg | sm = lg
      tone: calm | loud = calm
      ~ asChild: Framework
    ");
}

#[test]
fn options_of_variants_are_known_by_their_place_and_by_their_classes() {
    let scan = scan_files(&[("src/index.tsx", BUTTON)]);
    let button = component(&scan, "Button");
    let size = &button.statement.identities.options[&"size".into()];
    let tokens: Vec<&str> =
        size[&"sm".into()].tokens().iter().map(lockstep_core::statement::Token::as_str).collect();
    assert_eq!(tokens.len(), 2, "{tokens:?}");
    assert!(tokens[0].starts_with("body:"), "{tokens:?}");
    assert_eq!(tokens[1], "pos:0/2");
    let full = &button.statement.identities.properties[&"full".into()];
    assert_eq!(full.tokens().first().map(lockstep_core::statement::Token::as_str), Some("pos:variants:2/4"));
}

#[test]
fn variants_are_followed_across_files_and_extended() {
    let scan = scan_files(&[
        ("src/index.tsx", "
            import { VariantProps } from 'tailwind-variants';
            import { card } from './variants';
            export function Card({ flat, ...props }: VariantProps<typeof card>) { return <div /> }"),
        ("src/variants.ts", "
            import { tv } from 'tailwind-variants';
            const sizes = { s: 'p-1', m: 'p-2' };
            const base = tv({ variants: { size: sizes, pad: { none: '', some: 'p' } }, defaultVariants: { size: 's' } });
            export const card = tv({ extend: base, variants: { flat: { true: 'shadow-none' }, pad: { lots: 'p-9' } } });"),
    ]);
    insta::assert_snapshot!(render(&scan), @"
    Card
      flat: boolean
      pad: lots | none | some
      size: m | s = s
    ");
}
