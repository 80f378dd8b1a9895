//! Where defaults are written.

use crate::support::{contracts, render, scan_files};

#[test]
fn defaults_are_found_wherever_they_are_written() {
    insta::assert_snapshot!(contracts("
        import { forwardRef, memo, Component } from 'react';
        const Size = { Small: 's', Large: 'l' } as const;
        enum Tone { Calm = 'calm', Loud = 'loud' }
        interface P {
            size?: (typeof Size)[keyof typeof Size];
            tone?: Tone;
            on?: boolean;
            /** @default 'x' */
            doc?: 'x' | 'y';
            /** @defaultValue Size.Large */
            named?: 's' | 'l';
            computed?: 'a' | 'b';
        }
        export const InParameter = ({ size = 's', tone = Tone.Loud, on = true, computed = pick(), ...rest }: P) => <i />;
        export function InBody(props: P) { const { size = Size.Large, on = false } = props; return <i /> }
        export const Through = forwardRef<HTMLElement, P>((props, ref) => {
            const merged = useDefaults(props);
            const { tone = 'calm', doc = 'y' } = merged;
            return <i />;
        });
        export const WithStatics = memo((props: P) => <i />);
        WithStatics.defaultProps = { size: 'l', on: true };
        export class InClass extends Component<P> {
            static defaultProps = { size: 'l' };
            render() { const { tone = 'loud' } = this.props; return <i /> }
        }
        const Base = ({ size = 's', on = true, tone = 'loud' }: P) => <i />;
        export const HandsOn = ({ on, ...props }: P) => <Base on={!on} {...props} />;
    "), @"
    HandsOn
      computed: a | b
      doc: x | y = x
      named: l | s = l
      on: boolean
      size: l | s = s
      tone: calm | loud = loud
    InBody
      computed: a | b
      doc: x | y = x
      named: l | s = l
      on: boolean = false
      size: l | s = l
      tone: calm | loud
    InClass
      computed: a | b
      doc: x | y = x
      named: l | s = l
      on: boolean
      size: l | s = l
      tone: calm | loud = loud
    InParameter
      computed: a | b
      doc: x | y = x
      named: l | s = l
      on: boolean = true
      size: l | s = s
      tone: calm | loud = loud
    Through
      computed: a | b
      doc: x | y = y
      named: l | s = l
      on: boolean
      size: l | s
      tone: calm | loud = calm
    WithStatics
      computed: a | b
      doc: x | y = x
      named: l | s = l
      on: boolean = true
      size: l | s = l
      tone: calm | loud
    ");
}

#[test]
fn prop_types_stand_in_for_types() {
    let scan = scan_files(&[(
        "src/index.jsx",
        "
        import PropTypes from 'prop-types';
        export function Badge({ tone = 'calm', label, other }) { return <b /> }
        Badge.propTypes = {
            tone: PropTypes.oneOf(['calm', 'loud']).isRequired,
            size: PropTypes.oneOf(['s', 'm']),
            label: PropTypes.string.isRequired,
            icon: PropTypes.node,
            on: PropTypes.bool,
            onPress: PropTypes.func,
        };
        ",
    )]);
    insta::assert_snapshot!(render(&scan), @"
    Badge
      icon: slot
      label: text
      on: boolean
      size: m | s
      tone: calm | loud = calm
      ~ onPress: NoCounterpart, a function
      ~ other: Unresolved, it has no type
    ");
}
